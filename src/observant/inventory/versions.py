"""Row versions: which rows are open, and what a new complete reading closes and opens."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import msgspec

from observant.evidence.snapshot import Json
from observant.inventory.table import Row, Value
from observant.model.time import FOREVER


class Change(msgspec.Struct, frozen=True):
    """One complete reading of one collection of one scope."""

    scope: str
    at: datetime
    before: datetime | None
    """The complete reading before it; None for the first."""
    record: int


class OpenRow(msgspec.Struct, frozen=True):
    """A row that was still true at the last reading. `rowid` when it is stored already."""

    row: Row
    valid_from: datetime
    earliest: datetime
    record: int
    rowid: int | None = None


class Version(msgspec.Struct, frozen=True):
    """A row version ready to be stored."""

    scope: str
    entity: str
    open: OpenRow
    valid_to: datetime

    def as_json(self, columns: tuple[str, ...]) -> Json:
        row = self.open.row
        return {
            "scope": self.scope,
            "member": row.member,
            "label": row.label,
            "valid_from": self.open.valid_from,
            "valid_to": self.valid_to,
            "earliest": self.open.earliest,
            "record": self.open.record,
            "entity": self.entity,
            **dict(zip(columns, row.values, strict=True)),
        }


Identity = tuple[str, str, tuple[object, ...]]
Stored = Callable[[str, str, Iterable[str]], Iterator[tuple[str, OpenRow]]]
Absorbs = Callable[[tuple[Value, ...], tuple[Value, ...], datetime], bool]


def _identity(row: Row) -> Identity:
    return row.member, row.label, row.values


class Versions:
    """Open rows by table, scope and entity. `stored` fetches those of earlier runs, only for entities that changed."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored
        self._open: dict[tuple[str, str], dict[str, dict[Identity, OpenRow]]] = {}
        self._closed: dict[str, list[Version]] = {}
        self._superseded: dict[str, list[int]] = {}

    def apply(self, table: str, change: Change, now: dict[str, list[Row]], absorbs: Absorbs | None = None) -> None:
        """`now`: entity -> its rows in this reading, for the entities that changed (no rows: it is gone)."""
        known = self._open.setdefault((table, change.scope), {})
        missing = [entity for entity in now if entity not in known]
        if missing:
            for entity in missing:
                known[entity] = {}
            for entity, row in self._stored(table, change.scope, missing):
                known[entity][_identity(row.row)] = row
        for entity, rows in now.items():
            self._replace(table, change, entity, known, rows, absorbs)

    def _replace(
        self,
        table: str,
        change: Change,
        entity: str,
        known: dict[str, dict[Identity, OpenRow]],
        rows: list[Row],
        absorbs: Absorbs | None,
    ) -> None:
        before, after = known[entity], {}
        for row in rows:
            identity = _identity(row)
            kept = before.pop(identity, None)
            if kept is None and absorbs is not None:
                kept = self._carried_on(table, change, before, row, absorbs)
            after[identity] = kept or OpenRow(row, change.at, _earliest(change, row), change.record)
        for gone in before.values():
            if gone.valid_from < change.at:  # else two readings of one moment: the one recorded last counts
                self._closed.setdefault(table, []).append(Version(change.scope, entity, gone, change.at))
            if gone.rowid is not None:
                self._superseded.setdefault(table, []).append(gone.rowid)
        known[entity] = after

    def _carried_on(
        self, table: str, change: Change, before: dict[Identity, OpenRow], row: Row, absorbs: Absorbs
    ) -> OpenRow | None:
        """The row as the continuation of an older one of its member, if the table has it so."""
        for identity, old in before.items():
            if old.row.member == row.member and absorbs(old.row.values, row.values, change.at):
                del before[identity]
                if old.rowid is not None:
                    self._superseded.setdefault(table, []).append(old.rowid)
                return OpenRow(row, old.valid_from, old.earliest, old.record)
        return None

    def drain(self) -> Iterator[tuple[str, list[int], Iterator[Version]]]:
        """What to store, table by table: (table, rowids that are replaced, versions)."""
        for table in dict.fromkeys([*self._closed, *self._superseded, *(table for table, _ in self._open)]):
            yield table, self._superseded.get(table, []), self._new_versions(table)

    def _new_versions(self, table: str) -> Iterator[Version]:
        yield from self._closed.get(table, [])
        for (name, scope), entities in self._open.items():
            if name == table:
                for entity, rows in entities.items():
                    for row in rows.values():
                        if row.rowid is None:
                            yield Version(scope, entity, row, FOREVER)

    def forget(self) -> None:
        self._open.clear()
        self._closed.clear()
        self._superseded.clear()


def _earliest(change: Change, row: Row) -> datetime:
    """The less favourable bound: as far back as the reading before allows, but not before its own birth."""
    if change.before is None:
        return change.at
    if row.born is not None and change.before < row.born <= change.at:
        return row.born
    return change.before
