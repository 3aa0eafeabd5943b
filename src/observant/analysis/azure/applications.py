"""Who owns the applications that have far-reaching Azure roles: an owner can add a credential and act as one."""

from collections.abc import Iterator
from typing import Any

import duckdb

from observant.analysis.azure.access import HOLDER
from observant.analysis.derivation import VALID_TIME, Derivation, DerivedTable
from observant.analysis.entra.applications import OWNERS, owned, store
from observant.analysis.entra.pieces import Stretch, grouped, slices, stretch

POWERFUL_APPLICATION = DerivedTable(
    name="azure_powerful_application",
    about=(
        "Service principals that hold a role which writes everything or assigns roles, given on a subscription or "
        "above it. `own` tells whether the application is registered in the tenant itself; a managed identity is none. "
        "`owners` counts the owners of the service principal and of its application, `people` those who are users; "
        "`unseen`: some could not be read."
    ),
    columns=VALID_TIME
    | {
        "own": "BOOLEAN",
        "owners": "BIGINT",
        "people": "BIGINT",
        "unseen": "BOOLEAN",
        "owner_names": "VARCHAR",
        "roles": "VARCHAR",
    },
    collections=HOLDER.collections | {"entra.applications"},
)

_HELD = """
SELECT scope, principal, valid_from, valid_to, earliest, record, coalesce(role_name, role)
FROM azure_role_holder WHERE principal_kind = 'servicePrincipal' AND level <> 'below' ORDER BY ALL
"""

_PRINCIPALS = """
SELECT member, label, kind = 'Application' AND home_tenant = split_part(scope, ':', 2),
       valid_from, valid_to, earliest, record
FROM entra_service_principal
WHERE member IN (SELECT principal FROM azure_role_holder WHERE principal_kind = 'servicePrincipal') ORDER BY ALL
"""


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[list[object]]:
    held = grouped(
        ((scope, principal), stretch(times, ("role", role, "")))
        for scope, principal, *times, role in connection.execute(_HELD).fetchall()
    )
    frames: dict[str, dict[tuple[str, bool | None], list[Stretch[None]]]] = {}
    for principal, label, own, *times in connection.execute(_PRINCIPALS).fetchall():
        frames.setdefault(principal, {}).setdefault((label, own), []).append(stretch(times, None))
    owners = grouped(
        (member, stretch(times, ("owner", owner, (kind, name))))
        for _, member, *times, owner, kind, name in connection.execute(OWNERS).fetchall()
    )
    for (scope, principal), roles in held.items():
        parts: list[Stretch[Any]] = [*roles, *owners.get(principal, [])]
        for (label, own), frame in (frames.get(principal) or _unseen(principal, roles)).items():
            for each in slices(frame, parts):
                given = sorted({name for what, name, _ in each.content if what == "role"})
                found = {id_: more for what, id_, more in each.content if what == "owner"}
                times = [each.valid_from, each.valid_to, each.earliest, each.record]
                if given:
                    yield [scope, principal, label, *times, own, *owned(found), ", ".join(given)]


def _unseen(principal: str, roles: list[Stretch[Any]]) -> dict[tuple[str, bool | None], list[Stretch[None]]]:
    """A holder that no reading of the service principals shows: it is there, and whose it is cannot be told."""
    frame = [stretch([one.valid_from, one.valid_to, one.earliest, one.record], None) for one in roles]
    return {(principal, None): frame}


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    """After `AZURE_ACCESS`."""
    store(connection, POWERFUL_APPLICATION, list(_rows(connection)))


AZURE_APPLICATIONS = Derivation(tables=(POWERFUL_APPLICATION,), derive=_derive)
