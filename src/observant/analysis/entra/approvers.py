"""Whether those who are named to approve activations are there at all."""

import duckdb

from observant.analysis.derivation import VALID_TIME, Derivation, DerivedTable
from observant.analysis.entra.group_closure import CLOSURE
from observant.analysis.stretches import merged, tiled

FOUND = DerivedTable(
    name="entra_approver_found",
    about=(
        "Who is named to approve activations, and whether that is an enabled user or a group with one in it "
        "(`available`). NULL for kinds without an id, such as the requestor's manager, and where a group could not be "
        "read. `required` tells whether approval is asked for at all."
    ),
    columns=VALID_TIME
    | {"passes": "VARCHAR", "required": "BOOLEAN", "kind": "VARCHAR", "approver": "VARCHAR", "available": "BOOLEAN"},
    collections=CLOSURE.collections | {"entra.role_policies", "entra.group_policies"},
)

_SOMEBODY = """
CREATE OR REPLACE TEMP TABLE somebody AS
SELECT scope, group_id AS approver, false AS seen, valid_from, valid_to, earliest, record
FROM entra_group_closure WHERE principal IS NULL
UNION ALL
SELECT inside.scope, inside.group_id, coalesce(person.enabled, false), greatest(inside.valid_from, person.valid_from),
       least(inside.valid_to, person.valid_to), greatest(inside.earliest, person.earliest), inside.record
FROM entra_group_closure AS inside JOIN entra_user AS person
  ON person.scope = inside.scope AND person.member = inside.principal
 AND person.valid_from < inside.valid_to AND inside.valid_from < person.valid_to
WHERE person.enabled IS NOT FALSE
"""

# Where somebody is seen in a group it does not matter who is not.
_KNOWN = """
SELECT scope, 'singleUser' AS kind, member AS approver, enabled AS available, valid_from, valid_to, earliest
FROM entra_user
UNION ALL
SELECT scope, 'groupMembers', approver, CASE WHEN seen THEN true END, valid_from, valid_to, earliest
FROM somebody_once
"""

_INSERT = """
INSERT INTO entra_approver_found
SELECT named.scope, named.member,
       coalesce(person.name, named.kind) || ', approver for ' || coalesce(passed.name, named.passes),
       greatest(named.valid_from, found.valid_from),
       least(named.valid_to, found.valid_to), greatest(named.earliest, found.earliest), named.record,
       named.passes, named.required, named.kind, named.approver,
       CASE WHEN named.kind IN ('singleUser', 'groupMembers') AND named.approver IS NOT NULL
            THEN CASE WHEN found.listed THEN found.available ELSE false END END
FROM entra_approver AS named JOIN (
  SELECT scope, kind, approver, available, listed, valid_from, valid_to, earliest FROM approver_version
) AS found ON found.scope = named.scope AND found.kind IS NOT DISTINCT FROM named.kind
 AND found.approver IS NOT DISTINCT FROM named.approver
 AND found.valid_from < named.valid_to AND named.valid_from < found.valid_to
LEFT JOIN latest_name AS person ON person.scope = named.scope AND person.id = named.approver
LEFT JOIN latest_name AS passed ON passed.scope = named.scope AND passed.id = named.passes
"""


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    """After `GROUP_CLOSURE`."""
    connection.execute(_SOMEBODY)
    merged(connection, "somebody_once", "somebody", ("scope", "approver", "seen"))
    known = f"SELECT *, true AS listed FROM ({_KNOWN})"  # noqa: S608
    tiled(connection, "approver_version", known, "entra_approver", ("scope", "kind", "approver"))
    connection.execute("DELETE FROM entra_approver_found")
    connection.execute(_INSERT)


APPROVERS = Derivation(tables=(FOUND,), derive=_derive)
