"""What stands between somebody eligible and a privileged role: the PIM rules that are really passed on the way.

A role that is given to a group for good is activated by activating the membership: then the group's rules count, and
those of the role are passed by nobody. A gate exists only while somebody may go through it.
"""

import duckdb

from observant.analysis.derivation import VALID_TIME, Derivation, DerivedTable
from observant.analysis.entra.privileged import PIM_COLLECTIONS
from observant.analysis.stretches import merged, tiled
from observant.inventory.activation_rules import RULE_COLUMNS

GATE = DerivedTable(
    name="entra_activation_gate",
    about=(
        "PIM rules that somebody passes to activate a privileged role: those of the role, or of the group (`access` "
        "member or owner) that holds it for good. All columns of the rules are NULL while no rules could be read."
    ),
    columns=VALID_TIME | {"kind": "VARCHAR", "passes": "VARCHAR", "access": "VARCHAR"} | RULE_COLUMNS,
    collections=PIM_COLLECTIONS | {"entra.role_policies", "entra.group_policies"},
)

# `pim_reached` has each group also as reached from itself.
_IN_USE = """
CREATE OR REPLACE TEMP TABLE gate_use AS
SELECT held.scope, 'role' AS kind, held.role AS passes, '' AS access,
       greatest(held.valid_from, role.valid_from) AS valid_from, least(held.valid_to, role.valid_to) AS valid_to,
       greatest(held.earliest, role.earliest) AS earliest, held.record
FROM entra_role_eligibility AS held JOIN role_version AS role
  ON role.scope = held.scope AND role.role = held.role AND role.privileged IS NOT FALSE
 AND role.valid_from < held.valid_to AND held.valid_from < role.valid_to
UNION ALL
SELECT may.scope, 'group', may.group_id, may.access,
       greatest(may.valid_from, held.valid_from, found.valid_from, role.valid_from),
       least(may.valid_to, held.valid_to, found.valid_to, role.valid_to),
       greatest(may.earliest, held.earliest, found.earliest, role.earliest), may.record
FROM entra_group_eligibility AS may
JOIN pim_reached AS found ON found.scope = may.scope AND found.node = may.group_id
 AND found.valid_from < may.valid_to AND may.valid_from < found.valid_to
JOIN role_held AS held ON held.scope = may.scope AND held.principal = found.root AND held.holding = 0
 AND held.valid_from < least(may.valid_to, found.valid_to)
 AND greatest(may.valid_from, found.valid_from) < held.valid_to
JOIN role_version AS role ON role.scope = held.scope AND role.role = held.role AND role.privileged IS NOT FALSE
 AND role.valid_from < least(may.valid_to, found.valid_to, held.valid_to)
 AND greatest(may.valid_from, found.valid_from, held.valid_from) < role.valid_to
WHERE may.principal IS NOT NULL
"""

_RULES = """
SELECT scope, 'role' AS kind, role AS passes, '' AS access, {rules}, valid_from, valid_to, earliest FROM entra_role_rule
UNION ALL
SELECT scope, 'group', group_id, access, {rules}, valid_from, valid_to, earliest FROM entra_group_rule
"""

_GATES = """
INSERT INTO entra_activation_gate
SELECT used.scope, trim(used.kind || ' ' || used.passes || ' ' || used.access),
       used.kind || ' ' || coalesce(named.name, used.passes)
         || CASE WHEN used.access = '' THEN '' ELSE ' (' || used.access || ')' END,
       greatest(used.valid_from, rule.valid_from), least(used.valid_to, rule.valid_to),
       greatest(used.earliest, rule.earliest), used.record, used.kind, used.passes, used.access, {rules}
FROM gate_used AS used
JOIN gate_rule AS rule
  ON rule.scope = used.scope AND rule.kind = used.kind AND rule.passes = used.passes AND rule.access = used.access
 AND rule.valid_from < used.valid_to AND used.valid_from < rule.valid_to
LEFT JOIN latest_name AS named ON named.scope = used.scope AND named.id = used.passes
"""

_KEYS = ("scope", "kind", "passes", "access")


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    """After `PRIVILEGED`, whose parts it uses."""
    rules = ", ".join(RULE_COLUMNS)
    connection.execute(_IN_USE)
    merged(connection, "gate_used", "gate_use", _KEYS)
    tiled(connection, "gate_rule", _RULES.format(rules=rules), "gate_used", _KEYS)
    connection.execute("DELETE FROM entra_activation_gate")
    connection.execute(_GATES.format(rules=rules))


ACTIVATION_GATES = Derivation(tables=(GATE,), derive=_derive)
