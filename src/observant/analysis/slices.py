"""Valid time cut into slices in which nothing changes: what a derived table that joins several others is made from.

A slice begins and ends where some row version does. What holds in it is a plain question about a still picture; equal
answers of neighbouring slices become one row version again.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

import duckdb
import msgspec

from observant.analysis.derivation import VALID_TIME

Cell = str | int | float | bool | datetime | None


class Version(msgspec.Struct, frozen=True):
    """One row version of some table; `values` are those of its columns that were asked for."""

    table: str
    scope: str
    member: str
    label: str
    valid_from: datetime
    valid_to: datetime
    earliest: datetime
    record: int
    values: dict[str, Cell]


class Slice:
    """What was valid together from `start` to `end`; `earliest` is the less favourable bound of its beginning."""

    def __init__(self, start: datetime, end: datetime, earliest: datetime, held: dict[str, dict[int, Version]]) -> None:
        self.start, self.end, self.earliest = start, end, earliest
        self._held = {table: list(versions.values()) for table, versions in held.items()}
        self.record = max((one.record for versions in self._held.values() for one in versions), default=0)

    def rows(self, table: str) -> list[Version]:
        return self._held.get(table, [])


class Answer(msgspec.Struct, frozen=True):
    """A row of a derived table. `values` in the order of its own columns."""

    scope: str
    member: str
    label: str
    valid_from: datetime
    valid_to: datetime
    earliest: datetime
    record: int
    values: tuple[Cell, ...]


def versions(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Sequence[str]]) -> dict[str, list[Version]]:
    """Scope -> row versions of these tables with these columns."""
    found: dict[str, list[Version]] = {}
    for table, columns in tables.items():
        own = "".join(f', "{column}"' for column in columns)
        rows = connection.execute(
            f"SELECT scope, member, label, valid_from, valid_to, earliest, record{own} FROM {table}"  # noqa: S608
        ).fetchall()
        for scope, member, label, start, end, earliest, record, *values in rows:
            told = dict(zip(columns, values, strict=True))
            one = Version(table, scope, member, label, start, end, earliest, record, told)
            found.setdefault(scope, []).append(one)
    return found


def taken(connection: duckdb.DuckDBPyConnection) -> dict[str, list[datetime]]:
    """Scope -> when its snapshots began, in order."""
    found: dict[str, list[datetime]] = {}
    for scope, started in connection.execute("SELECT DISTINCT scope, started FROM reading ORDER BY ALL").fetchall():
        found.setdefault(scope, []).append(started)
    return found


def slices(given: list[Version], snapshots: list[datetime]) -> Iterator[Slice]:
    """The slices of one scope in order, without those in which nothing at all is valid.

    `snapshots`: when the scope was read, in order. What ended may have ended as early as just after the one before.
    """
    begins: dict[datetime, list[int]] = {}
    ends: dict[datetime, list[int]] = {}
    for number, one in enumerate(given):
        begins.setdefault(one.valid_from, []).append(number)
        ends.setdefault(one.valid_to, []).append(number)
    held: dict[str, dict[int, Version]] = {}
    moments = sorted({*begins, *ends})
    for start, end in pairwise(moments):
        for number in ends.get(start, ()):
            held[given[number].table].pop(number, None)
        for number in begins.get(start, ()):
            held.setdefault(given[number].table, {})[number] = given[number]
        if any(held.values()):
            bounds = [given[number].earliest for number in begins.get(start, ())]
            if start in ends:
                place = bisect_left(snapshots, start)
                bounds.append(snapshots[place - 1] if place else start)
            yield Slice(start, end, max(bounds), held)


def joined(answers: Iterable[Answer]) -> list[Answer]:
    """Neighbouring answers of one member that say the same are one."""
    last: dict[tuple[str, str], int] = {}
    found: list[Answer] = []
    for one in answers:
        key = one.scope, one.member
        before = found[last[key]] if key in last else None
        if before and before.valid_to == one.valid_from and (before.label, before.values) == (one.label, one.values):
            found[last[key]] = msgspec.structs.replace(before, valid_to=one.valid_to)
        else:
            last[key] = len(found)
            found.append(one)
    return found


def store(
    connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], answers: Iterable[Answer]
) -> None:
    """Replace the whole table. `columns`: all of its columns and types."""
    connection.execute(f"DELETE FROM {table}")  # noqa: S608
    rows = [
        (one.scope, one.member, one.label, one.valid_from, one.valid_to, one.earliest, one.record, *one.values)
        for one in joined(answers)
    ]
    if rows:
        listed = ", ".join(f"unnest(?::{kind}[])" for kind in columns.values())
        connection.execute(f"INSERT INTO {table} SELECT {listed}", [list(column) for column in zip(*rows, strict=True)])


def shape(**own: str) -> dict[str, str]:
    """Columns of a derived valid-time table."""
    return VALID_TIME | own
