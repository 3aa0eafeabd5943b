"""Users, groups, roles and policies, all from GetAccountAuthorizationDetails.

One paged call instead of nine calls for each user. What it answers is kept field for field; policy documents stay the
text that AWS sent, URL-decoded, because two texts that parse alike need not be the same evidence.
"""

from collections.abc import Iterator

from observant.collect.aws.part import Declaration, Part, Reading, pages
from observant.collect.aws.unread import Unread
from observant.collect.shapes.authorization import LISTS, compare, entity_of, listing
from observant.evidence.snapshot import Collection, Entity, GapReason, Reconciliation


def _read(reading: Reading) -> Iterator[Collection]:
    entities: dict[str, list[Entity]] = {name: [] for name in LISTS.values()}
    seen: set[str] = set()
    for page in pages(reading, "GetAccountAuthorizationDetails"):
        for field, name in LISTS.items():
            for detail in page.pop(field, ()):
                entity = entity_of(detail)
                if entity.urn in seen:
                    raise Unread(GapReason.FAILED, f"iam:GetAccountAuthorizationDetails: {entity.urn} came twice")
                seen.add(entity.urn)
                entities[name].append(entity)
    compared = _compared(reading, entities)
    for name, found in entities.items():
        yield listing(name, found, compared.get(name, []))


def _compared(reading: Reading, entities: dict[str, list[Entity]]) -> dict[str, list[Reconciliation]]:
    """Against GetAccountSummary; read again when the counts differ, as something may just have been created."""
    counts = reading.counts
    compared = compare(counts, entities)
    if not counts or all(one.expected == one.actual for listed in compared.values() for one in listed):
        return compared
    try:
        return compare(reading.call("iam", "GetAccountSummary")["SummaryMap"], entities)
    except Unread:
        return compared


AUTHORIZATION = Part(
    Declaration(
        tuple(LISTS.values()),
        {
            "GetAccountAuthorizationDetails": ("iam:GetAccountAuthorizationDetails",),
            "GetAccountSummary": ("iam:GetAccountSummary",),
        },
    ),
    _read,
)
