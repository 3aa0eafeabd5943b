"""Who gets into a group, as edges for `closure.reach`: plain membership, and what PIM for groups adds to it.

Two tables are made on the connection:

- `membership_edge`: members as they are listed, activated ones included
- `pim_edge`: members told apart by whether they are in the group for good or for the hours of an activation, those who
  may activate, and owners, who decide who is in the group

A group whose members could not be read, or were not asked for, has an edge to NULL for that time: somebody may be in
it.
"""

import duckdb

from observant.analysis.closure import UNCLEAR
from observant.analysis.stretches import ALWAYS, uncovered

_PRINCIPALS = """
CREATE OR REPLACE TEMP TABLE known_principal AS
SELECT DISTINCT scope, member AS id, 'user' AS kind FROM entra_user
UNION SELECT DISTINCT scope, member, 'servicePrincipal' FROM entra_service_principal
UNION SELECT DISTINCT scope, member, 'group' FROM entra_group
UNION SELECT DISTINCT scope, member, 'group' FROM entra_group_reading
"""

_NAMES = """
CREATE OR REPLACE TEMP TABLE latest_name AS
SELECT scope, id, arg_max(name, valid_from) AS name FROM (
  SELECT scope, member AS id, label AS name, valid_from FROM entra_group
  UNION ALL SELECT scope, member, label, valid_from FROM entra_user
  UNION ALL SELECT scope, member, label, valid_from FROM entra_service_principal
  UNION ALL SELECT scope, member, label, valid_from FROM entra_role)
GROUP BY scope, id
"""

_ASKED = """
CREATE OR REPLACE TEMP TABLE group_asked AS
SELECT scope, group_id, NULL::VARCHAR AS principal, {always}, 0::BIGINT AS record
FROM (SELECT scope, principal AS group_id FROM entra_group_member WHERE principal_kind = 'group'
      UNION SELECT scope, member FROM entra_group_reading
      UNION SELECT scope, principal FROM entra_role_grant
      UNION SELECT scope, principal FROM entra_role_assignment
      UNION SELECT scope, principal FROM entra_role_eligibility
      UNION SELECT scope, principal FROM entra_group_assignment
      UNION SELECT scope, principal FROM entra_group_eligibility
      UNION SELECT known.scope, held.principal
            FROM (SELECT principal FROM azure_role_assignment
                  UNION SELECT principal FROM azure_role_eligibility) AS held
            JOIN known_principal AS known ON known.id = held.principal
      UNION SELECT scope, approver FROM entra_approver)
WHERE (scope, group_id) IN (SELECT (scope, id) FROM known_principal WHERE kind = 'group')
"""

_READ = """
CREATE OR REPLACE TEMP TABLE group_read AS
SELECT scope, member AS group_id, valid_from, valid_to FROM entra_group_reading WHERE readable
"""

# What a principal is listed as in a group, by the rows of PIM for that group and principal.
_IN_PIM = """
CREATE OR REPLACE TEMP TABLE in_pim AS
SELECT scope, group_id, principal, access, valid_from, valid_to FROM entra_group_assignment WHERE principal IS NOT NULL
"""

_LISTED = {
    "member": "SELECT scope, group_id, principal, valid_from, valid_to, earliest, record FROM entra_group_member",
    "owner": "SELECT scope, group_id, principal, valid_from, valid_to, earliest, record FROM entra_group_owner "
    "WHERE principal IS NOT NULL",
}

_PIM_EDGES = """
CREATE OR REPLACE TEMP TABLE pim_edge AS
SELECT edge.scope, edge.group_id AS parent, edge.principal AS child, coalesce(named.name, edge.group_id) AS name,
       holding, permanent, start_at, end_at, valid_from, valid_to, earliest, record
FROM (
  SELECT scope, group_id, principal, 0 AS holding, true AS permanent, NULL::TIMESTAMP AS start_at,
         NULL::TIMESTAMP AS end_at, valid_from, valid_to, earliest, record FROM listed_member
  UNION ALL
  SELECT scope, group_id, principal, 1, true, NULL, NULL, valid_from, valid_to, earliest, record FROM listed_owner
  UNION ALL
  SELECT scope, group_id, NULL, {unclear}, NULL, NULL, NULL, valid_from, valid_to, earliest, record FROM unseen_member
  UNION ALL
  SELECT scope, group_id, NULL, {unclear}, NULL, NULL, NULL, valid_from, valid_to, earliest, record
  FROM entra_group_owner WHERE principal IS NULL
  UNION ALL
  SELECT scope, group_id, principal,
         CASE WHEN principal IS NULL THEN {unclear} WHEN assignment_type = 'activated' THEN 2
              WHEN assignment_type = 'assigned' AND access = 'member' THEN 0
              WHEN assignment_type = 'assigned' AND access = 'owner' THEN 1 ELSE {unclear} END,
         permanent, start_at, end_at, valid_from, valid_to, earliest, record FROM entra_group_assignment
  UNION ALL
  SELECT scope, group_id, principal, CASE WHEN principal IS NULL THEN {unclear} ELSE 3 END,
         permanent, start_at, end_at, valid_from, valid_to, earliest, record FROM entra_group_eligibility
) AS edge LEFT JOIN latest_name AS named ON named.scope = edge.scope AND named.id = edge.group_id
"""

_MEMBERSHIP_EDGES = """
CREATE OR REPLACE TEMP TABLE membership_edge AS
SELECT edge.scope, edge.group_id AS parent, edge.principal AS child, coalesce(named.name, edge.group_id) AS name,
       CASE WHEN edge.principal IS NULL THEN {unclear} ELSE 0 END AS holding, true AS permanent,
       NULL::TIMESTAMP AS start_at, NULL::TIMESTAMP AS end_at, valid_from, valid_to, earliest, record
FROM (
  SELECT scope, group_id, principal, valid_from, valid_to, earliest, record FROM entra_group_member
  UNION ALL
  SELECT scope, group_id, NULL, valid_from, valid_to, earliest, record FROM unseen_member
) AS edge LEFT JOIN latest_name AS named ON named.scope = edge.scope AND named.id = edge.group_id
"""


def make_edges(connection: duckdb.DuckDBPyConnection) -> None:
    """(Re)make `membership_edge` and `pim_edge`, and `known_principal` and `latest_name` beside them."""
    for statement in (_PRINCIPALS, _NAMES, _ASKED, _READ):
        connection.execute(statement.format(always=ALWAYS))
    uncovered(connection, "unseen_member", "group_asked", "group_read", ("scope", "group_id"))
    connection.execute(_IN_PIM)
    for access, listed in _LISTED.items():
        connection.execute(f"CREATE OR REPLACE TEMP TABLE listed AS SELECT *, '{access}' AS access FROM ({listed})")  # noqa: S608
        # Somebody whom PIM has too is in the group in the way that PIM says.
        uncovered(connection, f"listed_{access}", "listed", "in_pim", ("scope", "group_id", "principal", "access"))
    connection.execute(_PIM_EDGES.format(unclear=UNCLEAR))
    connection.execute(_MEMBERSHIP_EDGES.format(unclear=UNCLEAR))
