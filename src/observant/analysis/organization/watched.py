"""Whether anybody collects the accounts of the organization: from each account's first snapshot on, complete or not."""

from collections.abc import Iterator
from datetime import datetime

import duckdb

from observant.analysis.derivation import Derivation, DerivedTable
from observant.analysis.slices import Answer, shape, store, versions

WATCHED = "organization_account_watch"
_NODES = {"organization_node": ("kind", "account", "status")}


def _answers(connection: duckdb.DuckDBPyConnection) -> Iterator[Answer]:
    first: dict[str, datetime] = dict(
        connection.execute("SELECT scope, min(started) FROM reading WHERE scope LIKE 'aws:%' GROUP BY scope").fetchall()
    )
    since: dict[tuple[str, str], datetime] = {}
    for scope, given in versions(connection, _NODES).items():
        for one in sorted(given, key=lambda each: each.valid_from):
            if one.values["kind"] != "account":
                continue
            seen = since.setdefault((scope, one.member), one.valid_from)
            looked = first.get(f"aws:{one.values['account']}", one.valid_to)
            edges = [one.valid_from, min(max(looked, one.valid_from), one.valid_to), one.valid_to]
            for watched, start, end in ((False, edges[0], edges[1]), (True, edges[1], edges[2])):
                if start < end:
                    values = (one.values["account"], one.values["status"], watched, seen)
                    yield Answer(scope, one.member, one.label, start, end, start, one.record, values)


_COLUMNS = shape(account="VARCHAR", status="VARCHAR", watched="BOOLEAN", since="TIMESTAMP")


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    store(connection, WATCHED, _COLUMNS, _answers(connection))


ACCOUNT_WATCH = Derivation(
    (
        DerivedTable(
            WATCHED,
            "Accounts of the organization and whether a snapshot of them was attempted yet. `since`: when the "
            "organization's own snapshots first showed the account.",
            _COLUMNS,
            frozenset({"organizations.nodes"}),
        ),
    ),
    _derive,
)
