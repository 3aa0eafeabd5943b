"""What the credential report says: one row per user with a password, one per access key, and when each was used.

Cells (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html): `N/A` and `no_information`
in a last-used cell both mean "not used since AWS began to record use", so they become BEGINNING and not NULL;
`not_supported`, an empty or an unreadable cell says nothing and becomes NULL.
"""

from collections.abc import Iterator
from datetime import datetime

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, Value, time_of
from observant.inventory.use import carries_on, still_in_use
from observant.model.time import BEGINNING, text

_NEVER = frozenset({"N/A", "no_information"})
_SLOTS = ("1", "2")


def _flag(cell: object) -> bool | None:
    return {"true": True, "false": False}.get(cell.lower()) if isinstance(cell, str) else None


def _last_used(cell: object) -> datetime | None:
    return BEGINNING if cell in _NEVER else time_of(cell)


def _is_root(urn: str) -> bool:
    return urn.endswith(":root")


def _name(urn: str) -> str:
    return f"root user of account {urn.split(':')[4]}" if _is_root(urn) else urn.rpartition("/")[2]


def _credential(urn: str, row: Json) -> Iterator[Row]:
    created = time_of(row.get("user_creation_time"))
    yield Row(
        member=urn,
        label=_name(urn),
        values=(
            _is_root(urn),
            created,
            _flag(row.get("password_enabled")),
            time_of(row.get("password_last_changed")),
            _flag(row.get("mfa_active")),
            *(_flag(row.get(f"access_key_{slot}_active")) for slot in _SLOTS),
        ),
        born=created,
    )


CREDENTIAL = Table(
    name="aws_credential",
    about="Users of the credential report, the root user included: password and MFA.",
    columns={
        "is_root": "BOOLEAN",
        "created_at": "TIMESTAMP",
        "password_enabled": "BOOLEAN",
        "password_changed_at": "TIMESTAMP",
        "mfa_active": "BOOLEAN",
        "key_1_active": "BOOLEAN",
        "key_2_active": "BOOLEAN",
    },
    readings=(Reading("iam.credential_report", "configuration", _credential),),
)


def _credential_usage(urn: str, usage: Json) -> Iterator[Row]:
    password = _last_used(usage.get("password_last_used"))
    keys = [_last_used(usage.get(f"access_key_{slot}_last_used_date")) for slot in _SLOTS]
    known = [moment for moment in (password, *keys) if moment is not None]
    # The latest use of any kind is known only when every kind is known.
    last = max(known) if len(known) == 1 + len(_SLOTS) else None
    yield Row(member=urn, label=_name(urn), values=(password, *keys, last))


CREDENTIAL_USAGE = Table(
    name="aws_credential_usage",
    about=(
        "When each user of the credential report last signed in or used a key. 1970-01-01 means never; NULL in "
        "`last_used` means that at least one of the parts is not known. Uses less than 7 days apart are one row, which "
        "has the last of them."
    ),
    columns={
        "password_last_used": "TIMESTAMP",
        "key_1_last_used": "TIMESTAMP",
        "key_2_last_used": "TIMESTAMP",
        "last_used": "TIMESTAMP",
    },
    readings=(Reading("iam.credential_report", "usage", _credential_usage),),
    absorbs=still_in_use,
)


def _root_usage(urn: str, usage: Json) -> Iterator[Row]:
    if _is_root(urn):
        keys = [_last_used(usage.get(f"access_key_{slot}_last_used_date")) for slot in _SLOTS]
        yield Row(member=urn, label=_name(urn), values=(_last_used(usage.get("password_last_used")), *keys))


ROOT_USAGE = Table(
    name="aws_root_usage",
    about="When the root user's password and keys were last used: each new time is a row. 1970-01-01 means never.",
    columns={"password_last_used": "TIMESTAMP", "key_1_last_used": "TIMESTAMP", "key_2_last_used": "TIMESTAMP"},
    readings=(Reading("iam.credential_report", "usage", _root_usage),),
)


def _key_name(urn: str, row: Json, slot: str) -> str:
    """Slots are reused, creation times are not: a rotated key is another key."""
    created = time_of(row.get(f"access_key_{slot}_last_rotated"))
    twin = _SLOTS[1 - _SLOTS.index(slot)]
    same_second = created is not None and created == time_of(row.get(f"access_key_{twin}_last_rotated"))
    if created is None or same_second:
        return f"{urn}/access-key/slot-{slot}"
    return f"{urn}/access-key/{text(created)}"


def _access_keys(urn: str, row: Json) -> Iterator[Row]:
    for slot in _SLOTS:
        created = time_of(row.get(f"access_key_{slot}_last_rotated"))
        active = _flag(row.get(f"access_key_{slot}_active"))
        if created is None and active is False:
            continue  # the report writes `false` and `N/A` where there is no key
        yield Row(
            member=_key_name(urn, row, slot),
            label=f"access key {slot} of {_name(urn)}",
            values=(urn, int(slot), _is_root(urn), active, created),
            born=created,
        )


ACCESS_KEY = Table(
    name="aws_access_key",
    about=(
        "Access keys of the credential report, active or not. The report names no key ids: a key is its user and its "
        "creation time. `owner` is the user's ARN."
    ),
    columns={
        "owner": "VARCHAR",
        "slot": "BIGINT",
        "is_root": "BOOLEAN",
        "active": "BOOLEAN",
        "created_at": "TIMESTAMP",
    },
    readings=(Reading("iam.credential_report", "configuration", _access_keys),),
)


def _still_in_use_key(old: tuple[Value, ...], new: tuple[Value, ...], at: datetime) -> bool:
    return old[:2] == new[:2] and carries_on(old[2], new[2], at)


def _access_key_usage(urn: str, usage: Json) -> Iterator[Row]:
    for slot in _SLOTS:
        yield Row(
            member=f"{urn}#{slot}",
            label=f"access key {slot} of {_name(urn)}",
            values=(urn, int(slot), _last_used(usage.get(f"access_key_{slot}_last_used_date"))),
        )


ACCESS_KEY_USAGE = Table(
    name="aws_access_key_usage",
    about=(
        "When the access key in each slot of a user was last used. 1970-01-01 means never. Uses less than 7 days apart "
        "are one row, which has the last of them."
    ),
    columns={"owner": "VARCHAR", "slot": "BIGINT", "last_used": "TIMESTAMP"},
    readings=(Reading("iam.credential_report", "usage", _access_key_usage),),
    absorbs=_still_in_use_key,
)


def _mfa_device(urn: str, device: Json) -> Iterator[Row]:
    user = device.get("User")
    owner = user.get("Arn") if isinstance(user, dict) else device.get("UserName")
    kind = "virtual" if ":mfa/" in urn else "hardware"
    yield Row(
        member=urn,
        label=f"{kind} MFA device {urn.rpartition('/')[2]}",
        values=(owner if isinstance(owner, str) else None, kind, time_of(device.get("EnableDate"))),
    )


MFA_DEVICE = Table(
    name="aws_mfa_device",
    about="MFA devices and whom they belong to.",
    columns={"owner": "VARCHAR", "kind": "VARCHAR", "enabled_at": "TIMESTAMP"},
    readings=(
        Reading("iam.virtual_mfa_devices", "configuration", _mfa_device),
        Reading("iam.mfa_devices", "configuration", _mfa_device),
    ),
)
