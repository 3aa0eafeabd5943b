"""Applications as a whole: when each was last given a new credential, and who owns the ones that are privileged."""

from collections.abc import Iterator
from typing import Any

import duckdb

from observant.analysis.derivation import VALID_TIME, Derivation, DerivedTable
from observant.analysis.entra.group_closure import CLOSURE
from observant.analysis.entra.pieces import Stretch, grouped, slices, stretch
from observant.analysis.entra.privileged import PIM_COLLECTIONS
from observant.analysis.rows import insert

ROTATION = DerivedTable(
    name="entra_rotation",
    about=(
        "Applications and service principals that sign in with secrets or certificates: when the newest of these began "
        "(`last_rotated`), when the oldest did, and how many there are. Certificates that sign SAML tokens are left "
        "out."
    ),
    columns=VALID_TIME
    | {
        "app_id": "VARCHAR",
        "last_rotated": "TIMESTAMP",
        "oldest": "TIMESTAMP",
        "secrets": "BIGINT",
        "certificates": "BIGINT",
    },
    collections=frozenset({"entra.applications", "entra.service_principals"}),
)

PRIVILEGED_APPLICATION = DerivedTable(
    name="entra_privileged_application",
    about=(
        "Service principals that hold a privileged directory role in any way, or an application permission of Graph "
        "that comes to one. `privileged` is NULL where all that is known is a permission that has no name any more. "
        "`owners` counts the owners of the service principal and of its application, `people` those who are users; "
        "`unseen`: some could not be read. `roles` names what is held."
    ),
    columns=VALID_TIME
    | {
        "kind": "VARCHAR",
        "home_tenant": "VARCHAR",
        "privileged": "BOOLEAN",
        "owners": "BIGINT",
        "people": "BIGINT",
        "unseen": "BOOLEAN",
        "owner_names": "VARCHAR",
        "roles": "VARCHAR",
    },
    collections=PIM_COLLECTIONS | CLOSURE.collections | {"entra.applications", "entra.app_permissions"},
)

_CREDENTIALS = """
SELECT scope, owner, any_value(app_id), kind, start_at, valid_from, valid_to, earliest, record, key_id
FROM entra_credential WHERE signing IS NOT TRUE AND kind IN ('secret', 'certificate')
GROUP BY ALL ORDER BY ALL
"""

_OBJECTS = """
SELECT scope, member, arg_max(label, valid_from) AS label, min(valid_from), max(valid_to) FROM (
  SELECT scope, member, label, valid_from, valid_to FROM entra_application
  UNION ALL SELECT scope, member, label, valid_from, valid_to FROM entra_service_principal)
GROUP BY scope, member
"""


def _rotations(connection: duckdb.DuckDBPyConnection) -> Iterator[list[object]]:
    labels = {(scope, member): label for scope, member, label, _, _ in connection.execute(_OBJECTS).fetchall()}
    credentials = grouped(
        ((scope, owner, app), stretch(times, (kind, start)))
        for scope, owner, app, kind, start, *times, _ in connection.execute(_CREDENTIALS).fetchall()
    )
    for (scope, owner, app), stretches in credentials.items():
        for each in slices([_whole(stretches)], stretches):
            starts = [start for _, start in each.content]
            known = None if None in starts or not starts else starts
            kinds = [kind for kind, _ in each.content]
            if not kinds:
                continue
            yield [
                *(scope, owner, labels.get((scope, owner), owner), each.valid_from, each.valid_to, each.earliest),
                *(each.record, app, max(known) if known else None, min(known) if known else None),
                *(kinds.count("secret"), kinds.count("certificate")),
            ]


def _whole(stretches: list[Stretch[Any]]) -> Stretch[None]:
    """From the first to the last moment of any."""
    first = min(stretches, key=lambda one: one.valid_from)
    return Stretch(first.valid_from, max(one.valid_to for one in stretches), first.earliest, first.record, None)


_HELD = """
SELECT scope, principal, valid_from, valid_to, earliest, record, coalesce(role_name, role), true AS sure
FROM entra_privileged_holder WHERE principal_kind = 'servicePrincipal'
UNION ALL
SELECT scope, principal, valid_from, valid_to, earliest, record,
       'application permission ' || coalesce(permission, app_role), privileged
FROM entra_app_permission WHERE privileged IS NOT FALSE AND principal IS NOT NULL
ORDER BY ALL
"""

OWNERS = """
SELECT known.scope, known.member, owner.valid_from, owner.valid_to, owner.earliest, owner.record,
       owner.principal, owner.principal_kind, coalesce(named.label, owner.principal)
FROM entra_owner AS owner
JOIN (SELECT DISTINCT scope, member, app_id FROM entra_service_principal) AS known
  ON known.scope = owner.scope AND (known.member = owner.owned OR known.app_id = owner.app_id)
LEFT JOIN (SELECT scope, member, arg_max(label, valid_from) AS label FROM entra_user GROUP BY scope, member) AS named
  ON named.scope = owner.scope AND named.member = owner.principal
ORDER BY ALL
"""

_PRINCIPALS = """
SELECT scope, member, label, kind, home_tenant, valid_from, valid_to, earliest, record
FROM entra_service_principal ORDER BY ALL
"""


def _privileged(connection: duckdb.DuckDBPyConnection) -> Iterator[list[object]]:
    roles = grouped(
        ((scope, principal), stretch(times, ("role", role, sure)))
        for scope, principal, *times, role, sure in connection.execute(_HELD).fetchall()
    )
    owners = grouped(
        ((scope, member), stretch(times, ("owner", owner, (kind, name))))
        for scope, member, *times, owner, kind, name in connection.execute(OWNERS).fetchall()
        if (scope, member) in roles
    )
    frames = grouped(
        ((scope, member, label, kind, home), stretch(times, None))
        for scope, member, label, kind, home, *times in connection.execute(_PRINCIPALS).fetchall()
        if (scope, member) in roles
    )
    for (scope, member, label, kind, home), frame in frames.items():
        parts: list[Stretch[Any]] = [*roles[scope, member], *owners.get((scope, member), [])]
        for each in slices(frame, parts):
            held = {name: sure for what, name, sure in each.content if what == "role"}
            found = {id_: more for what, id_, more in each.content if what == "owner"}
            if held:
                times = (each.valid_from, each.valid_to, each.earliest, each.record)
                privileged = True if any(held.values()) else None
                yield [scope, member, label, *times, kind, home, privileged, *owned(found), ", ".join(sorted(held))]


def owned(found: dict[str | None, tuple[str | None, str]]) -> tuple[int, int, bool, str]:
    """(owners, people, unseen, names) of owners as id -> (kind, name); the id is None for those that are unseen."""
    seen = {id_: more for id_, more in found.items() if id_ is not None}
    people = [name for kind, name in seen.values() if kind == "user"]
    return len(seen), len(people), None in found, ", ".join(sorted(name for _, name in seen.values()))


def store(connection: duckdb.DuckDBPyConnection, table: DerivedTable, rows: list[list[object]]) -> None:
    """Make the table anew from rows."""
    connection.execute(f"DELETE FROM {table.name}")  # noqa: S608
    insert(connection, table.name, table.columns, rows)


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    """After `PRIVILEGED`."""
    store(connection, ROTATION, list(_rotations(connection)))
    store(connection, PRIVILEGED_APPLICATION, list(_privileged(connection)))


APPLICATIONS = Derivation(tables=(ROTATION, PRIVILEGED_APPLICATION), derive=_derive)
