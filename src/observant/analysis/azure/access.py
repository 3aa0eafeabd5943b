"""Who holds which Azure role on a subscription, and what the subscription is called in all its ways.

Assignments are inherited downwards, so one at a management group or at the root is held on every subscription below it;
each subscription's own listing shows them. Groups are those of the tenant.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import duckdb

from observant.analysis.derivation import VALID_TIME, Derivation, DerivedTable
from observant.analysis.entra.pieces import grouped, slices, stretch
from observant.analysis.entra.privileged import GROUP_COLLECTIONS, named
from observant.analysis.rows import insert
from observant.analysis.stretches import tiled

HOLDER = DerivedTable(
    name="azure_role_holder",
    about=(
        "Who holds an Azure role that writes everything or assigns roles, directly or through groups (`path`). `level` "
        "says where it was given: root, management group, subscription or below. `principal` is NULL where a group "
        "could not be read, the two powers are NULL where the role's definition could not."
    ),
    columns=VALID_TIME
    | {
        "principal": "VARCHAR",
        "principal_kind": "VARCHAR",
        "principal_name": "VARCHAR",
        "role": "VARCHAR",
        "role_name": "VARCHAR",
        "writes_everything": "BOOLEAN",
        "assigns_roles": "BOOLEAN",
        "assigned_at": "VARCHAR",
        "level": "VARCHAR",
        "condition": "VARCHAR",
        "path": "VARCHAR",
    },
    collections=GROUP_COLLECTIONS | {"azure.role_assignments", "azure.role_definitions"},
)

CALLED = DerivedTable(
    name="azure_subscription_called",
    about=(
        "Everything a subscription can be declared by, one line each in `called`: `id:`, `name:`, `tag:name=value` and "
        "`group:` for each management group above it, by id and by display name. NULL while the tree of management "
        "groups does not show the subscription."
    ),
    columns=VALID_TIME | {"called": "VARCHAR"},
    collections=frozenset({"azure.subscription", "entra.management_groups"}),
)

_WAYS = """
CREATE OR REPLACE TEMP TABLE {into} AS
SELECT held.scope, held.principal, held.principal AS id, held.principal_kind, NULL::VARCHAR AS through,
       NULL::VARCHAR AS path, held.role, held.assigned_at, held.level, held.condition, {more}
       held.valid_from, held.valid_to, held.earliest, held.record
FROM {held} AS held
WHERE held.principal_kind IS DISTINCT FROM 'Group'
  AND NOT EXISTS (SELECT 1 FROM known_principal WHERE id = held.principal AND kind = 'group')
UNION ALL
SELECT held.scope, inside.principal, inside.principal, NULL, inside.group_id, inside.path, held.role, held.assigned_at,
       held.level, held.condition, {more} greatest(held.valid_from, inside.valid_from),
       least(held.valid_to, inside.valid_to), greatest(held.earliest, inside.earliest), held.record
FROM {held} AS held JOIN entra_group_closure AS inside
  ON inside.group_id = held.principal AND inside.valid_from < held.valid_to AND held.valid_from < inside.valid_to
UNION ALL
SELECT held.scope, NULL, NULL, NULL, held.principal, held.principal, held.role, held.assigned_at, held.level,
       held.condition, {more} held.valid_from, held.valid_to, held.earliest, held.record
FROM {held} AS held
WHERE held.principal_kind = 'Group'
  AND NOT EXISTS (SELECT 1 FROM known_principal WHERE id = held.principal AND kind = 'group')
"""

_HOLDERS = """
INSERT INTO {table}
SELECT way.scope,
       coalesce(way.principal, '?') || ' ' || way.role || ' ' || coalesce(way.assigned_at, '?')
         || coalesce(' through ' || way.through, '') || {mark} AS member,
       CASE WHEN way.principal IS NULL THEN 'somebody in a group that could not be read'
            ELSE coalesce(person.name, way.principal) END
         || ': ' || coalesce(role.role_name, way.role) || ' at ' || coalesce(way.assigned_at, '?')
         || coalesce(' through ' || way.path, '') || {mark} AS label,
       greatest(way.valid_from, role.valid_from, person.valid_from),
       least(way.valid_to, role.valid_to, person.valid_to),
       greatest(way.earliest, role.earliest, person.earliest), way.record,
       way.principal, CASE WHEN way.principal IS NULL THEN NULL ELSE coalesce(person.kind,
         CASE way.principal_kind WHEN 'User' THEN 'user' WHEN 'ServicePrincipal' THEN 'servicePrincipal'
                                 ELSE way.principal_kind END) END,
       person.name, way.role, role.role_name, role.writes_everything, role.assigns_roles, way.assigned_at, way.level,
       way.condition, way.path {more}
FROM {ways} AS way
JOIN azure_role_version AS role ON role.scope = way.scope AND role.role = way.role
 AND role.valid_from < way.valid_to AND way.valid_from < role.valid_to
JOIN person_version AS person ON person.scope = way.scope AND person.id IS NOT DISTINCT FROM way.id
 AND person.valid_from < least(way.valid_to, role.valid_to)
 AND greatest(way.valid_from, role.valid_from) < person.valid_to
WHERE role.writes_everything IS NOT FALSE OR role.assigns_roles IS NOT FALSE
"""


_ROLES = """
SELECT scope, role, role_name, writes_everything, assigns_roles, valid_from, valid_to, earliest FROM azure_role
"""


def holders(
    connection: duckdb.DuckDBPyConnection, table: str, held: str, more: tuple[str, ...] = (), mark: str = "''"
) -> None:
    """Fill `table` from the assignments in `held`: groups become their members, and harmless roles are left out.

    `more` are columns that both have after the common ones, `mark` is SQL for what tells two members apart by these.
    """
    ways = f"{table}_way"
    connection.execute(_WAYS.format(into=ways, held=held, more="".join(f"held.{name}, " for name in more)))
    tiled(connection, "azure_role_version", _ROLES, ways, ("scope", "role"))
    named(connection, ways)
    connection.execute(f"DELETE FROM {table}")  # noqa: S608
    connection.execute(
        _HOLDERS.format(table=table, ways=ways, mark=mark, more="".join(f", way.{name}" for name in more))
    )


_FRAME = """
SELECT scope, member, label, display_name, tags, valid_from, valid_to, earliest, record
FROM azure_subscription ORDER BY ALL
"""
_TREE = """
SELECT member, display_name, parent, children, valid_from, valid_to, earliest, record
FROM entra_management_group ORDER BY ALL
"""


class _Group(NamedTuple):
    """One management group at one time, ids in lower case."""

    id: str
    name: str | None
    parent: str
    children: frozenset[str]


def _group(urn: str, name: str | None, parent: str | None, children: str | None) -> _Group:
    id_ = urn.rpartition("/")[2].lower()
    return _Group(id_, name, (parent or "").lower(), frozenset((children or "").split("\n")))


def _above(subscription: str, groups: list[_Group]) -> list[_Group] | None:
    """The management groups above a subscription, nearest first; None when the tree does not show it."""
    by_id = {group.id: group for group in groups}
    here = next((group for group in groups if f"subscription {subscription}" in group.children), None)
    if here is None:
        return None
    found: list[_Group] = []
    while here is not None and here not in found:
        found.append(here)
        here = by_id.get(here.parent)
    return found


def _called(subscription: str, name: str | None, tags: str | None, above: list[_Group] | None) -> str | None:
    if above is None or tags is None:
        return None
    groups = [each for group in above for each in (group.id, group.name) if each]
    lines = [f"id:{subscription}", f"name:{name}", *(f"group:{each}" for each in groups)]
    lines += [f"tag:{each}" for each in tags.split("\n") if each]
    return "\n".join(dict.fromkeys(" ".join(line.split()) for line in lines))


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[list[object]]:
    tree = [stretch(times, _group(*group)) for group, times in _split(connection.execute(_TREE).fetchall(), 4)]
    subscriptions = grouped(
        (tuple(key), stretch(times, None)) for key, times in _split(connection.execute(_FRAME).fetchall(), 5)
    )
    for (scope, member, label, name, tags), frame in subscriptions.items():
        id_ = member.rpartition("/")[2].lower()
        for each in slices(frame, tree):
            called = _called(id_, name, tags, _above(id_, each.content))
            yield [scope, member, label, each.valid_from, each.valid_to, each.earliest, each.record, called]


def _split(rows: list[Any], at: int) -> Iterator[tuple[Any, Any]]:
    return ((row[:at], row[at:]) for row in rows)


def _subscriptions(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("DELETE FROM azure_subscription_called")
    insert(connection, CALLED.name, CALLED.columns, list(_rows(connection)))


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    """After `GROUP_CLOSURE`."""
    holders(connection, HOLDER.name, "azure_role_assignment")
    _subscriptions(connection)


AZURE_ACCESS = Derivation(tables=(HOLDER, CALLED), derive=_derive)
