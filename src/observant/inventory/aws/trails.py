"""CloudTrail trails: what they record and whether they do."""

from collections.abc import Iterator

import msgspec

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, flag_of, text_of


def _label(urn: str) -> str:
    return f"trail {urn.rpartition('/')[2]}"


def _trail(urn: str, trail: Json) -> Iterator[Row]:
    yield Row(
        member=urn,
        label=_label(urn),
        values=(
            flag_of(trail.get("IsMultiRegionTrail")),
            flag_of(trail.get("IsOrganizationTrail")),
            flag_of(trail.get("IncludeGlobalServiceEvents")),
            flag_of(trail.get("LogFileValidationEnabled")),
            text_of(trail.get("S3BucketName")),
            text_of(trail.get("HomeRegion")),
            text_of(trail.get("S3KeyPrefix")) or "",
            text_of(trail.get("KmsKeyId")) or "",
            text_of(trail.get("CloudWatchLogsLogGroupArn")) or "",
        ),
    )


TRAIL = Table(
    name="aws_trail",
    about=(
        "CloudTrail trails, shadow trails of other regions counted once through their ARN. `prefix`, `kms_key` and "
        "`log_group` are empty where there is none."
    ),
    columns={
        "multi_region": "BOOLEAN",
        "organization": "BOOLEAN",
        "global_events": "BOOLEAN",
        "log_validation": "BOOLEAN",
        "bucket": "VARCHAR",
        "home_region": "VARCHAR",
        "prefix": "VARCHAR",
        "kms_key": "VARCHAR",
        "log_group": "VARCHAR",
    },
    readings=(Reading("cloudtrail.trails", "configuration", _trail),),
)


def _status(urn: str, status: Json) -> Iterator[Row]:
    yield Row(member=urn, label=_label(urn), values=(flag_of(status.get("IsLogging")),))


TRAIL_STATUS = Table(
    name="aws_trail_status",
    about="Whether each trail is recording.",
    columns={"is_logging": "BOOLEAN"},
    readings=(Reading("cloudtrail.trail_status", "configuration", _status),),
)


def management_events(selectors: Json) -> bool | None:
    """Whether these selectors record all management events, reads and writes of every service; None if unreadable.

    Classic and advanced selectors per
    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html
    """
    classic, advanced = selectors.get("EventSelectors"), selectors.get("AdvancedEventSelectors")
    if isinstance(advanced, list) and advanced:
        return any(_all_management(one.get("FieldSelectors")) for one in advanced if isinstance(one, dict))
    if isinstance(classic, list):
        return any(_classic_management(one) for one in classic if isinstance(one, dict))
    return None


def _classic_management(selector: Json) -> bool:
    return (
        selector.get("IncludeManagementEvents") is True
        and selector.get("ReadWriteType", "All") == "All"
        and not selector.get("ExcludeManagementEventSources")
    )


def _all_management(fields: object) -> bool:
    """An advanced selector narrows with every field it names, so only the bare category records everything."""
    if not isinstance(fields, list):
        return False
    category = [one for one in fields if isinstance(one, dict) and one.get("Field") == "eventCategory"]
    return len(fields) == 1 and len(category) == 1 and category[0].get("Equals") == ["Management"]


def _selector(urn: str, selectors: Json) -> Iterator[Row]:
    yield Row(
        member=urn,
        label=_label(urn),
        values=(management_events(selectors), msgspec.json.encode(selectors, order="sorted").decode()),
    )


TRAIL_SELECTOR = Table(
    name="aws_trail_selector",
    about="What each trail is told to record. `management_events`: reads and writes of every service.",
    columns={"management_events": "BOOLEAN", "selectors": "VARCHAR"},
    readings=(Reading("cloudtrail.event_selectors", "configuration", _selector),),
)
