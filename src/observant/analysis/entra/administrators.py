"""How many people hold the two roles that can give themselves every other one: valid-time tables, counted over time.

Who holds one is counted from plain role assignments, which every licence shows, and through groups. Who holds or may
activate one is counted from what PIM says. Somebody with two ways counts once.
"""

from collections.abc import Iterator

import duckdb

from observant.analysis.derivation import VALID_TIME, Derivation, DerivedTable
from observant.analysis.entra.pieces import grouped, slices, stretch
from observant.analysis.entra.privileged import GROUP_COLLECTIONS, PIM_COLLECTIONS
from observant.analysis.rows import insert

ROLES = {
    "62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
    "e8611ab8-c189-46e8-94e1-60213ab1f814": "Privileged Role Administrator",
}

_COLUMNS = VALID_TIME | {
    "role": "VARCHAR",
    "role_name": "VARCHAR",
    "holders": "BIGINT",
    "unseen": "BOOLEAN",
    "names": "VARCHAR",
}

NUMBER = DerivedTable(
    name="entra_administrator_number",
    about=(
        "How many principals hold the roles Global Administrator and Privileged Role Administrator at a time. "
        "`holders` are those that are known; `unseen` means that a group could not be read, so that there may be more."
    ),
    columns=_COLUMNS,
    collections=GROUP_COLLECTIONS | {"entra.organization", "entra.role_assignments"},
)

REACH = DerivedTable(
    name="entra_administrator_reach",
    about=(
        "How many principals hold these two roles, or may activate them, at a time: directly, through groups and PIM "
        "for groups, or by owning a group. `unseen` means that some could not be seen, so that there may be more."
    ),
    columns=_COLUMNS,
    collections=PIM_COLLECTIONS | {"entra.organization"},
)

_HOLDERS = """
SELECT held.scope, held.role, held.principal, held.valid_from, held.valid_to, held.earliest, held.record
FROM entra_role_grant AS held
WHERE list_contains($roles, held.role) AND NOT EXISTS (
  SELECT 1 FROM known_principal AS known
  WHERE known.scope = held.scope AND known.id = held.principal AND known.kind = 'group')
UNION ALL
SELECT held.scope, held.role, inside.principal, greatest(held.valid_from, inside.valid_from),
       least(held.valid_to, inside.valid_to), greatest(held.earliest, inside.earliest),
       greatest(held.record, inside.record)
FROM entra_role_grant AS held JOIN entra_group_closure AS inside
  ON inside.scope = held.scope AND inside.group_id = held.principal
 AND inside.valid_from < held.valid_to AND held.valid_from < inside.valid_to
WHERE list_contains($roles, held.role)
ORDER BY ALL
"""

_REACHING = """
SELECT scope, template_id, principal, valid_from, valid_to, earliest, record FROM entra_privileged_holder
WHERE list_contains($roles, template_id) ORDER BY ALL
"""


def _rows(connection: duckdb.DuckDBPyConnection, held: str) -> Iterator[list[object]]:
    """`held`: a SELECT of scope, role, principal (NULL: somebody unseen) and times."""
    holders = grouped(
        ((scope, role), stretch(times, principal))
        for scope, role, principal, *times in connection.execute(held, {"roles": list(ROLES)}).fetchall()
    )
    names = {(scope, id_): name for scope, id_, name in connection.execute("SELECT * FROM latest_name").fetchall()}
    tenants = grouped(
        ((scope, member), stretch(times, None))
        for scope, member, *times in connection.execute(
            "SELECT scope, member, valid_from, valid_to, earliest, record FROM entra_tenant ORDER BY ALL"
        ).fetchall()
    )
    for (scope, tenant), frame in tenants.items():
        for role, name in ROLES.items():
            for each in slices(frame, holders.get((scope, role), [])):
                people = sorted({str(one) for one in each.content if one is not None})
                named = ", ".join(names.get((scope, one), one) for one in people)
                times = (each.valid_from, each.valid_to, each.earliest, each.record)
                yield [scope, f"{tenant} {role}", name, *times, role, name, len(people), None in each.content, named]


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    """After `GROUP_CLOSURE` and `PRIVILEGED`."""
    for table, held in ((NUMBER, _HOLDERS), (REACH, _REACHING)):
        connection.execute(f"DELETE FROM {table.name}")  # noqa: S608
        insert(connection, table.name, table.columns, list(_rows(connection, held)))


ADMINISTRATORS = Derivation(tables=(NUMBER, REACH), derive=_derive)
