"""What stands between somebody eligible and a far-reaching Azure role: the PIM rules that are passed on the way.

Those of the role, at the scope where the eligibility was given; or, where the role is given to a group for good, those
of becoming a member or an owner of that group, or of one inside of it.
"""

import duckdb

from observant.analysis.azure.privileged import PRIVILEGED
from observant.analysis.closure import reach
from observant.analysis.derivation import VALID_TIME, Derivation, DerivedTable
from observant.analysis.entra.privileged import PIM_COLLECTIONS
from observant.analysis.stretches import merged, tiled
from observant.inventory.activation_rules import RULE_COLUMNS

GATE = DerivedTable(
    name="azure_activation_gate",
    about=(
        "PIM rules that somebody passes to activate a far-reaching Azure role, given on the subscription or above it: "
        "those of the role at `assigned_at`, or those of a group (`access` member or owner) that holds one for good. "
        "All columns of the rules are NULL while no rules could be read."
    ),
    columns=VALID_TIME
    | {"kind": "VARCHAR", "passes": "VARCHAR", "assigned_at": "VARCHAR", "access": "VARCHAR"}
    | RULE_COLUMNS,
    collections=PRIVILEGED.collections | PIM_COLLECTIONS | {"azure.role_policies", "entra.group_policies"},
)

_ROOTS = """
SELECT known.scope, known.id AS root FROM known_principal AS known
WHERE known.kind = 'group' AND known.id IN (SELECT principal FROM azure_standing WHERE level IS DISTINCT FROM 'below')
"""

_IN_USE = """
CREATE OR REPLACE TEMP TABLE azure_gate_use AS
SELECT scope, 'role' AS kind, role AS passes, assigned_at, '' AS access, valid_from, valid_to, earliest, record
FROM azure_privileged_holder WHERE how = 'eligible' AND level IS DISTINCT FROM 'below'
UNION ALL
SELECT held.scope, 'group', may.group_id, '', may.access,
       greatest(may.valid_from, held.valid_from, found.valid_from, role.valid_from),
       least(may.valid_to, held.valid_to, found.valid_to, role.valid_to),
       greatest(may.earliest, held.earliest, found.earliest, role.earliest), held.record
FROM entra_group_eligibility AS may
JOIN azure_pim_reached AS found ON found.scope = may.scope AND found.node = may.group_id
 AND found.valid_from < may.valid_to AND may.valid_from < found.valid_to
JOIN azure_standing AS held ON held.principal = found.root AND held.level IS DISTINCT FROM 'below'
 AND held.valid_from < least(may.valid_to, found.valid_to)
 AND greatest(may.valid_from, found.valid_from) < held.valid_to
JOIN azure_role_version AS role ON role.scope = held.scope AND role.role = held.role
 AND (role.writes_everything IS NOT FALSE OR role.assigns_roles IS NOT FALSE)
 AND role.valid_from < least(may.valid_to, found.valid_to, held.valid_to)
 AND greatest(may.valid_from, found.valid_from, held.valid_from) < role.valid_to
WHERE may.principal IS NOT NULL
"""

_RULES = """
SELECT scope, 'role' AS kind, role AS passes, assigned_at, '' AS access, {rules}, valid_from, valid_to, earliest
FROM azure_role_rule
UNION ALL
SELECT asked.scope, 'group', group_id, '', rule.access, {rules}, valid_from, valid_to, earliest
FROM (SELECT DISTINCT scope, passes, access FROM azure_gate_used WHERE kind = 'group') AS asked
JOIN entra_group_rule AS rule ON rule.group_id = asked.passes AND rule.access = asked.access
"""

_NAMES = """
SELECT scope, role AS id, arg_max(role_name, valid_from) AS name FROM azure_role GROUP BY scope, role
UNION ALL
SELECT DISTINCT used.scope, named.id, named.name
FROM azure_gate_used AS used JOIN latest_name AS named ON named.id = used.passes WHERE used.kind = 'group'
"""

_GATES = """
INSERT INTO azure_activation_gate
SELECT used.scope, concat_ws(' ', used.kind, used.passes, nullif(used.assigned_at, ''), nullif(used.access, '')),
       used.kind || ' ' || coalesce(named.name, used.passes)
         || CASE WHEN used.kind = 'role' THEN ' at ' || coalesce(used.assigned_at, '?')
                 ELSE ' (' || used.access || ')' END,
       greatest(used.valid_from, rule.valid_from), least(used.valid_to, rule.valid_to),
       greatest(used.earliest, rule.earliest), used.record, used.kind, used.passes, used.assigned_at, used.access,
       {rules}
FROM azure_gate_used AS used
JOIN azure_gate_rule AS rule
  ON rule.scope = used.scope AND rule.kind = used.kind AND rule.passes IS NOT DISTINCT FROM used.passes
 AND rule.assigned_at IS NOT DISTINCT FROM used.assigned_at AND rule.access IS NOT DISTINCT FROM used.access
 AND rule.valid_from < used.valid_to AND used.valid_from < rule.valid_to
LEFT JOIN ({names}) AS named ON named.scope = used.scope AND named.id = used.passes
"""

_KEYS = ("scope", "kind", "passes", "assigned_at", "access")


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    """After `AZURE_PRIVILEGED`, whose parts it uses, as it does those of the tenant's groups."""
    rules = ", ".join(RULE_COLUMNS)
    reach(connection, "azure_pim_reached", _ROOTS, "pim_edge")
    connection.execute(_IN_USE)
    merged(connection, "azure_gate_used", "azure_gate_use", _KEYS)
    tiled(connection, "azure_gate_rule", _RULES.format(rules=rules), "azure_gate_used", _KEYS)
    connection.execute("DELETE FROM azure_activation_gate")
    connection.execute(_GATES.format(rules=rules, names=_NAMES))


AZURE_ACTIVATION_GATES = Derivation(tables=(GATE,), derive=_derive)
