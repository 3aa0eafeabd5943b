"""What activating directory roles and the membership in groups asks for: one policy assignment for each."""

from collections.abc import Callable, Iterator

from observant.evidence.snapshot import Json
from observant.inventory.activation_rules import RULE_COLUMNS, RULES_ABOUT, Rules, approval, by_id, rule_values
from observant.inventory.table import Reading, Row, Table, text_of, unread_of


def _rules(assignment: Json) -> Rules:
    policy = assignment.get("policy")
    return by_id(policy.get("rules") if isinstance(policy, dict) else None)


def _target(assignment: Json) -> tuple[str | None, str | None]:
    return text_of(assignment.get("scopeId")), text_of(assignment.get("roleDefinitionId"))


def _role_rule(urn: str, assignment: Json) -> Iterator[Row]:
    _, role = _target(assignment)
    yield Row(urn, f"PIM rules of role {role or urn}", (role, *rule_values(_rules(assignment))))


ROLE_RULE = Table(
    name="entra_role_rule",
    about=f"The PIM rules of each directory role. {RULES_ABOUT}",
    columns={"role": "VARCHAR"} | RULE_COLUMNS,
    readings=(Reading("entra.role_policies", "configuration", _role_rule),),
)


def _group_rule(urn: str, assignment: Json) -> Iterator[Row]:
    group, access = _target(assignment)
    label = f"PIM rules of group {group or urn} ({access})"
    yield Row(urn, label, (group, access, *rule_values(_rules(assignment))))


GROUP_RULE = Table(
    name="entra_group_rule",
    about=f"The PIM rules of membership and ownership of groups: `access` member or owner. {RULES_ABOUT}",
    columns={"group_id": "VARCHAR", "access": "VARCHAR"} | RULE_COLUMNS,
    readings=(Reading("entra.group_policies", "configuration", _group_rule),),
)


def _approvers(of_group: bool) -> Callable[[str, Json], Iterator[Row]]:
    def rows(urn: str, assignment: Json) -> Iterator[Row]:
        if unread_of(assignment):
            return
        group, target = _target(assignment)
        required, approvers = approval(_rules(assignment).get("Approval_EndUser_Assignment", {}))
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
