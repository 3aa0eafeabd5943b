"""CloudTrail trails: what they record and whether they do."""

from collections.abc import Iterator

import msgspec

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, flag_of, text_of, time_of


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


def _selector(urn: str, selectors: Json) -> Iterator[Row]:
    yield Row(
        member=urn,
        label=_label(urn),
        values=(msgspec.json.encode(selectors, order="sorted").decode(),),
    )


TRAIL_SELECTOR = Table(
    name="aws_trail_selector",
    about="What each trail is told to record: `selectors` as AWS answers them, classic or advanced.",
    columns={"selectors": "VARCHAR"},
    readings=(Reading("cloudtrail.event_selectors", "configuration", _selector),),
)


def _public_key(urn: str, key: Json) -> Iterator[Row]:
    if "Unread" in key:
        return  # a region that refused: there is no key to name
    fingerprint, region = text_of(key.get("Fingerprint")), text_of(key.get("Region"))
    yield Row(
        member=urn,
        label=f"public key {fingerprint} of {region}",
        values=(
            region,
            fingerprint,
            text_of(key.get("Value")),
            time_of(key.get("ValidityStartTime")),
            time_of(key.get("ValidityEndTime")),
        ),
    )


PUBLIC_KEY = Table(
    name="aws_trail_public_key",
    about=(
        "CloudTrail's public keys of the regions in which trails with log file validation live, as AWS named them at "
        "each snapshot: what the signatures of digest files are verified with. `key` is DER in base64."
    ),
    columns={
        "region": "VARCHAR",
        "fingerprint": "VARCHAR",
        "key": "VARCHAR",
        "usable_from": "TIMESTAMP",
        "usable_to": "TIMESTAMP",
    },
    readings=(Reading("cloudtrail.public_keys", "configuration", _public_key),),
)
