"""The rules of Privileged Identity Management: what activating a role or a membership asks for, and for how long.

One policy assignment carries a list of rules with fixed ids, for example `Expiration_EndUser_Assignment` for how long
an activation may last: https://learn.microsoft.com/en-us/graph/identity-governance-pim-rules-overview. A rule that is
not in the list says nothing, so its columns are NULL.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, Value, flag_of, text_of, unread_of

_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:\d+(?:\.\d+)?S)?)?")
_MINUTES = (366 * 1440, 31 * 1440, 7 * 1440, 1440, 60, 1)


def minutes(written: object) -> int | None:
    """Minutes of an ISO 8601 duration such as `PT8H`; years and months count as the longest of their kind."""
    match = _DURATION.fullmatch(written) if isinstance(written, str) else None
    if match is None or not any(match.groups()):
        return None
    return sum(int(count or 0) * size for count, size in zip(match.groups(), _MINUTES, strict=True))


def _rules(assignment: Json) -> dict[str, Json]:
    policy = assignment.get("policy")
    rules = policy.get("rules") if isinstance(policy, dict) else None
    found = rules if isinstance(rules, list) else []
    return {rule["id"]: rule for rule in found if isinstance(rule, dict) and isinstance(rule.get("id"), str)}


def _asks(rule: Json, name: str) -> bool | None:
    enabled = rule.get("enabledRules")
    return name in enabled if isinstance(enabled, list) else None


def _approval(rule: Json) -> tuple[bool | None, list[tuple[str, str]] | None]:
    """(approval required, approvers as (kind, id)); a kind without an id, such as the requestor's manager, has ''."""
    setting = rule.get("setting")
    if not isinstance(setting, dict):
        return None, None
    stages = setting.get("approvalStages")
    if not isinstance(stages, list):
        return flag_of(setting.get("isApprovalRequired")), None
    listed = [each for stage in stages if isinstance(stage, dict) for each in _list(stage.get("primaryApprovers"))]
    return flag_of(setting.get("isApprovalRequired")), sorted({_approver(each) for each in listed})


def _list(value: Any) -> list[Json]:  # noqa: ANN401
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _approver(approver: Json) -> tuple[str, str]:
    kind = (text_of(approver.get("@odata.type")) or "").rpartition(".")[2] or "other"
    named = {"singleUser": ("userId", "id"), "groupMembers": ("groupId", "id")}.get(kind, ())
    return kind, next((id_ for name in named if (id_ := text_of(approver.get(name)))), "")


def _days(rule: Json) -> int | None:
    span = minutes(rule.get("maximumDuration"))
    return None if span is None else span // 1440


def rule_values(assignment: Json) -> tuple[Value, ...]:
    """The columns of RULE_COLUMNS."""
    rules = _rules(assignment)
    activation = rules.get("Expiration_EndUser_Assignment", {})
    asked = rules.get("Enablement_EndUser_Assignment", {})
    context = rules.get("AuthenticationContext_EndUser_Assignment", {})
    eligible, assigned = rules.get("Expiration_Admin_Eligibility", {}), rules.get("Expiration_Admin_Assignment", {})
    approval, approvers = _approval(rules.get("Approval_EndUser_Assignment", {}))
    return (
        minutes(activation.get("maximumDuration")),
        _asks(asked, "MultiFactorAuthentication"),
        text_of(context.get("claimValue")) or "" if context.get("isEnabled") is True else _no_context(context),
        _asks(asked, "Justification"),
        _asks(asked, "Ticketing"),
        approval,
        None if approvers is None else json.dumps([{"kind": kind, "id": id_} for kind, id_ in approvers]),
        flag_of(eligible.get("isExpirationRequired")),
        _days(eligible),
        flag_of(assigned.get("isExpirationRequired")),
        _days(assigned),
    )


def _no_context(context: Json) -> str | None:
    return "" if context.get("isEnabled") is False else None


RULE_COLUMNS = {
    "activation_max_minutes": "BIGINT",
    "activation_requires_mfa": "BOOLEAN",
    "activation_context": "VARCHAR",
    "activation_requires_justification": "BOOLEAN",
    "activation_requires_ticket": "BOOLEAN",
    "activation_requires_approval": "BOOLEAN",
    "approvers": "VARCHAR",
    "eligibility_expires": "BOOLEAN",
    "eligibility_max_days": "BIGINT",
    "assignment_expires": "BOOLEAN",
    "assignment_max_days": "BIGINT",
}
_ABOUT = (
    "`activation_context` is the authentication context that an activation asks for, '' when none; `approvers` is a "
    "JSON list of kind and id. A `…_expires` that is false allows what has no end."
)


def _target(assignment: Json) -> tuple[str | None, str | None]:
    return text_of(assignment.get("scopeId")), text_of(assignment.get("roleDefinitionId"))


def _role_rule(urn: str, assignment: Json) -> Iterator[Row]:
    _, role = _target(assignment)
    yield Row(urn, f"PIM rules of role {role or urn}", (role, *rule_values(assignment)))


ROLE_RULE = Table(
    name="entra_role_rule",
    about=f"The PIM rules of each directory role. {_ABOUT}",
    columns={"role": "VARCHAR"} | RULE_COLUMNS,
    readings=(Reading("entra.role_policies", "configuration", _role_rule),),
)


def _group_rule(urn: str, assignment: Json) -> Iterator[Row]:
    group, access = _target(assignment)
    label = f"PIM rules of group {group or urn} ({access})"
    yield Row(urn, label, (group, access, *rule_values(assignment)))


GROUP_RULE = Table(
    name="entra_group_rule",
    about=f"The PIM rules of membership and ownership of groups: `access` member or owner. {_ABOUT}",
    columns={"group_id": "VARCHAR", "access": "VARCHAR"} | RULE_COLUMNS,
    readings=(Reading("entra.group_policies", "configuration", _group_rule),),
)


def _approvers(of_group: bool) -> Callable[[str, Json], Iterator[Row]]:
    def rows(urn: str, assignment: Json) -> Iterator[Row]:
        if unread_of(assignment):
            return
        group, target = _target(assignment)
        required, approvers = _approval(_rules(assignment).get("Approval_EndUser_Assignment", {}))
        named = f"group {group} ({target})" if of_group else f"role {target}"
        for kind, id_ in approvers or ():
            label = f"approver {kind} {id_} of {named}".replace("  ", " ")
            yield Row(f"{urn} {kind} {id_}", label, (group if of_group else target, required, kind, id_ or None))

    return rows


APPROVER = Table(
    name="entra_approver",
    about=(
        "Who is named to approve activations: `passes` is the role or the group, `kind` is singleUser, groupMembers or "
        "another kind, which has no id."
    ),
    columns={"passes": "VARCHAR", "required": "BOOLEAN", "kind": "VARCHAR", "approver": "VARCHAR"},
    readings=(
        Reading("entra.role_policies", "configuration", _approvers(of_group=False)),
        Reading("entra.group_policies", "configuration", _approvers(of_group=True)),
    ),
)
