"""Subscriptions, the roles that can be given in them, and who holds which at, above and below them."""

from collections.abc import Iterator
from typing import Any

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, Value, text_of, time_of, unread_of
from observant.model.time import FOREVER

_ANYTHING = "observant.canary/anything/write"
"""An action of no provider: only wildcards allow it."""
_ASSIGN = "microsoft.authorization/roleassignments/write"


def properties(resource: Json) -> Json:
    inner = resource.get("properties")
    return inner if isinstance(inner, dict) else {}


def _subscription(urn: str, subscription: Json) -> Iterator[Row]:
    name, tags = text_of(subscription.get("displayName")), subscription.get("tags")
    pairs = tags.items() if isinstance(tags, dict) else ()
    lines = "\n".join(sorted(" ".join(f"{key}={value}".split()) for key, value in pairs))
    yield Row(
        member=urn,
        label=f"subscription {name or urn}",
        values=(
            name,
            text_of(subscription.get("state")),
            text_of(subscription.get("tenantId")),
            lines if name is not None else None,
        ),
    )


SUBSCRIPTION = Table(
    name="azure_subscription",
    about="Subscriptions. `tags` has one line for each tag, written name=value.",
    columns={"display_name": "VARCHAR", "state": "VARCHAR", "tenant": "VARCHAR", "tags": "VARCHAR"},
    readings=(Reading("azure.subscription", "configuration", _subscription),),
)


def _matches(pattern: str, action: str) -> bool:
    """Whether an action pattern, in which `*` stands for any text, names the action (case does not matter)."""
    parts = pattern.lower().split("*")
    if len(parts) == 1:
        return parts[0] == action
    if not action.startswith(parts[0]) or len(parts[0]) + len(parts[-1]) > len(action):
        return False
    at = len(parts[0])
    for part in parts[1:-1]:
        found = action.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return action.endswith(parts[-1]) and len(action) - len(parts[-1]) >= at


def _texts(value: Any) -> list[str]:  # noqa: ANN401
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _allows(permissions: list[Json], action: str) -> bool:
    return any(
        any(_matches(each, action) for each in _texts(one.get("actions")))
        and not any(_matches(each, action) for each in _texts(one.get("notActions")))
        for one in permissions
    )


def role_id(written: Any) -> str | None:  # noqa: ANN401
    """The last part of a role definition's id: the same role has another path in each scope."""
    path = text_of(written)
    return path.rpartition("/")[2].lower() if path else None


def _role(urn: str, role: Json) -> Iterator[Row]:
    given = properties(role)
    found = given.get("permissions")
    permissions = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else None
    kind = text_of(given.get("type"))
    powers: tuple[Value, ...] = (None, None)
    if permissions is not None:
        powers = _allows(permissions, _ANYTHING), _allows(permissions, _ASSIGN)
    yield Row(
        member=urn,
        label=text_of(given.get("roleName")) or urn,
        values=(role_id(urn), text_of(given.get("roleName")), None if kind is None else kind == "BuiltInRole", *powers),
    )


ROLE = Table(
    name="azure_role",
    about=(
        "Azure roles by the last part of their id. `writes_everything` like Owner and Contributor, `assigns_roles` "
        "like Owner, User Access Administrator and Role Based Access Control Administrator: worked out from actions "
        "and notActions, so custom roles with the same power show."
    ),
    columns={
        "role": "VARCHAR",
        "role_name": "VARCHAR",
        "builtin": "BOOLEAN",
        "writes_everything": "BOOLEAN",
        "assigns_roles": "BOOLEAN",
    },
    readings=(Reading("azure.role_definitions", "configuration", _role),),
)


def level_of(scope: str) -> str:
    """Where an assignment sits: root, management group, subscription, or below it."""
    if scope in ("", "/"):
        return "root"
    if scope.lower().startswith("/providers/microsoft.management/managementgroups/"):
        return "management group"
    return "subscription" if scope.strip("/").count("/") == 1 else "below"


def _held(given: Json) -> tuple[Value, ...]:
    scope = text_of(given.get("scope"))
    return (
        text_of(given.get("principalId")),
        text_of(given.get("principalType")),
        role_id(given.get("roleDefinitionId")),
        scope.lower() if scope else None,
        level_of(scope) if scope is not None else None,
        text_of(given.get("condition")),
    )


_HELD = dict.fromkeys(("principal", "principal_kind", "role", "assigned_at", "level", "condition"), "VARCHAR")


def _label(given: Json) -> str:
    kind, principal = given.get("principalType") or "principal", given.get("principalId")
    return f"role {role_id(given.get('roleDefinitionId'))} of {kind} {principal} at {given.get('scope')}"


def _assignment(urn: str, assignment: Json) -> Iterator[Row]:
    given = properties(assignment)
    created = time_of(given.get("createdOn"))
    yield Row(urn, _label(given), (*_held(given), created), born=created)


ROLE_ASSIGNMENT = Table(
    name="azure_role_assignment",
    about=(
        "Azure roles that are given at, above and below each subscription, as seen from it. `level` says where: root, "
        "management group, subscription or below. `condition` is the attribute condition that narrows it."
    ),
    columns=_HELD | {"created_at": "TIMESTAMP"},
    readings=(Reading("azure.role_assignments", "configuration", _assignment),),
)


def _instance(urn: str, instance: Json) -> Iterator[Row]:
    given = properties(instance)
    start, end = time_of(given.get("startDateTime")), time_of(given.get("endDateTime"))
    endless = end is None or end.year >= FOREVER.year
    # ARM leaves `endDateTime` out of what has no end.
    permanent = None if unread_of(instance) or not given else endless and given.get("endDateTime") in (None, "")
    yield Row(
        member=urn,
        label=_label(given),
        values=(
            *_held(given),
            text_of(given.get("assignmentType")),
            text_of(given.get("memberType")),
            start,
            None if endless else end,
            permanent or (endless and end is not None) if permanent is not None else None,
        ),
        born=start,
    )


_TIMED = _HELD | {
    "assignment_type": "VARCHAR",
    "member_type": "VARCHAR",
    "start_at": "TIMESTAMP",
    "end_at": "TIMESTAMP",
    "permanent": "BOOLEAN",
}

ROLE_ASSIGNMENT_INSTANCE = Table(
    name="azure_role_assignment_instance",
    about="Active Azure roles as PIM sees them: `assignment_type` Assigned, or Activated for a time.",
    columns=_TIMED,
    readings=(Reading("azure.role_assignment_instances", "configuration", _instance),),
)

ROLE_ELIGIBILITY = Table(
    name="azure_role_eligibility",
    about="Azure roles that somebody may activate. `end_at` is NULL for what has no end.",
    columns=_TIMED,
    readings=(Reading("azure.role_eligibility_instances", "configuration", _instance),),
)
