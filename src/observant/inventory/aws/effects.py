"""What a CloudTrail event did, in terms of the tables: which member appeared, vanished or became something else.

Events name principals by name and tables by ARN, so names are looked up among the members that were ever seen and the
ARNs that events gave. What cannot be told for certain (two roles of one name over time, a key that no event and no
reading ties to its id) has no effect here: the change is listed, and the boundary stays as wide as the readings leave
it. Formats: https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from observant.evidence.snapshot import Json
from observant.inventory.aws.changes import inner
from observant.inventory.aws.known import Known
from observant.inventory.replay import Effect, Happening
from observant.inventory.table import Value, flag_of, text_of
from observant.model.time import text

APPEARS, VANISHES, BECOMES, TOUCHES = Effect.APPEARS, Effect.VANISHES, Effect.BECOMES, Effect.TOUCHES

TABLES: dict[str, tuple[str, ...]] = {
    "aws_user": ("iam.users",),
    "aws_group": ("iam.groups",),
    "aws_role": ("iam.roles",),
    "aws_membership": ("iam.users",),
    "aws_attachment": ("iam.users", "iam.groups", "iam.roles"),
    "aws_managed_policy": ("iam.policies",),
    "aws_credential": ("iam.credential_report",),
    "aws_access_key": ("iam.credential_report",),
    "aws_mfa_device": ("iam.virtual_mfa_devices", "iam.mfa_devices"),
    "aws_trail": ("cloudtrail.trails",),
    "aws_trail_status": ("cloudtrail.trail_status",),
    "aws_trail_selector": ("cloudtrail.event_selectors",),
}
"""Tables that events speak about -> the collections they are made from."""


class Event(NamedTuple):
    """An event that succeeded, reduced to what effects need."""

    at: datetime
    record: int
    name: str
    request: Json
    response: Json
    caller: str | None
    """Name of the IAM user who called, for calls about oneself."""


class Told(NamedTuple):
    """An effect on one member of one table."""

    table: str
    collection: str
    member: str
    happening: Happening


_Rule = Callable[[Event, Known], Iterator[Told]]


def effects(event: Event, known: Known) -> list[Told]:
    """What the event did to members of tables; nothing for events that are listed only."""
    rule = _RULES.get(event.name)
    return list(rule(event, known)) if rule is not None else []


def _told(
    event: Event,
    table: str,
    member: str,
    effect: Effect,
    columns: Mapping[str, Value] | None = None,
    label: str = "",
    collection: str = "",
) -> Told:
    happening = Happening(event.at, event.record, effect, columns or {}, label)
    return Told(table, collection or TABLES[table][0], member, happening)


# -- principals


def _principal(kind: str, effect: Effect) -> _Rule:
    def rule(event: Event, known: Known) -> Iterator[Told]:
        name = text_of(event.request.get(f"{kind}Name")) or ""
        urn = known.principal(kind, name, text_of(inner(event.response, kind).get("arn")))
        if urn is None:
            return
        yield _told(event, f"aws_{kind}", urn, effect, label=name)
        if kind == "user":
            yield _told(event, "aws_credential", urn, effect, {"is_root": False}, name)

    return rule


def _membership(effect: Effect) -> _Rule:
    def rule(event: Event, known: Known) -> Iterator[Told]:
        name, group = text_of(event.request.get("userName")) or "", text_of(event.request.get("groupName"))
        urn = known.principal("user", name)
        if urn is not None and group:
            columns = {"principal": urn, "group_name": group}
            yield _told(event, "aws_membership", f"{urn} {group}", effect, columns, f"{name} in group {group}")

    return rule


# -- policies


def _attachment(kind: str, effect: Effect) -> _Rule:
    def rule(event: Event, known: Known) -> Iterator[Told]:
        name, arn = text_of(event.request.get(f"{kind}Name")) or "", text_of(event.request.get("policyArn"))
        urn = known.principal(kind, name)
        if urn is None or arn is None:
            return
        title = arn.rpartition("/")[2]
        columns = _attached(urn, kind, name, "managed", arn, title)
        label = f"policy {title} on {kind} {name}"
        yield _told(event, "aws_attachment", f"{urn} {arn}", effect, columns, label, f"iam.{kind}s")
        if kind == "user":
            yield _told(event, "aws_user", urn, BECOMES, {"attached_policies": None})

    return rule


def _attached(urn: str, kind: str, name: str, policy_kind: str, arn: str | None, title: str) -> dict[str, Value]:
    return {
        "principal": urn,
        "principal_kind": kind,
        "principal_name": name,
        "policy_kind": policy_kind,
        "policy_arn": arn,
        "policy_name": title,
    }


def _inline(kind: str, effect: Effect) -> _Rule:
    def rule(event: Event, known: Known) -> Iterator[Told]:
        name, title = text_of(event.request.get(f"{kind}Name")) or "", text_of(event.request.get("policyName"))
        urn = known.principal(kind, name)
        if urn is None or title is None:
            return
        member, collection = f"{urn} inline/{title}", f"iam.{kind}s"
        document = _document(event.request.get("policyDocument"))
        columns = {**_attached(urn, kind, name, "inline", None, title), "document": document}
        label = f"inline policy {title} of {kind} {name}"
        yield _told(event, "aws_attachment", member, effect, columns, label, collection)
        if effect is APPEARS:
            yield _told(event, "aws_attachment", member, BECOMES, {"document": document}, collection=collection)
        if kind == "user":
            yield _told(event, "aws_user", urn, BECOMES, {"inline_policies": None})

    return rule


def _document(written: object) -> str | None:
    """The document in the spelling of the tables; None when it is none."""
    try:
        read = msgspec.json.decode(written) if isinstance(written, str) else written
    except (msgspec.MsgspecError, RecursionError):
        return None
    return msgspec.json.encode(read, order="sorted").decode() if isinstance(read, dict) else None


def _policy(effect: Effect) -> _Rule:
    def rule(event: Event, _: Known) -> Iterator[Told]:
        arn = text_of(event.request.get("policyArn")) or text_of(inner(event.response, "policy").get("arn"))
        if arn is None:
            return
        document = _document(event.request.get("policyDocument"))
        columns: dict[str, Value] = {"owner": "customer", "document": document}
        yield _told(event, "aws_managed_policy", arn, effect, columns, arn.rpartition("/")[2])

    return rule


def _version(event: Event, _: Known) -> Iterator[Told]:
    arn = text_of(event.request.get("policyArn"))
    sets = event.name == "SetDefaultPolicyVersion" or flag_of(event.request.get("setAsDefault"))
    if arn is not None and sets:
        yield _told(event, "aws_managed_policy", arn, TOUCHES)


# -- credentials


def _password(columns: dict[str, Value]) -> _Rule:
    def rule(event: Event, known: Known) -> Iterator[Told]:
        urn = known.principal("user", text_of(event.request.get("userName")) or event.caller or "")
        if urn is not None:
            yield _told(event, "aws_credential", urn, BECOMES, columns)

    return rule


def _device(event: Event, known: Known) -> Iterator[Told]:
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

    def device(effect: Effect, columns: Mapping[str, Value] | None = None) -> Told:
        return _told(event, "aws_mfa_device", serial, effect, columns, label, collection)

    if event.name in ("CreateVirtualMFADevice", "EnableMFADevice"):
        yield device(APPEARS, kind)
    if event.name == "EnableMFADevice":
        yield device(BECOMES, {"owner": urn, "enabled_at": None})
    if event.name == "DeactivateMFADevice":
        yield device(BECOMES, {"owner": None, "enabled_at": None}) if virtual else device(VANISHES)
    if event.name == "DeleteVirtualMFADevice":
        yield device(VANISHES)
    if urn is not None and event.name in ("EnableMFADevice", "DeactivateMFADevice"):
        # Whether another device is left after one was taken away, only the next reading tells.
        active = True if event.name == "EnableMFADevice" else None
        yield _told(event, "aws_credential", urn, BECOMES, {"mfa_active": active})


def _access_key(event: Event, known: Known) -> Iterator[Told]:
    made = inner(event.response, "accessKey")
    name = text_of(event.request.get("userName")) or text_of(made.get("userName")) or event.caller or ""
    urn = known.principal("user", name)
    if urn is None:
        return
    yield _told(event, "aws_credential", urn, BECOMES, {"key_1_active": None, "key_2_active": None})
    key_id = text_of(event.request.get("accessKeyId")) or text_of(made.get("accessKeyId")) or ""
    if event.name == "CreateAccessKey":
        created = created_at(made.get("createDate")) or event.at
        member = known.key_created(urn, key_id, created) or f"{urn}/access-key/{text(created)}"
        columns: dict[str, Value] = {"owner": urn, "is_root": False, "active": True, "created_at": created}
        yield _told(event, "aws_access_key", member, APPEARS, columns, f"access key of {name}")
        return
    active = event.request.get("status") == "Active" if event.name == "UpdateAccessKey" else None
    found = known.key(urn, key_id, event.at, active=active)
    if found is not None:
        effect = BECOMES if event.name == "UpdateAccessKey" else VANISHES
        yield _told(event, "aws_access_key", found, effect, {"active": active} if effect is BECOMES else {})


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


# -- trails


def _logging(active: bool) -> _Rule:  # noqa: FBT001
    def rule(event: Event, known: Known) -> Iterator[Told]:
        arn = known.trail(text_of(event.request.get("name")) or "")
        if arn is not None:
            yield _told(event, "aws_trail_status", arn, BECOMES, {"is_logging": active})

    return rule


def _trail(effect: Effect, *tables: str) -> _Rule:
    def rule(event: Event, known: Known) -> Iterator[Told]:
        named = (event.response.get("trailARN"), event.request.get("trailName"), event.request.get("name"))
        arn = known.trail(next((found for one in named if (found := text_of(one))), ""))
        if arn is None:
            return
        for table in tables:
            label = f"trail {arn.rpartition('/')[2]}"
            columns: dict[str, Value] = {"is_logging": False} if table == "aws_trail_status" else {}
            yield _told(event, table, arn, effect, columns, label)

    return rule


_RULES: dict[str, _Rule] = {
    **{
        f"{verb}{kind.title()}{what}": make(kind, effect)
        for kind in ("user", "group", "role")
        for verb, what, make, effect in (
            ("Create", "", _principal, APPEARS),
            ("Delete", "", _principal, VANISHES),
            ("Attach", "Policy", _attachment, APPEARS),
            ("Detach", "Policy", _attachment, VANISHES),
            ("Put", "Policy", _inline, APPEARS),
            ("Delete", "Policy", _inline, VANISHES),
        )
    },
    "AddUserToGroup": _membership(APPEARS),
    "RemoveUserFromGroup": _membership(VANISHES),
    "CreatePolicy": _policy(APPEARS),
    "DeletePolicy": _policy(VANISHES),
    "CreatePolicyVersion": _version,
    "SetDefaultPolicyVersion": _version,
    "CreateLoginProfile": _password({"password_enabled": True, "password_changed_at": None}),
    "DeleteLoginProfile": _password({"password_enabled": False, "password_changed_at": None}),
    "UpdateLoginProfile": _password({"password_changed_at": None}),
    "ChangePassword": _password({"password_changed_at": None}),
    "CreateVirtualMFADevice": _device,
    "EnableMFADevice": _device,
    "DeactivateMFADevice": _device,
    "DeleteVirtualMFADevice": _device,
    "CreateAccessKey": _access_key,
    "UpdateAccessKey": _access_key,
    "DeleteAccessKey": _access_key,
    "StartLogging": _logging(True),  # noqa: FBT003
    "StopLogging": _logging(False),  # noqa: FBT003
    "CreateTrail": _trail(APPEARS, "aws_trail", "aws_trail_status"),
    "UpdateTrail": _trail(TOUCHES, "aws_trail"),
    "DeleteTrail": _trail(VANISHES, "aws_trail", "aws_trail_status", "aws_trail_selector"),
    "PutEventSelectors": _trail(TOUCHES, "aws_trail_selector"),
}

NARROWING = frozenset(_RULES)
"""Events with an effect on the tables; the others are listed as changes."""
