"""What the directory audit log tells of roles, and of membership in groups, that were activated.

Privileged Identity Management writes an event when an activation is asked for, approved, and completed, and when it
ends. The reason stands with the request; with the completion only where nobody had to approve. Membership in a group
and its ownership are logged in the category GroupManagement as roles called Member and Owner, beside the group:
https://learn.microsoft.com/entra/id-governance/privileged-identity-management/pim-how-to-use-audit-log
"""

from collections.abc import Iterator
from typing import Any

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, text_of, time_of

_ACTIONS = {
    "add member to role requested (pim activation)": "requested",
    "add member to role completed (pim activation)": "begun",
    "add member to role request approved (pim activation)": "approved",
    "remove member from role (pim activation expired)": "ended",
    "remove member from role completed (pim deactivate)": "ended",
    "remove member from role (pim deactivate)": "ended",
}
_PEOPLE = ("user", "serviceprincipal", "group")


def _event(urn: str, event: Json) -> Iterator[Row]:
    action = _ACTIONS.get((text_of(event.get("activityDisplayName")) or "").strip().lower())
    if action is None or text_of(event.get("result")) not in (None, "success"):
        return
    role, at, details = _target(event, ("role",)), time_of(event.get("activityDateTime")), _details(event)
    of_group = str(event.get("category")).lower() == "groupmanagement"
    group = _target(event, ("group",)) if of_group else {}
    person = _target(event, _PEOPLE[:2] if of_group else _PEOPLE)
    what = group or role
    name = text_of(what.get("displayName")) or text_of(what.get("id"))
    yield Row(
        member=urn,
        label=f"activation of {name} {action}",
        values=(
            action,
            at,
            text_of(person.get("id")) or _initiator(event, "id"),
            None if of_group else text_of(role.get("id")),
            text_of(group.get("id")),
            (text_of(role.get("displayName")) or "").lower() if of_group else None,
            text_of(event.get("resultReason")) or details.get("justification", ""),
            details.get("ticketnumber"),
            time_of(details.get("expirationtime")),
            _initiator(event, "userPrincipalName"),
        ),
        born=at,
    )


def _target(event: Json, kinds: tuple[str, ...]) -> Json:
    targets = event.get("targetResources")
    for target in targets if isinstance(targets, list) else []:
        if isinstance(target, dict) and str(target.get("type")).lower() in kinds:
            return target
    return {}


def _details(event: Json) -> dict[str, str]:
    """`additionalDetails` by key in lower case; PIM's keys differ in case from event to event."""
    listed: Any = event.get("additionalDetails")
    pairs = [
        (text_of(one.get("key")), text_of(one.get("value")))
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict)
    ]
    return {key.lower(): value for key, value in pairs if key and value}


def _initiator(event: Json, name: str) -> str | None:
    by = event.get("initiatedBy")
    user = by.get("user") if isinstance(by, dict) else None
    return text_of(user.get(name)) if isinstance(user, dict) else None


ACTIVATION_EVENT = Table(
    name="entra_activation_event",
    about=(
        "What the directory audit log tells of activations of roles, or of membership in groups (`group_id`, `access` "
        "member or owner): `action` is requested, approved, begun or ended; "
        "`justification` and `ticket` are what was given, `expires_at` the end that was asked for, `actor` who did it."
    ),
    columns={
        "action": "VARCHAR",
        "happened_at": "TIMESTAMP",
        "principal": "VARCHAR",
        "role": "VARCHAR",
        "group_id": "VARCHAR",
        "access": "VARCHAR",
        "justification": "VARCHAR",
        "ticket": "VARCHAR",
        "expires_at": "TIMESTAMP",
        "actor": "VARCHAR",
    },
    readings=(Reading("entra.directory_audits", "configuration", _event),),
)
