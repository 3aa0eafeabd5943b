"""What a CloudTrail event did, in terms of the tables: which member appeared, vanished or became something else.

Events name principals by name and tables by ARN, so names are looked up among the members that were ever seen and the
ARNs that events gave. What cannot be told for certain (two roles of one name over time, a key that no event and no
reading ties to its id) has no effect here: the change is listed, and the boundary stays as wide as the readings leave
it. Formats: https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
"""

from collections.abc import Iterator

import msgspec

from observant.inventory.aws.changes import inner
from observant.inventory.aws.credential_effects import access_key, device, password
from observant.inventory.aws.known import Known
from observant.inventory.aws.told import APPEARS, BECOMES, TABLES, TOUCHES, VANISHES, Event, Rule, Told, told
from observant.inventory.replay import Effect
from observant.inventory.table import Value, flag_of, text_of

__all__ = ["NARROWING", "TABLES", "Event", "Told", "effects"]


def effects(event: Event, known: Known) -> list[Told]:
    """What the event did to members of tables; nothing for events that are listed only."""
    rule = _RULES.get(event.name)
    return list(rule(event, known)) if rule is not None else []


# -- principals


def _principal(kind: str, effect: Effect) -> Rule:
    def rule(event: Event, known: Known) -> Iterator[Told]:
        name = text_of(event.request.get(f"{kind}Name")) or ""
        urn = known.principal(kind, name, text_of(inner(event.response, kind).get("arn")))
        if urn is None:
            return
        yield told(event, f"aws_{kind}", urn, effect, label=name)
        if kind == "user":
            yield told(event, "aws_credential", urn, effect, {"is_root": False}, name)

    return rule


def _membership(effect: Effect) -> Rule:
    def rule(event: Event, known: Known) -> Iterator[Told]:
        name, group = text_of(event.request.get("userName")) or "", text_of(event.request.get("groupName"))
        urn = known.principal("user", name)
        if urn is not None and group:
            columns = {"principal": urn, "group_name": group}
            yield told(event, "aws_membership", f"{urn} {group}", effect, columns, f"{name} in group {group}")

    return rule


# -- policies


def _attachment(kind: str, effect: Effect) -> Rule:
    def rule(event: Event, known: Known) -> Iterator[Told]:
        name, arn = text_of(event.request.get(f"{kind}Name")) or "", text_of(event.request.get("policyArn"))
        urn = known.principal(kind, name)
        if urn is None or arn is None:
            return
        title = arn.rpartition("/")[2]
        columns = _attached(urn, kind, name, "managed", arn, title)
        label = f"policy {title} on {kind} {name}"
        yield told(event, "aws_attachment", f"{urn} {arn}", effect, columns, label, f"iam.{kind}s")
        if kind == "user":
            yield told(event, "aws_user", urn, BECOMES, {"attached_policies": None})

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


def _inline(kind: str, effect: Effect) -> Rule:
    def rule(event: Event, known: Known) -> Iterator[Told]:
        name, title = text_of(event.request.get(f"{kind}Name")) or "", text_of(event.request.get("policyName"))
        urn = known.principal(kind, name)
        if urn is None or title is None:
            return
        member, collection = f"{urn} inline/{title}", f"iam.{kind}s"
        document = _document(event.request.get("policyDocument"))
        columns = {**_attached(urn, kind, name, "inline", None, title), "document": document}
        label = f"inline policy {title} of {kind} {name}"
        yield told(event, "aws_attachment", member, effect, columns, label, collection)
        if effect is APPEARS:
            yield told(event, "aws_attachment", member, BECOMES, {"document": document}, collection=collection)
        if kind == "user":
            yield told(event, "aws_user", urn, BECOMES, {"inline_policies": None})

    return rule


def _document(written: object) -> str | None:
    """The document in the spelling of the tables; None when it is none."""
    try:
        read = msgspec.json.decode(written) if isinstance(written, str) else written
    except (msgspec.MsgspecError, RecursionError):
        return None
    return msgspec.json.encode(read, order="sorted").decode() if isinstance(read, dict) else None


def _policy(effect: Effect) -> Rule:
    def rule(event: Event, _: Known) -> Iterator[Told]:
        arn = text_of(event.request.get("policyArn")) or text_of(inner(event.response, "policy").get("arn"))
        if arn is None:
            return
        document = _document(event.request.get("policyDocument"))
        columns: dict[str, Value] = {"origin": "customer", "document": document}
        yield told(event, "aws_managed_policy", arn, effect, columns, arn.rpartition("/")[2])

    return rule


def _version(event: Event, _: Known) -> Iterator[Told]:
    arn = text_of(event.request.get("policyArn"))
    sets = event.name == "SetDefaultPolicyVersion" or flag_of(event.request.get("setAsDefault"))
    if arn is not None and sets:
        yield told(event, "aws_managed_policy", arn, TOUCHES)


# -- trails


def _logging(active: bool) -> Rule:
    def rule(event: Event, known: Known) -> Iterator[Told]:
        arn = known.trail(text_of(event.request.get("name")) or "")
        if arn is not None:
            yield told(event, "aws_trail_status", arn, BECOMES, {"is_logging": active})

    return rule


def _trail(effect: Effect, *tables: str) -> Rule:
    def rule(event: Event, known: Known) -> Iterator[Told]:
        named = (event.response.get("trailARN"), event.request.get("trailName"), event.request.get("name"))
        arn = known.trail(next((found for one in named if (found := text_of(one))), ""))
        if arn is None:
            return
        for table in tables:
            label = f"trail {arn.rpartition('/')[2]}"
            columns: dict[str, Value] = {"is_logging": False} if table == "aws_trail_status" else {}
            yield told(event, table, arn, effect, columns, label)

    return rule


_RULES: dict[str, Rule] = {
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
    "CreateLoginProfile": password({"password_enabled": True, "password_changed_at": None}),
    "DeleteLoginProfile": password({"password_enabled": False, "password_changed_at": None}),
    "UpdateLoginProfile": password({"password_changed_at": None}),
    "ChangePassword": password({"password_changed_at": None}),
    "CreateVirtualMFADevice": device,
    "EnableMFADevice": device,
    "DeactivateMFADevice": device,
    "DeleteVirtualMFADevice": device,
    "CreateAccessKey": access_key,
    "UpdateAccessKey": access_key,
    "DeleteAccessKey": access_key,
    "StartLogging": _logging(True),
    "StopLogging": _logging(False),
    "CreateTrail": _trail(APPEARS, "aws_trail", "aws_trail_status"),
    "UpdateTrail": _trail(TOUCHES, "aws_trail"),
    "DeleteTrail": _trail(VANISHES, "aws_trail", "aws_trail_status", "aws_trail_selector"),
    "PutEventSelectors": _trail(TOUCHES, "aws_trail_selector"),
}

NARROWING = frozenset(_RULES)
"""Events with an effect on the tables; the others are listed as changes."""
