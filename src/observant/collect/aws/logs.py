"""The rest of the log chain: regions, CloudTrail Lake, and the log groups that trails deliver to."""

from collections.abc import Iterator

from observant.collect.aws.paging import instead, listed
from observant.collect.aws.part import Declaration, Part, Reading
from observant.collect.aws.unread import Unread
from observant.evidence.snapshot import Collection, Entity, Json

REGIONS_COLLECTION = "ec2.regions"


def _regions(reading: Reading) -> Iterator[Collection]:
    """Regions that the account has switched on: in the others nothing can be done."""
    regions = reading.call("ec2", "DescribeRegions")["Regions"]
    yield Collection(REGIONS_COLLECTION, [Entity(region["RegionName"], region) for region in regions])


def _stores(reading: Reading) -> Iterator[Collection]:
    """A store is listed in its home region only, and a call for each region of the world would double the cost of a
    small account: asked are the region that calls are sent to and those of the trails. A store elsewhere is not seen,
    which can make an account look recorded less than it is, never more. A region that refuses says so.
    """
    found: list[Entity] = []
    trails = reading.need("cloudtrail.trails").entities
    homes = {trail.configuration["HomeRegion"] for trail in trails if "HomeRegion" in trail.configuration}
    for region in sorted({reading.session.region, *homes}):
        try:
            stores = listed(reading, "cloudtrail", "ListEventDataStores", "EventDataStores", region)
            found += [_store(reading, region, one["EventDataStoreArn"]) for one in stores]
        except Unread as unread:
            found.append(Entity(f"{region}#every", {"HomeRegion": region, **instead(unread)}))
    yield Collection("cloudtrail.event_data_stores", found)


def _store(reading: Reading, region: str, arn: str) -> Entity:
    try:
        answer = reading.session.call("cloudtrail", "GetEventDataStore", region, EventDataStore=arn)
        return Entity(arn, {**answer, "HomeRegion": region})
    except Unread as unread:
        return Entity(arn, {"EventDataStoreArn": arn, "HomeRegion": region, **instead(unread)})


def _log_groups(reading: Reading) -> Iterator[Collection]:
    """The log groups of this account that its trails deliver to; those of other accounts are read there."""
    named = {
        trail.configuration["CloudWatchLogsLogGroupArn"].removesuffix(":*")
        for trail in reading.need("cloudtrail.trails").entities
        if trail.configuration.get("CloudWatchLogsLogGroupArn")
    }
    yield Collection("logs.trail_log_groups", [_log_group(reading, arn) for arn in sorted(named)])


def _log_group(reading: Reading, arn: str) -> Entity:
    region, account, name = arn.split(":")[3], arn.split(":")[4], arn.partition(":log-group:")[2]
    told: Json = {"LogGroupArn": arn, "LogGroupName": name, "OwnedByThisAccount": account == reading.account}
    if account != reading.account:
        return Entity(arn, told)
    try:
        groups = listed(reading, "logs", "DescribeLogGroups", "logGroups", region, "nextToken", logGroupNamePrefix=name)
    except Unread as unread:
        return Entity(arn, {**told, **instead(unread)})
    here = next((one for one in groups if one["logGroupName"] == name), None)
    # How much is stored changes by itself and says nothing about how long.
    kept = {key: value for key, value in (here or {}).items() if key != "storedBytes"}
    return Entity(arn, {**told, "Exists": here is not None, **kept})


REGIONS = Part(Declaration((REGIONS_COLLECTION,), {"DescribeRegions": ("ec2:DescribeRegions",)}), _regions)

EVENT_DATA_STORES = Part(
    Declaration(
        ("cloudtrail.event_data_stores",),
        {
            "ListEventDataStores": ("cloudtrail:ListEventDataStores",),
            "GetEventDataStore": ("cloudtrail:GetEventDataStore",),
        },
    ),
    _stores,
)

TRAIL_LOG_GROUPS = Part(
    Declaration(("logs.trail_log_groups",), {"DescribeLogGroups": ("logs:DescribeLogGroups",)}), _log_groups
)
