"""How long the log is really kept: at each place it is delivered to, after everything that deletes there.

A bucket keeps an object until the first lifecycle rule that reaches it. With versions kept, expiring an object only
hides it: the version stays until the rule for noncurrent versions, or for ever where there is none. Object Lock keeps a
version for its default retention whatever the rules say. A rule counts when its prefix can reach the trail's files, and
whatever its limits of size are; one that asks for a tag does not, as CloudTrail's files have none.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
"""

import json
from collections.abc import Iterator
from typing import Any

import duckdb
from msgspec.structs import replace

from observant.analysis.aws.guarding import denies_deletion
from observant.analysis.derivation import Derivation, DerivedTable
from observant.analysis.slices import Answer, Cell, Slice, Version, shape, slices, store, taken, versions

DESTINATIONS = "aws_log_destination"
UNLIMITED = 36500
"""Days, a century: what nothing deletes."""

_OWNER = "owner"
_SHARED = ("aws_trail_bucket", "aws_log_group")
"""What a trail of one account may deliver to in another."""

Json = dict[str, Any]
Kept = tuple[int | None, str]
"""(days, why); None where it is not known."""

TABLES = {
    "aws_trail": ("bucket", "prefix", "log_group"),
    "aws_trail_bucket": (
        "name",
        "owned",
        "bucket_exists",
        "versions",
        "mfa_delete",
        "policy",
        "policy_public",
        "acl_public",
        "blocks_policy",
        "blocks_acl",
        "lock_mode",
        "lock_days",
        "lifecycle",
    ),
    "aws_log_group": ("owned", "log_group_exists", "retention_days"),
    "aws_event_data_store": ("retention_days", "is_ingesting"),
}


def bucket_keeps(bucket: dict[str, Cell], prefixes: list[str]) -> Kept:
    """What a bucket of the account keeps of files under these prefixes."""
    lifecycle, versions_kept, lock = bucket["lifecycle"], bucket["versions"], bucket["lock_days"]
    if not isinstance(lifecycle, str) or not isinstance(versions_kept, bool) or not isinstance(lock, int):
        return None, "what deletes there was not shown"
    rules = [one for one in json.loads(lifecycle) if _reaches(one, prefixes)]
    if any("Date" in _action(one, "Expiration") for one in rules):
        return None, "a lifecycle rule deletes everything on one day"
    expires = [_action(one, "Expiration")["Days"] for one in rules if "Days" in _action(one, "Expiration")]
    later = [
        _action(one, "NoncurrentVersionExpiration")["NoncurrentDays"]
        for one in rules
        if "NoncurrentDays" in _action(one, "NoncurrentVersionExpiration")
    ]
    if not expires or (versions_kept and not later):
        return UNLIMITED, "no lifecycle rule deletes log files"
    days = min(int(one) for one in expires) + (min(int(one) for one in later) if versions_kept else 0)
    if lock > days:
        return lock, f"Object Lock keeps versions for {lock} days"
    return days, f"lifecycle rules delete log files after {days} days"


def _action(rule: Json, name: str) -> Json:
    found = rule.get(name)
    return found if isinstance(found, dict) else {}


def _reaches(rule: Json, prefixes: list[str]) -> bool:
    """Whether a rule can delete files below one of the prefixes."""
    if rule.get("Status") != "Enabled":
        return False
    given = rule.get("Filter")
    whole = given if isinstance(given, dict) else {}
    inner = whole.get("And") if isinstance(whole.get("And"), dict) else whole
    assert isinstance(inner, dict)
    if inner.get("Tag") or inner.get("Tags"):
        return False
    reach = str(inner.get("Prefix") or rule.get("Prefix") or "")
    return any(reach.startswith(prefix) or prefix.startswith(reach) for prefix in prefixes)


def _prefixes(at: Slice, bucket: str) -> list[str]:
    """Where trails of this account put their files in a bucket."""
    found = [
        f"{one.values['prefix'] or ''}/AWSLogs/".lstrip("/")
        for one in at.rows("aws_trail")
        if one.values["bucket"] == bucket
    ]
    return found or ["AWSLogs/"]


def _bucket(at: Slice, one: Version) -> tuple[Cell, ...]:
    about = one.values
    if about["bucket_exists"] is False:
        return ("bucket", True, 0, "the bucket is not there", False, False, "the bucket is not there")
    if not about["owned"]:
        owned, why = _elsewhere(at, one, "the bucket")
        return ("bucket", owned, None, why, None, None, why)
    days, because = bucket_keeps(about, _prefixes(at, str(about["name"])))
    return ("bucket", True, days, because, _public(about), *_guarded(about))


def _elsewhere(at: Slice, one: Version, what: str) -> tuple[bool | None, str]:
    """What does not belong to this account is judged in its own, when somebody collects that."""
    if any(owner.member == one.member for owner in at.rows(_OWNER)):
        return False, f"{what} belongs to another account and is judged there"
    return None, f"{what} belongs to an account whose snapshots do not show it"


def _public(about: dict[str, Cell]) -> bool | None:
    """Kleene: what is public and not blocked, by policy or by access control list."""
    sides = [(about["policy_public"], about["blocks_policy"]), (about["acl_public"], about["blocks_acl"])]
    open_ = [
        False if public is False or blocked is True else None if None in (public, blocked) else True
        for public, blocked in sides
    ]
    return True if True in open_ else None if None in open_ else False


def _guarded(about: dict[str, Cell]) -> tuple[bool | None, str]:
    """Whether something keeps even administrators of the account from deleting log files at will."""
    if about["lock_mode"] in ("COMPLIANCE", "GOVERNANCE"):
        return (
            True,
            f"Object Lock in {str(about['lock_mode']).lower()} mode keeps versions for {about['lock_days']} days",
        )
    if about["mfa_delete"] is True and about["versions"] is True:
        return True, "deleting a version takes MFA"
    policy = about["policy"]
    denied = denies_deletion(policy, str(about["name"])) if isinstance(policy, str) else None
    if denied is True:
        return True, "the bucket policy denies deletion to everybody"
    if None in (denied, about["lock_mode"], about["mfa_delete"]):
        return None, "what protects the bucket was not shown"
    return False, "no Object Lock, no MFA delete, and no policy that denies deletion to everybody"


def _log_group(at: Slice, one: Version) -> tuple[Cell, ...]:
    if one.values["log_group_exists"] is False:
        return ("log group", True, 0, "the log group is not there", None, None, "")
    if not one.values["owned"]:
        owned, why = _elsewhere(at, one, "the log group")
        return ("log group", owned, None, why, None, None, "")
    days = one.values["retention_days"]
    because = f"the log group keeps events for {days} days" if days is not None else "its retention was not shown"
    return ("log group", True, days, because, None, None, "")


def _store(one: Version) -> tuple[Cell, ...]:
    days = one.values["retention_days"]
    because = (
        f"the event data store keeps events for {days} days" if days is not None else "its retention was not shown"
    )
    return ("event data store", True, days, because, None, None, "")


def _answers(connection: duckdb.DuckDBPyConnection) -> Iterator[Answer]:
    snapshots, given = taken(connection), versions(connection, TABLES)
    owners = [one for rows in given.values() for one in rows if one.table in _SHARED and one.values["owned"]]
    for scope, own in given.items():
        foreign = {one.member for one in own if one.table in _SHARED and not one.values["owned"]}
        theirs = [replace(one, table=_OWNER) for one in owners if one.member in foreign and one.scope != scope]
        for at in slices([*own, *theirs], snapshots.get(scope, [])):
            rows = [(one, _bucket(at, one)) for one in at.rows("aws_trail_bucket")]
            rows += [(one, _log_group(at, one)) for one in at.rows("aws_log_group")]
            rows += [(one, _store(one)) for one in at.rows("aws_event_data_store")]
            for one, values in rows:
                yield Answer(scope, one.member, one.label, at.start, at.end, at.earliest, at.record, values)


_COLUMNS = shape(
    kind="VARCHAR",
    owned="BOOLEAN",
    kept_days="BIGINT",
    kept_because="VARCHAR",
    public="BOOLEAN",
    guarded="BOOLEAN",
    guarded_because="VARCHAR",
)


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    store(connection, DESTINATIONS, _COLUMNS, _answers(connection))


RETENTION = Derivation(
    (
        DerivedTable(
            DESTINATIONS,
            "Where CloudTrail's logs of each account go (bucket, log group, event data store) and how long they stay "
            f"there, {UNLIMITED} days where nothing deletes them. `owned` is false for what belongs to another "
            "account that is collected, NULL for what belongs to one whose snapshots do not show it. `public` and "
            "`guarded` (against deletion) are known for buckets only.",
            _COLUMNS,
            frozenset(
                {
                    "cloudtrail.trails",
                    "s3.trail_buckets",
                    "logs.trail_log_groups",
                    "cloudtrail.event_data_stores",
                }
            ),
        ),
    ),
    _derive,
)
