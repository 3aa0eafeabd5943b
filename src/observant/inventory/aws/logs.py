"""The log chain behind CloudTrail: buckets, log groups, event data stores, and the regions they must cover."""

from collections.abc import Iterator

import msgspec

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, flag_of, number_of, text_of, time_of

UNLIMITED = 36500
"""Days, a century: what nothing deletes."""

_PUBLIC = ("global/AllUsers", "global/AuthenticatedUsers")


def _region(urn: str, _: Json) -> Iterator[Row]:
    yield Row(member=urn, label=urn, values=())


REGION = Table(
    name="aws_region",
    about="Regions that the account has switched on.",
    columns={},
    readings=(Reading("ec2.regions", "configuration", _region),),
)


def _bucket(urn: str, bucket: Json) -> Iterator[Row]:
    created = time_of(bucket.get("CreationDate"))
    yield Row(
        member=urn,
        label=f"bucket {bucket.get('Name')}",
        values=(text_of(bucket.get("Name")), text_of(bucket.get("BucketRegion"))),
        born=created,
    )


BUCKET = Table(
    name="aws_bucket",
    about="Buckets of the account. `region` is NULL where the listing does not say.",
    columns={"name": "VARCHAR", "region": "VARCHAR"},
    readings=(Reading("s3.buckets", "configuration", _bucket),),
)


def _text(value: object) -> str | None:
    return None if value is None else msgspec.json.encode(value, order="sorted").decode()


def _public_acl(grants: object) -> bool | None:
    if not isinstance(grants, list):
        return None
    grantees = (one.get("Grantee") for one in grants if isinstance(one, dict))
    uris = [text_of(one.get("URI")) or "" for one in grantees if isinstance(one, dict)]
    return any(uri.endswith(_PUBLIC) for uri in uris)


def _lock(setting: object) -> tuple[str | None, int | None]:
    """Mode and days of the default retention; ("", 0) where new objects get none."""
    if setting is None:
        return "", 0
    rule = setting.get("Rule") if isinstance(setting, dict) else None
    default = rule.get("DefaultRetention") if isinstance(rule, dict) else None
    if rule is None:
        return "", 0
    if not isinstance(default, dict):
        return None, None
    days, years = number_of(default.get("Days")), number_of(default.get("Years"))
    return text_of(default.get("Mode")), days if days is not None else years * 365 if years is not None else None


def _part(holder: object, name: str) -> bool | None:
    """One flag of a setting; false where the setting is not there at all."""
    if holder is None:
        return False
    return flag_of(holder.get(name)) if isinstance(holder, dict) else None


def _trail_bucket(urn: str, bucket: Json) -> Iterator[Row]:
    owned = flag_of(bucket.get("OwnedByThisAccount"))
    exists = flag_of(bucket.get("Exists"))
    read = bool(owned and exists)
    versioning = bucket.get("Versioning") if isinstance(bucket.get("Versioning"), dict) else None
    status = None if versioning is None else versioning.get("Status")
    mode, days = _lock(bucket.get("ObjectLock")) if read else (None, None)
    yield Row(
        member=urn,
        label=f"log bucket {bucket.get('Name')}",
        values=(
            text_of(bucket.get("Name")),
            owned,
            exists,
            None if versioning is None else status == "Enabled",
            None if versioning is None else versioning.get("MFADelete") == "Enabled",
            text_of(bucket.get("Policy")) or ("" if read else None),
            _part(bucket.get("PolicyStatus"), "IsPublic") if read else None,
            _public_acl(bucket.get("Acl")) if read else None,
            _part(bucket.get("PublicAccessBlock"), "RestrictPublicBuckets") if read else None,
            _part(bucket.get("PublicAccessBlock"), "IgnorePublicAcls") if read else None,
            mode,
            days,
            (_text(bucket.get("LifecycleRules")) or "[]") if read else None,
        ),
    )


TRAIL_BUCKET = Table(
    name="aws_trail_bucket",
    about=(
        "Buckets that trails of the account deliver to. Where the bucket belongs to another account (`owned` is false) "
        "only that it is there is known. `versions`: what replaces or hides an object "
        "keeps it as an old version (not where versioning is suspended). `policy` is empty where there "
        "is none. `lock_mode` and `lock_days` are the default retention of Object Lock, empty and 0 where there is "
        "none. `lifecycle` are the rules as JSON."
    ),
    columns={
        "name": "VARCHAR",
        "owned": "BOOLEAN",
        "bucket_exists": "BOOLEAN",
        "versions": "BOOLEAN",
        "mfa_delete": "BOOLEAN",
        "policy": "VARCHAR",
        "policy_public": "BOOLEAN",
        "acl_public": "BOOLEAN",
        "blocks_policy": "BOOLEAN",
        "blocks_acl": "BOOLEAN",
        "lock_mode": "VARCHAR",
        "lock_days": "BIGINT",
        "lifecycle": "VARCHAR",
    },
    readings=(Reading("s3.trail_buckets", "configuration", _trail_bucket),),
)


def _log_group(urn: str, group: Json) -> Iterator[Row]:
    owned, exists = flag_of(group.get("OwnedByThisAccount")), flag_of(group.get("Exists"))
    unread = "Unread" in group or not owned
    days = None if unread else number_of(group.get("retentionInDays", UNLIMITED))
    yield Row(member=urn, label=f"log group {group.get('LogGroupName')}", values=(owned, exists, days))


LOG_GROUP = Table(
    name="aws_log_group",
    about=(
        "CloudWatch log groups that trails of the account deliver to. "
        f"`retention_days` is {UNLIMITED} where nothing ever expires."
    ),
    columns={"owned": "BOOLEAN", "log_group_exists": "BOOLEAN", "retention_days": "BIGINT"},
    readings=(Reading("logs.trail_log_groups", "configuration", _log_group),),
)


_GOING, _GOING_DAYS = "PENDING_DELETION", 7
"""AWS deletes such a store after seven days, whatever its retention is."""


def _store(urn: str, store: Json) -> Iterator[Row]:
    status = text_of(store.get("Status"))
    selectors = store.get("AdvancedEventSelectors")
    yield Row(
        member=urn,
        label=f"event data store {store.get('Name') or urn}",
        values=(
            None if status is None else status == "ENABLED",
            flag_of(store.get("MultiRegionEnabled")),
            flag_of(store.get("OrganizationEnabled")),
            text_of(store.get("HomeRegion")),
            number_of(store.get("RetentionPeriod")) if status != _GOING else _GOING_DAYS,
            _text({"AdvancedEventSelectors": selectors}) if isinstance(selectors, list) else None,
        ),
        born=time_of(store.get("CreatedTimestamp")),
    )


EVENT_DATA_STORE = Table(
    name="aws_event_data_store",
    about=(
        "Event data stores of CloudTrail Lake in the regions of the account's trails and the one that calls are sent "
        "to. A row whose `is_ingesting` and `selectors` are NULL stands for one, or "
        "for all of a region, that could not be read. `retention_days` is what is left of one that is being deleted."
    ),
    columns={
        "is_ingesting": "BOOLEAN",
        "multi_region": "BOOLEAN",
        "organization": "BOOLEAN",
        "home_region": "VARCHAR",
        "retention_days": "BIGINT",
        "selectors": "VARCHAR",
    },
    readings=(Reading("cloudtrail.event_data_stores", "configuration", _store),),
)


def _delivery(urn: str, usage: Json) -> Iterator[Row]:
    errors = [text_of(usage.get(name)) for name in ("LatestDeliveryError", "LatestDigestDeliveryError")]
    yield Row(
        member=urn,
        label=f"trail {urn.rpartition('/')[2]}",
        values=(time_of(usage.get("LatestDeliveryTime")), "; ".join(filter(None, errors))),
    )


TRAIL_DELIVERY = Table(
    name="aws_trail_delivery",
    about="When each trail last delivered, at the moment of the snapshot, and the bucket's error where there was one.",
    columns={"last_delivery": "TIMESTAMP", "error": "VARCHAR"},
    readings=(Reading("cloudtrail.trail_status", "usage", _delivery),),
)
