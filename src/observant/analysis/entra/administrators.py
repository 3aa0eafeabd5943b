"""How many people hold the two roles that can give themselves every other one: a valid-time table, counted over time.

Counted from plain role assignments, which every licence shows, and through groups. Somebody with two ways counts once.
"""

from collections.abc import Iterator

import duckdb

from observant.analysis.derivation import VALID_TIME, Derivation, DerivedTable
from observant.analysis.entra.pieces import grouped, slices, stretch
from observant.analysis.entra.privileged import GROUP_COLLECTIONS
from observant.analysis.rows import insert

ROLES = {
    "62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
    "e8611ab8-c189-46e8-94e1-60213ab1f814": "Privileged Role Administrator",
}

NUMBER = DerivedTable(
    name="entra_administrator_number",
    about=(
        "How many principals hold the roles Global Administrator and Privileged Role Administrator at a time. "
        "`holders` are those that are known; `unseen` means that a group could not be read, so that there may be more."
    ),
    columns=VALID_TIME
    | {"role": "VARCHAR", "role_name": "VARCHAR", "holders": "BIGINT", "unseen": "BOOLEAN", "names": "VARCHAR"},
    collections=GROUP_COLLECTIONS | {"entra.organization", "entra.role_assignments"},
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


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[list[object]]:
    holders = grouped(
        ((scope, role), stretch(times, principal))
        for scope, role, principal, *times in connection.execute(_HOLDERS, {"roles": list(ROLES)}).fetchall()
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
    """After `GROUP_CLOSURE`."""
    connection.execute("DELETE FROM entra_administrator_number")
    insert(connection, NUMBER.name, NUMBER.columns, list(_rows(connection)))


ADMINISTRATORS = Derivation(tables=(NUMBER,), derive=_derive)
