"""Directory roles, who is assigned to them, and who may activate them (Privileged Identity Management).

`startDateTime` is null on assignments made outside of PIM, `endDateTime` is null on permanent ones, and what somebody
activated for some hours is an instance of its own with `assignmentType` Activated:
https://learn.microsoft.com/en-us/graph/api/resources/unifiedroleassignmentscheduleinstance
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib import resources

from observant.evidence.snapshot import Json
from observant.inventory.entra.groups import UNSEEN
from observant.inventory.table import Reading, Row, Table, Value, flag_of, text_of, time_of, unread_of
from observant.model.time import FOREVER

_BUILT_IN = json.loads(resources.files(__package__).joinpath("builtin_roles.json").read_text("utf-8"))
PRIVILEGED: frozenset[str] = frozenset(_BUILT_IN["privileged"])
"""Template ids of the built-in roles that Microsoft marks as privileged."""
_ORDINARY: frozenset[str] = frozenset(_BUILT_IN["other"])


def _is_privileged(role: Json) -> bool | None:
    """The provider's own word where it gives one (beta), else the shipped list; None for roles that nobody judged."""
    said = flag_of(role.get("isPrivileged"))
    if said is not None:
        return said
    if role.get("isBuiltIn") is not True:
        return None
    template = text_of(role.get("templateId"))
    return True if template in PRIVILEGED else False if template in _ORDINARY else None


def _role(urn: str, role: Json) -> Iterator[Row]:
    name = text_of(role.get("displayName"))
    yield Row(
        member=urn,
        label=name or urn,
        values=(
            text_of(role.get("templateId")),
            name,
            flag_of(role.get("isBuiltIn")),
            flag_of(role.get("isEnabled")),
            _is_privileged(role),
        ),
    )


ROLE = Table(
    name="entra_role",
    about=(
        "Directory roles. `privileged` is the provider's own mark where it was read, else that of the shipped list of "
        "built-in roles; NULL for custom roles."
    ),
    columns={
        "template_id": "VARCHAR",
        "display_name": "VARCHAR",
        "builtin": "BOOLEAN",
        "enabled": "BOOLEAN",
        "privileged": "BOOLEAN",
    },
    readings=(Reading("entra.role_definitions", "configuration", _role),),
)


def ends(instance: Json, name: str = "endDateTime") -> tuple[datetime | None, bool | None]:
    """(end, permanent). No end, and the end of all times, which PIM for groups writes, both mean permanent."""
    if name not in instance:
        return None, None
    end = time_of(instance[name])
    if instance[name] is None or (end is not None and end.year >= FOREVER.year):
        return None, True
    return end, None if end is None else False


def _held(instance: Json) -> tuple[Value, ...]:
    return (
        text_of(instance.get("principalId")),
        text_of(instance.get("roleDefinitionId")),
        text_of(instance.get("directoryScopeId")),
    )


def _label(instance: Json) -> str:
    return f"role {instance.get('roleDefinitionId')} of {instance.get('principalId')}"


def _grant(urn: str, grant: Json) -> Iterator[Row]:
    yield Row(urn, _label(grant), _held(grant))


_HELD = {"principal": "VARCHAR", "role": "VARCHAR", "directory_scope": "VARCHAR"}
_TIMED = {"member_type": "VARCHAR", "start_at": "TIMESTAMP", "end_at": "TIMESTAMP", "permanent": "BOOLEAN"}

ROLE_GRANT = Table(
    name="entra_role_grant",
    about=(
        "Role assignments as every licence shows them: what is activated for some hours looks like what is held for "
        "good. `role` is the id of the definition, `directory_scope` is `/` for the whole tenant."
    ),
    columns=_HELD,
    readings=(Reading("entra.role_assignments", "configuration", _grant),),
)


def _assignment(urn: str, instance: Json) -> Iterator[Row]:
    start = time_of(instance.get("startDateTime"))
    yield Row(
        member=urn,
        label=_label(instance),
        values=(
            *_held(instance),
            text_of(instance.get("assignmentType")),
            text_of(instance.get("memberType")),
            start,
            *ends(instance),
        ),
        born=start,
    )


ROLE_ASSIGNMENT = Table(
    name="entra_role_assignment",
    about=(
        "Roles that are active: `assignment_type` Assigned, or Activated for a time by somebody eligible. `start_at` "
        "is NULL for what was assigned outside of PIM, `end_at` is NULL for what has no end."
    ),
    columns=_HELD | {"assignment_type": "VARCHAR"} | _TIMED,
    readings=(Reading("entra.role_assignment_instances", "configuration", _assignment),),
)


def _eligibility(urn: str, instance: Json) -> Iterator[Row]:
    start = time_of(instance.get("startDateTime"))
    values = (*_held(instance), text_of(instance.get("memberType")), start, *ends(instance))
    yield Row(urn, _label(instance), values, born=start)


ROLE_ELIGIBILITY = Table(
    name="entra_role_eligibility",
    about="Roles that somebody may activate. `end_at` is NULL for what has no end.",
    columns=_HELD | _TIMED,
    readings=(Reading("entra.role_eligibility_instances", "configuration", _eligibility),),
)


def _in_group(assignment: bool) -> Callable[[str, Json], Iterator[Row]]:
    def rows(urn: str, instance: Json) -> Iterator[Row]:
        group = text_of(instance.get("groupId"))
        if unread_of(instance):
            nothing = (None,) * (6 if assignment else 5)
            yield Row(f"{urn} {UNSEEN}", f"unread instances of group {group or urn}", (group or urn, None, *nothing))
            return
        start = time_of(instance.get("startDateTime"))
        kind = (_lower(instance.get("assignmentType")),) if assignment else ()
        yield Row(
            member=urn,
            label=f"{instance.get('accessId')} {instance.get('principalId')} of group {group}",
            values=(
                group,
                text_of(instance.get("principalId")),
                _lower(instance.get("accessId")),
                *kind,
                text_of(instance.get("memberType")),
                start,
                *ends(instance),
            ),
            born=start,
        )

    return rows


def _lower(value: object) -> str | None:
    """PIM for groups writes `member` and `assigned`, the beta answers also `Member`."""
    return value.lower() if isinstance(value, str) else None


_IN_GROUP = {"group_id": "VARCHAR", "principal": "VARCHAR", "access": "VARCHAR"}

GROUP_ASSIGNMENT = Table(
    name="entra_group_assignment",
    about=(
        "Active membership and ownership of groups under PIM: `access` member or owner, `assignment_type` assigned or "
        "activated. `principal` is NULL where the instances of a group could not be read."
    ),
    columns=_IN_GROUP | {"assignment_type": "VARCHAR"} | _TIMED,
    readings=(Reading("entra.group_assignment_instances", "configuration", _in_group(assignment=True)),),
)

GROUP_ELIGIBILITY = Table(
    name="entra_group_eligibility",
    about=(
        "Membership and ownership of groups that somebody may activate: `access` member or owner. `principal` is NULL "
        "where the instances of a group could not be read."
    ),
    columns=_IN_GROUP | _TIMED,
    readings=(Reading("entra.group_eligibility_instances", "configuration", _in_group(assignment=False)),),
)
