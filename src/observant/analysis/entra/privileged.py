"""Who holds which privileged directory role, in which way: a valid-time table made from assignments and group paths.

A role reaches somebody directly or through a group, nested groups, membership that PIM gives for some hours, membership
that may be activated, or the ownership of a group. Each way is a row, with the time in which all of its parts held.
Roles that are known not to be privileged are left out.
"""

import duckdb

from observant.analysis.closure import HOLDINGS, UNCLEAR, reach
from observant.analysis.derivation import VALID_TIME, Derivation, DerivedTable
from observant.analysis.entra.group_edges import make_edges
from observant.analysis.stretches import tiled

GROUP_COLLECTIONS = frozenset({"entra.users", "entra.service_principals", "entra.groups", "entra.group_members"})
PIM_COLLECTIONS = GROUP_COLLECTIONS | {
    "entra.group_owners",
    "entra.group_assignment_instances",
    "entra.group_eligibility_instances",
    "entra.role_definitions",
    "entra.role_assignment_instances",
    "entra.role_eligibility_instances",
}

HOLDER = DerivedTable(
    name="entra_privileged_holder",
    about=(
        "Who holds a privileged directory role, one member for each person, role, scope and group through which it "
        "comes, and another for what may only be activated. `holding` is "
        f"{', '.join(HOLDINGS)} or NULL where that cannot be known: the weakest part of the way. "
        "`path` names the groups passed. `principal` is NULL where the members of a group could not be read, and "
        "`principal_kind` is NULL where the directory lists nobody of that id. `privileged` is NULL for custom roles."
    ),
    columns=VALID_TIME
    | {
        "principal": "VARCHAR",
        "principal_kind": "VARCHAR",
        "principal_name": "VARCHAR",
        "role": "VARCHAR",
        "role_name": "VARCHAR",
        "template_id": "VARCHAR",
        "privileged": "BOOLEAN",
        "directory_scope": "VARCHAR",
        "holding": "VARCHAR",
        "path": "VARCHAR",
        "permanent": "BOOLEAN",
        "start_at": "TIMESTAMP",
        "end_at": "TIMESTAMP",
    },
    collections=PIM_COLLECTIONS,
)

_HELD = """
CREATE OR REPLACE TEMP TABLE role_held AS
SELECT scope, principal, role, directory_scope,
       CASE assignment_type WHEN 'Assigned' THEN 0 WHEN 'Activated' THEN 2 ELSE {unclear} END AS holding,
       permanent, start_at, end_at, valid_from, valid_to, earliest, record FROM entra_role_assignment
UNION ALL
SELECT scope, principal, role, directory_scope, 3, permanent, start_at, end_at, valid_from, valid_to, earliest, record
FROM entra_role_eligibility
"""

_ROOTS = """
SELECT role_held.scope, principal AS root FROM role_held
JOIN known_principal AS known ON known.scope = role_held.scope AND known.id = principal AND known.kind = 'group'
"""

_WAYS = """
CREATE OR REPLACE TEMP TABLE way AS
SELECT held.scope, held.principal, held.principal AS id, held.role, held.directory_scope, NULL::VARCHAR AS through,
       NULL::VARCHAR AS path, held.holding, held.permanent, held.start_at, held.end_at,
       held.valid_from, held.valid_to, held.earliest, held.record
FROM role_held AS held
WHERE NOT EXISTS (SELECT 1 FROM known_principal AS known
                  WHERE known.scope = held.scope AND known.id = held.principal AND known.kind = 'group')
UNION ALL
SELECT held.scope, found.node, found.node, held.role, held.directory_scope, found.root, found.path,
       greatest(held.holding, found.holding), held.permanent AND found.permanent,
       greatest(held.start_at, found.start_at), least(held.end_at, found.end_at),
       greatest(held.valid_from, found.valid_from), least(held.valid_to, found.valid_to),
       greatest(held.earliest, found.earliest), greatest(held.record, found.record)
FROM role_held AS held JOIN pim_reached AS found
  ON found.scope = held.scope AND found.root = held.principal
 AND found.valid_from < held.valid_to AND held.valid_from < found.valid_to
WHERE NOT EXISTS (SELECT 1 FROM known_principal AS known
                  WHERE known.scope = found.scope AND known.id = found.node AND known.kind = 'group')
"""

_ROLES = """
SELECT scope, member AS role, label AS name, template_id, privileged, valid_from, valid_to, earliest FROM entra_role
"""

_HOLDERS = """
INSERT INTO entra_privileged_holder
SELECT way.scope,
       coalesce(way.principal, '?') || ' ' || way.role || ' ' || coalesce(way.directory_scope, '?')
         || coalesce(' through ' || way.through, '')
         || CASE WHEN way.holding = 3 THEN ' eligible' ELSE '' END AS member,
       CASE WHEN way.principal IS NULL THEN 'somebody in a group that could not be read'
            ELSE coalesce(person.name, way.principal) END
         || ': ' || coalesce(role.name, way.role) || coalesce(' through ' || way.path, '')
         || CASE WHEN way.directory_scope = '/' THEN '' ELSE ' in ' || coalesce(way.directory_scope, '?') END
         || CASE WHEN way.holding = 3 THEN ', eligible' ELSE '' END AS label,
       greatest(way.valid_from, role.valid_from, person.valid_from),
       least(way.valid_to, role.valid_to, person.valid_to),
       greatest(way.earliest, role.earliest, person.earliest), way.record,
       way.principal, person.kind, person.name, way.role, role.name, role.template_id, role.privileged,
       way.directory_scope,
       CASE way.holding WHEN 0 THEN 'standing' WHEN 1 THEN 'owner' WHEN 2 THEN 'activated' WHEN 3 THEN 'eligible' END,
       way.path, way.permanent, way.start_at, way.end_at
FROM way
JOIN role_version AS role ON role.scope = way.scope AND role.role = way.role
 AND role.valid_from < way.valid_to AND way.valid_from < role.valid_to
JOIN person_version AS person ON person.scope = way.scope AND person.id IS NOT DISTINCT FROM way.id
 AND person.valid_from < least(way.valid_to, role.valid_to)
 AND greatest(way.valid_from, role.valid_from) < person.valid_to
WHERE role.privileged IS NOT FALSE
"""


_NAMED = """
SELECT asked.scope, asked.id, kind, name, listed.valid_from, listed.valid_to, listed.earliest
FROM (SELECT DISTINCT scope, id FROM {ways}) AS asked JOIN (
  SELECT member AS id, 'user' AS kind, label AS name, valid_from, valid_to, earliest FROM entra_user
  UNION ALL
  SELECT member, 'servicePrincipal', label, valid_from, valid_to, earliest FROM entra_service_principal
) AS listed ON listed.id = asked.id
"""


def named(connection: duckdb.DuckDBPyConnection, ways: str) -> None:
    """Make `person_version`: what everybody in `ways` (scope, id) is called when; NULL while no such id is listed.

    Ids are unique everywhere, so `scope` is that of whoever asks, which may be a subscription.
    """
    tiled(connection, "person_version", _NAMED.format(ways=ways), ways, ("scope", "id"))


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    make_edges(connection)
    connection.execute(_HELD.format(unclear=UNCLEAR))
    reach(connection, "pim_reached", _ROOTS, "pim_edge")
    connection.execute(_WAYS)
    tiled(connection, "role_version", _ROLES, "role_held", ("scope", "role"))
    named(connection, "way")
    connection.execute("DELETE FROM entra_privileged_holder")
    connection.execute(_HOLDERS)


PRIVILEGED = Derivation(tables=(HOLDER,), derive=_derive)
