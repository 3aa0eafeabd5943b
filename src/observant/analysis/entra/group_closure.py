"""Who is in which group, through as many groups as it takes: plain membership, as any licence shows it."""

import duckdb

from observant.analysis.closure import reach
from observant.analysis.derivation import VALID_TIME, Derivation, DerivedTable
from observant.analysis.entra.privileged import GROUP_COLLECTIONS

CLOSURE = DerivedTable(
    name="entra_group_closure",
    about=(
        "Who is in the groups that hold directory or Azure roles, or that approve activations, directly or through "
        "other groups (`path`). `principal` is NULL where the members of one of these groups could not be read."
    ),
    columns=VALID_TIME
    | {"group_id": "VARCHAR", "principal": "VARCHAR", "principal_kind": "VARCHAR", "path": "VARCHAR"},
    collections=GROUP_COLLECTIONS,
)

_ROOTS = """
SELECT known.scope, known.id AS root FROM known_principal AS known WHERE known.kind = 'group' AND known.id IN (
  SELECT principal FROM entra_role_grant UNION SELECT principal FROM azure_role_assignment
  UNION SELECT principal FROM azure_role_eligibility UNION SELECT approver FROM entra_approver)
"""

_INSERT = """
INSERT INTO entra_group_closure
SELECT found.scope, root || ' ' || coalesce(node, '?'), coalesce(node, 'somebody') || ' in ' || path,
       valid_from, valid_to, earliest, record, root, node, known.kind, path
FROM membership_reached AS found
LEFT JOIN known_principal AS known ON known.scope = found.scope AND known.id = found.node
WHERE path IS NOT NULL AND known.kind IS DISTINCT FROM 'group'
"""


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    """After `PRIVILEGED`, which makes the edges."""
    reach(connection, "membership_reached", _ROOTS, "membership_edge")
    connection.execute("DELETE FROM entra_group_closure")
    connection.execute(_INSERT)


GROUP_CLOSURE = Derivation(tables=(CLOSURE,), derive=_derive)
