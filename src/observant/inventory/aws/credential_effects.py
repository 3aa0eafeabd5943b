"""What events do to credentials: passwords, MFA devices, access keys."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from observant.inventory.aws.changes import inner
from observant.inventory.aws.known import Known
from observant.inventory.aws.told import APPEARS, BECOMES, TABLES, VANISHES, Event, Rule, Told, told
from observant.inventory.replay import Effect
from observant.inventory.table import Value, text_of
from observant.model.time import text


def password(columns: dict[str, Value]) -> Rule:
    def rule(event: Event, known: Known) -> Iterator[Told]:
        urn = known.principal("user", text_of(event.request.get("userName")) or event.caller or "")
        if urn is not None:
            yield told(event, "aws_credential", urn, BECOMES, columns)

    return rule


def device(event: Event, known: Known) -> Iterator[Told]:
    serial = text_of(event.request.get("serialNumber"))
    serial = serial or text_of(inner(event.response, "virtualMFADevice").get("serialNumber"))
    name = text_of(event.request.get("userName")) or event.caller or ""
    urn = known.principal("user", name)
    if serial is None:
        return
    virtual = ":mfa/" in serial
    collection = TABLES["aws_mfa_device"][0 if virtual else 1]
    label = f"{'virtual' if virtual else 'hardware'} MFA device {serial.rpartition('/')[2]}"
    kind = {"kind": "virtual" if virtual else "hardware"}

    def about(effect: Effect, columns: Mapping[str, Value] | None = None) -> Told:
        return told(event, "aws_mfa_device", serial, effect, columns, label, collection)

    if event.name in ("CreateVirtualMFADevice", "EnableMFADevice"):
        yield about(APPEARS, kind)
    if event.name == "EnableMFADevice":
        yield about(BECOMES, {"owner": urn, "enabled_at": None})
    if event.name == "DeactivateMFADevice":
        yield about(BECOMES, {"owner": None, "enabled_at": None}) if virtual else about(VANISHES)
    if event.name == "DeleteVirtualMFADevice":
        yield about(VANISHES)
    if urn is not None and event.name in ("EnableMFADevice", "DeactivateMFADevice"):
        # Whether another device is left after one was taken away, only the next reading tells.
        active = True if event.name == "EnableMFADevice" else None
        yield told(event, "aws_credential", urn, BECOMES, {"mfa_active": active})


def access_key(event: Event, known: Known) -> Iterator[Told]:
    made = inner(event.response, "accessKey")
    name = text_of(event.request.get("userName")) or text_of(made.get("userName")) or event.caller or ""
    urn = known.principal("user", name)
    if urn is None:
        return
    yield told(event, "aws_credential", urn, BECOMES, {"key_1_active": None, "key_2_active": None})
    key_id = text_of(event.request.get("accessKeyId")) or text_of(made.get("accessKeyId")) or ""
    if event.name == "CreateAccessKey":
        created = created_at(made.get("createDate")) or event.at
        member = known.key_created(urn, key_id, created) or f"{urn}/access-key/{text(created)}"
        columns: dict[str, Value] = {"owner": urn, "is_root": False, "active": True, "created_at": created}
        yield told(event, "aws_access_key", member, APPEARS, columns, f"access key of {name}")
        return
    active = event.request.get("status") == "Active" if event.name == "UpdateAccessKey" else None
    found = known.key(urn, key_id, event.at, active=active)
    if found is not None:
        effect = BECOMES if event.name == "UpdateAccessKey" else VANISHES
        yield told(event, "aws_access_key", found, effect, {"active": active} if effect is BECOMES else {})


def created_at(written: object) -> datetime | None:
    """CloudTrail's own way to write a key's creation (`Feb 3, 2026 10:00:00 AM`, UTC), or ISO 8601."""
    if not isinstance(written, str):
        return None
    for form in ("%b %d, %Y %I:%M:%S %p", "%b %d, %Y, %I:%M:%S %p", "%Y-%m-%dT%H:%M:%SZ"):
        try:
            return datetime.strptime(written.replace("\u202f", " "), form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
