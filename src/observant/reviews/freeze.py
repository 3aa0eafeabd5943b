"""Freezing a population: every item of the chosen scopes as the newest snapshot of each showed it."""

import re
from collections.abc import Collection
from datetime import datetime

import duckdb
import msgspec

from observant.inventory.projection import TABLES
from observant.model.time import BEGINNING
from observant.reviews.item import Item, Population
from observant.reviews.kinds import QUERIES, reviewed

_NOW = re.compile(r"\bnow_(\w+)")


class Unread(msgspec.Struct, frozen=True):
    """A collection that the population is made from and the newest snapshot does not have."""

    scope: str
    collection: str
    why: str


def newest_snapshots(connection: duckdb.DuckDBPyConnection, scopes: Collection[str]) -> dict[str, tuple[int, datetime]]:
    """Scope -> record and moment (UTC, without zone) of its newest snapshot, complete or not."""
    rows = connection.execute(
        "SELECT scope, max(record), max(started) FROM reading WHERE list_contains($scopes, scope) GROUP BY scope",
        {"scopes": sorted(scopes)},
    ).fetchall()
    return {scope: (record, started) for scope, record, started in rows}


def unread(connection: duckdb.DuckDBPyConnection, snapshots: dict[str, tuple[int, datetime]]) -> list[Unread]:
    """What these snapshots do not have of what their populations are made from."""
    found: list[Unread] = []
    for scope, (record, _) in sorted(snapshots.items()):
        rows = connection.execute(
            "SELECT collection, complete, reason || coalesce(' (' || detail || ')', '') FROM reading "
            "WHERE record = ? AND scope = ?",
            [record, scope],
        ).fetchall()
        known = {collection: (complete, why) for collection, complete, why in rows}
        for collection in sorted(collections_of(scope)):
            complete, why = known.get(collection, (False, "it was not part of the snapshot"))
            if not complete:
                found.append(Unread(scope, collection, why))
    return found


def freeze(connection: duckdb.DuckDBPyConnection, snapshots: dict[str, tuple[int, datetime]]) -> Population:
    """The population. Needs the view `verdict` of an evaluation on this connection, for the flags."""
    items: list[Item] = []
    for scope, (_, started) in snapshots.items():
        flags = _flags(connection, scope, started)
        for access in reviewed(scope.partition(":")[0]):
            items += _items(connection, access.kind, scope, started, flags)
    return Population.frozen(items, {scope: record for scope, (record, _) in snapshots.items()})


def collections_of(scope: str) -> set[str]:
    """The collections that the population of a scope is made from."""
    tables = {table for access in reviewed(scope.partition(":")[0]) for table in _NOW.findall(QUERIES[access.kind])}
    return {collection for table in tables for collection in TABLES[table].collections}


def _items(
    connection: duckdb.DuckDBPyConnection, kind: str, scope: str, at: datetime, flags: dict[str, list[str]]
) -> list[Item]:
    for table in sorted(set(_NOW.findall(QUERIES[kind]))):
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE now_{table} AS SELECT * FROM {table} "  # noqa: S608
            "WHERE scope = $scope AND valid_from <= $at AND $at < valid_to",
            {"scope": scope, "at": at},
        )
    rows = connection.execute(
        f"SELECT member, label, person, privileges, last_used FROM ({QUERIES[kind]})"  # noqa: S608
    ).fetchall()
    return [
        Item(
            kind=kind,
            scope=scope,
            member=member,
            label=label,
            person=person or "",
            privileges=tuple(sorted({one for one in privileges or () if one is not None})),
            flags=tuple(flags.get(member, ())),
            last_used=_used(last_used),
        )
        for member, label, person, privileges, last_used in rows
    ]


def _flags(connection: duckdb.DuckDBPyConnection, scope: str, at: datetime) -> dict[str, list[str]]:
    rows = connection.execute(
        "SELECT member, list(DISTINCT check_id ORDER BY check_id) FROM verdict "
        "WHERE scope = $scope AND verdict = 'fail' AND valid_from <= $at AND $at < valid_to GROUP BY member",
        {"scope": scope, "at": at},
    ).fetchall()
    return dict(rows)


def _used(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return "never" if moment == BEGINNING.replace(tzinfo=None) else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
