"""Freezing a population: every item of the chosen scopes as the newest snapshot of each showed it."""

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import duckdb
import msgspec

from observant.inventory.projection import TABLES
from observant.model.time import BEGINNING
from observant.reviews.item import Item, Population
from observant.reviews.kinds import QUERIES, reviewed
from observant.reviews.words import policy_in_words, trust_in_words

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
    newest = connection.execute("SELECT max(started) FROM reading").fetchall()[0][0]
    for scope, (_, started) in snapshots.items():
        flags = _flags(connection, scope, started)
        kinds = reviewed(scope.partition(":")[0])
        for table in sorted({table for access in kinds for table in _NOW.findall(QUERIES[access.kind])}):
            _stand_still(connection, table, scope, started, newest)
        for access in kinds:
            items += _items(connection, access.kind, scope, flags)
    return Population.frozen(items, {scope: record for scope, (record, _) in snapshots.items()})


def collections_of(scope: str) -> set[str]:
    """The collections of its own source that the population of a scope is made from."""
    source = scope.partition(":")[0]
    tables = {table for access in reviewed(source) for table in _NOW.findall(QUERIES[access.kind])}
    own = {table for table in tables if table in TABLES and TABLES[table].source == source}
    return {collection for table in own for collection in TABLES[table].collections}


def _stand_still(connection: duckdb.DuckDBPyConnection, table: str, scope: str, at: datetime, newest: datetime) -> None:
    """Make `now_<table>`: what this scope had at its snapshot; of another source, what every scope has at last."""
    own = table.partition("_")[0] == scope.partition(":")[0]
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE now_{table} AS SELECT * FROM {table} "  # noqa: S608
        f"WHERE {'scope = $scope AND' if own else ''} valid_from <= $at AND $at < valid_to",
        {"scope": scope, "at": at} if own else {"at": newest},
    )


def _items(connection: duckdb.DuckDBPyConnection, kind: str, scope: str, flags: dict[str, list[str]]) -> list[Item]:
    found = connection.execute(f"SELECT * FROM ({QUERIES[kind]})")  # noqa: S608
    names = [column[0] for column in found.description or ()]
    return [_item(kind, scope, dict(zip(names, row, strict=True)), flags) for row in found.fetchall()]


def _item(kind: str, scope: str, told: dict[str, Any], flags: dict[str, list[str]]) -> Item:
    privileges = list(told.get("privileges") or ())
    privileges += [policy_in_words(one["name"] or "policy", one["document"]) for one in told.get("policies") or ()]
    if "trust" in told:
        privileges += trust_in_words(told["trust"])
    return Item(
        kind=kind,
        scope=scope,
        member=told["member"],
        label=told["label"],
        person=told["person"] or "",
        privileges=_sorted(privileges),
        flags=tuple(flags.get(told["member"], ())),
        last_used=_used(told["last_used"]),
        escalations=_sorted(told.get("escalations")),
        holders=_sorted(told.get("holders")),
        manager=told.get("manager") or "",
    )


def _sorted(texts: Iterable[str | None] | None) -> tuple[str, ...]:
    return tuple(sorted({one for one in texts or () if one}))


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
