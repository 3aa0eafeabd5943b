"""CloudTrail: every trail of the account in any region, whether it records, and what."""

import base64
from collections.abc import Iterator

from observant.collect.aws.paging import instead, listed
from observant.collect.aws.part import Declaration, Part, Reading
from observant.collect.aws.unread import Unread
from observant.collect.shapes.trails import status_of
from observant.evidence.snapshot import Collection, Entity, GapReason, Json, Reconciliation


def _listed(reading: Reading) -> list[str]:
    """ARNs of the trails of all regions: the count that DescribeTrails, which knows one region, is compared with."""
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = reading.call("cloudtrail", "ListTrails", **token)
        found += [trail["TrailARN"] for trail in page["Trails"]]
        following = page.get("NextToken")
        if not following:
            return found
        if token.get("NextToken") == following:
            raise Unread(GapReason.TRUNCATED, "cloudtrail:ListTrails: the same token came twice")
        token = {"NextToken": following}


def _trails(reading: Reading) -> Iterator[Collection]:
    listed = _listed(reading)
    described = reading.call("cloudtrail", "DescribeTrails", includeShadowTrails=True)["trailList"]
    known = {trail["TrailARN"] for trail in described}
    elsewhere = [arn for arn in listed if arn not in known]
    if elsewhere:  # trails of one region only, which this region does not know
        described += reading.call("cloudtrail", "DescribeTrails", trailNameList=elsewhere)["trailList"]
    trails = {trail["TrailARN"]: Entity(trail["TrailARN"], trail) for trail in described}
    present = sum(arn in trails for arn in listed)
    compared = [Reconciliation("ListTrails", len(listed), present)]
    if present < len(listed):
        raise Unread(GapReason.TRUNCATED, f"ListTrails names {len(listed)} trails, DescribeTrails {present} of them")
    yield Collection("cloudtrail.trails", list(trails.values()), reconciled=compared)


def _each(reading: Reading, operation: str, parameter: str) -> Iterator[tuple[str, Json]]:
    for trail in reading.need("cloudtrail.trails").entities:
        region = trail.configuration.get("HomeRegion", "")
        yield trail.urn, reading.session.call("cloudtrail", operation, region, **{parameter: trail.urn})


def _status(reading: Reading) -> Iterator[Collection]:
    found = [status_of(arn, answer) for arn, answer in _each(reading, "GetTrailStatus", "Name")]
    yield Collection("cloudtrail.trail_status", found)


def _selectors(reading: Reading) -> Iterator[Collection]:
    answered = _each(reading, "GetEventSelectors", "TrailName")
    yield Collection("cloudtrail.event_selectors", [Entity(arn, answer) for arn, answer in answered])


def _public_keys(reading: Reading) -> Iterator[Collection]:
    """The keys in use now, of the regions that digests come from. AWS names old ones only to whoever knows when."""
    validated = [one for one in reading.need("cloudtrail.trails").entities if one.configuration.get(_VALIDATED)]
    found: list[Entity] = []
    for region in sorted({str(one.configuration.get("HomeRegion", "")) for one in validated}):
        try:
            keys = listed(reading, "cloudtrail", "ListPublicKeys", "PublicKeyList", region)
        except Unread as unread:
            found.append(Entity(f"{region}#every", {"Region": region, **instead(unread)}))
            continue
        for key in keys:
            told = {**key, "Value": base64.b64encode(key["Value"]).decode(), "Region": region}
            found.append(Entity(f"{region} {key['Fingerprint']}", told))
    yield Collection("cloudtrail.public_keys", found)


_VALIDATED = "LogFileValidationEnabled"

TRAILS = Part(
    Declaration(
        ("cloudtrail.trails",),
        {"ListTrails": ("cloudtrail:ListTrails",), "DescribeTrails": ("cloudtrail:DescribeTrails",)},
    ),
    _trails,
)

TRAIL_STATUS = Part(
    Declaration(("cloudtrail.trail_status",), {"GetTrailStatus": ("cloudtrail:GetTrailStatus",)}), _status
)

EVENT_SELECTORS = Part(
    Declaration(("cloudtrail.event_selectors",), {"GetEventSelectors": ("cloudtrail:GetEventSelectors",)}), _selectors
)

PUBLIC_KEYS = Part(
    Declaration(("cloudtrail.public_keys",), {"ListPublicKeys": ("cloudtrail:ListPublicKeys",)}), _public_keys
)
