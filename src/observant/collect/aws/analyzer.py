"""IAM Access Analyzer: what AWS itself finds open to the outside, and granted but unused.

Unused access is AWS's own reading of last-accessed data, for every principal in one listing instead of two calls for
each. An analyzer is of one region, and there is none in most: asked are the region that calls are sent to and those of
the trails, as for event data stores. An analyzer elsewhere is not seen, which never makes an account look better.
Findings that are open are read; what was archived or resolved is gone from the listing, and so from the next snapshot.
"""

from collections.abc import Iterator

from observant.collect.aws.paging import instead, token_pages
from observant.collect.aws.part import Declaration, Part, Reading
from observant.collect.aws.unread import Unread
from observant.evidence.snapshot import Collection, Entity, GapReason, Json

SERVICE = "accessanalyzer"
ANALYZERS_COLLECTION = "accessanalyzer.analyzers"
MOST_FINDINGS = 5000
"""Of one analyzer. Whoever has more open findings than that does not work through them one by one."""

_OPEN = {"status": {"eq": ["ACTIVE"]}}
_MOVES = frozenset({"lastResourceAnalyzed", "lastResourceAnalyzedAt", "analyzedAt", "updatedAt"})
"""Change with every analysis, whatever it found."""


def _regions(reading: Reading) -> list[str]:
    """Without the trails, whose gap is told elsewhere, the region of the session is what is left to ask."""
    trails = reading.found["cloudtrail.trails"].entities
    homes = {trail.configuration["HomeRegion"] for trail in trails if "HomeRegion" in trail.configuration}
    return sorted({reading.session.region, *homes})


def _entity(urn: str, answer: Json, **more: str) -> Entity:
    usage = {key: value for key, value in answer.items() if key in _MOVES}
    kept = {key: value for key, value in answer.items() if key not in _MOVES}
    return Entity(urn, {**kept, **more}, usage or None)


def _analyzers(reading: Reading) -> Iterator[Collection]:
    """Every region that was asked is an entity, too: no analyzer there is an answer. All refusing is a gap."""
    found: list[Entity] = []
    refused: list[Unread] = []
    for region in _regions(reading):
        told: Json = {"Region": region}
        try:
            pages = list(token_pages(reading, SERVICE, "ListAnalyzers", region, "nextToken"))
        except Unread as unread:
            refused.append(unread)
            found.append(Entity(f"{region}#asked", {**told, **instead(unread)}))
            continue
        found.append(Entity(f"{region}#asked", told))
        found += [_entity(one["arn"], one, Region=region) for page in pages for one in page["analyzers"]]
    if len(refused) == len(found):
        raise refused[0]
    yield Collection(ANALYZERS_COLLECTION, found)


def _findings(reading: Reading) -> Iterator[Collection]:
    found: list[Entity] = []
    for analyzer in reading.need(ANALYZERS_COLLECTION).entities:
        if analyzer.configuration.get("status") != "ACTIVE" and "Unread" not in analyzer.configuration:
            continue  # one that is off, or the note that a region was asked
        try:
            found += _of_analyzer(reading, analyzer)
        except Unread as unread:
            found.append(Entity(f"{analyzer.urn}#every", {"arn": analyzer.urn, **instead(unread)}))
    yield Collection("accessanalyzer.findings", found)


def _of_analyzer(reading: Reading, analyzer: Entity) -> list[Entity]:
    if hidden := analyzer.configuration.get("Unread"):
        raise Unread(GapReason(hidden["reason"]), hidden["detail"])
    region, arn = analyzer.configuration["Region"], analyzer.urn
    found: list[Entity] = []
    for page in token_pages(
        reading, SERVICE, "ListFindingsV2", region, "nextToken", analyzerArn=arn, filter=_OPEN, maxResults=100
    ):
        found += [_entity(f"{arn}/finding/{one['id']}", one, analyzerArn=arn) for one in page["findings"]]
        if len(found) > MOST_FINDINGS:
            raise Unread(GapReason.TRUNCATED, f"{SERVICE}:ListFindingsV2: more than {MOST_FINDINGS} open findings")
    return found


ANALYZERS = Part(
    Declaration((ANALYZERS_COLLECTION,), {"ListAnalyzers": ("access-analyzer:ListAnalyzers",)}), _analyzers
)

FINDINGS = Part(
    Declaration(("accessanalyzer.findings",), {"ListFindingsV2": ("access-analyzer:ListFindings",)}), _findings
)
