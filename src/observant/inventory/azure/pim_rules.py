"""What activating roles of Azure asks for: one policy for each role at each scope."""

from collections.abc import Iterator

from observant.evidence.snapshot import Json
from observant.inventory.activation_rules import RULE_COLUMNS, RULES_ABOUT, by_id, rule_values
from observant.inventory.azure.subscription import properties, role_id
from observant.inventory.table import Reading, Row, Table, text_of


def _rule(urn: str, assignment: Json) -> Iterator[Row]:
    given = properties(assignment)
    role, scope = role_id(given.get("roleDefinitionId")), text_of(given.get("scope"))
    at = scope.lower() if scope is not None else None
    label = f"PIM rules of role {role or urn} at {at or '?'}"
    yield Row(urn, label, (role, at, *rule_values(by_id(given.get("effectiveRules")))))


AZURE_ROLE_RULE = Table(
    name="azure_role_rule",
    about=(
        "The PIM rules of Azure roles at the subscription and at each scope above it where somebody may activate one "
        f"(`assigned_at`). {RULES_ABOUT}"
    ),
    columns={"role": "VARCHAR", "assigned_at": "VARCHAR"} | RULE_COLUMNS,
    readings=(Reading("azure.role_policies", "configuration", _rule),),
)
