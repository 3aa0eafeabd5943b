"""Records -> valid-time tables, incrementally and rebuildable.

The projection is disposable: it names the log and size it was made from, and anything that does not fit is thrown away
and made again from the log. One `advance` reads the records that are new, compares each complete collection with the
last complete one of its scope by digest, turns only what changed into rows, and writes all of it in one transaction.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import msgspec

from observant.evidence.events import KIND
from observant.evidence.log import Log, Manifest, Record
from observant.evidence.snapshot import Json
from observant.inventory import events
from observant.inventory.aws import TABLES as AWS_TABLES
from observant.inventory.azure import TABLES as AZURE_TABLES
from observant.inventory.entra import TABLES as ENTRA_TABLES
from observant.inventory.load import clear, create, insert
from observant.inventory.narrowing import NARROWED, make, narrow, stored_as
from observant.inventory.organization import TABLES as ORGANIZATION_TABLES
from observant.inventory.people import TABLES as PEOPLE_TABLES
from observant.inventory.table import COMMON, Facet, Row, Table, Value
from observant.inventory.tickets import TABLES as TICKETS_TABLES
from observant.inventory.versions import Change, OpenRow, Versions

FORMAT = 11
"""Raise when a table or its meaning changes: an older projection is then made again."""

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        *AWS_TABLES,
        *ENTRA_TABLES,
        *ORGANIZATION_TABLES,
        *AZURE_TABLES,
        *PEOPLE_TABLES,
        *TICKETS_TABLES,
    )
}

_COLLECTIONS: dict[tuple[str, Facet], list[tuple[Table, int]]] = {}
for _table in TABLES.values():
    for _place, _reading in enumerate(_table.readings):
        _COLLECTIONS.setdefault((_reading.collection, _reading.facet), []).append((_table, _place))

_HIDDEN = {"entity": "VARCHAR"}

_BOOKKEEPING = {
    "projection": {"format": "BIGINT", "origin": "VARCHAR", "size": "BIGINT"},
    "record": {
        "index": "BIGINT",
        "kind": "VARCHAR",
        "scope": "VARCHAR",
        "effective": "TIMESTAMP",
        "recorded": "TIMESTAMP",
        "predicate": "VARCHAR",
    },
    "reading": {
        "scope": "VARCHAR",
        "collection": "VARCHAR",
        "record": "BIGINT",
        "started": "TIMESTAMP",
        "finished": "TIMESTAMP",
        "complete": "BOOLEAN",
        "reason": "VARCHAR",
        "detail": "VARCHAR",
        "members": "BIGINT",
    },
    "entity": {"scope": "VARCHAR", "collection": "VARCHAR", "facet": "VARCHAR", "urn": "VARCHAR", "digest": "VARCHAR"},
}


def _columns(table: Table) -> dict[str, str]:
    return COMMON | table.columns | _HIDDEN


class Inventory:
    """The inventory of one workspace in one DuckDB file; `connection` is what checks run on."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._digests: dict[tuple[str, str, Facet], dict[str, str]] = {}
        self._touched: dict[tuple[str, str, Facet], set[str]] = {}
        self._last_complete: dict[tuple[str, str], datetime] = {}
        self._versions = Versions(self._stored_rows)
        self._staged: dict[str, list[Json]] = {}

    @classmethod
    def open(cls, path: Path | None) -> "Inventory":
        """Open or make the projection; None keeps it in memory. One process at a time has it open."""
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect(str(path) if path else ":memory:")
        connection.execute("SET preserve_insertion_order = true")
        inventory = cls(connection)
        if not inventory._is_current_format():
            inventory._make_tables()
        return inventory

    def close(self) -> None:
        self.connection.close()

    @property
    def size(self) -> int:
        """Number of log records projected."""
        row = self.connection.execute("SELECT size FROM projection").fetchone()
        return int(row[0]) if row else 0

    def advance(self, log: Log) -> int:
        """Project the records that are new; returns how many.

        Starts anew for a log that does not continue ours, and for exports handed in later than newer ones.
        """
        if not self._continues(log):
            self._make_tables()
        start = self.size
        if start == log.size:
            return 0
        records = list(log.records(start))
        if self._comes_late(records):
            self._make_tables()
            records, start = list(log.records()), 0
        self.connection.execute("BEGIN")
        try:
            for record in sorted(records, key=_in_time):
                self._project(log, record)
            self._write(log)
            narrow(self.connection, TABLES, {record.scope for record in records})
            self.connection.execute("COMMIT")
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        finally:
            self._forget()
        return log.size - start

    # -- what is stored

    def _is_current_format(self) -> bool:
        found = self.connection.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_name = 'projection'"
        ).fetchone()
        if not found or not found[0]:
            return False
        row = self.connection.execute("SELECT format FROM projection").fetchone()
        return bool(row and row[0] == FORMAT)

    def _make_tables(self) -> None:
        clear(self.connection)
        shapes = {name: _columns(table) for name, table in TABLES.items()}
        plain = {name: columns for name, columns in shapes.items() if name not in NARROWED}
        for name, columns in (_BOOKKEEPING | plain | events.EVENT_TABLES).items():
            create(self.connection, name, columns)
        make(self.connection, {name: shapes[name] for name in sorted(NARROWED)})
        self.connection.execute("INSERT INTO projection VALUES (?, '', 0)", [FORMAT])

    def _continues(self, log: Log) -> bool:
        size = self.size
        if size == 0:
            return True
        row = self.connection.execute("SELECT origin FROM projection").fetchone()
        if row != (log.origin,) or size > log.size:
            return False
        ours = self.connection.execute(
            'SELECT kind, scope, recorded, predicate FROM record WHERE "index" = ?', [size - 1]
        ).fetchone()
        last = next(iter(log.records(size - 1)))
        return ours == (last.kind, last.scope, last.recorded.replace(tzinfo=None), _text(last.predicate))

    def _comes_late(self, records: list[Record]) -> bool:
        """Whether one is about a time before what is projected of its scope."""
        last = dict(self.connection.execute("SELECT scope, max(started) FROM reading GROUP BY scope").fetchall())
        return any(
            record.kind == "snapshot" and record.scope in last and record.effective < _utc(last[record.scope])
            for record in records
        )

    def _stored_rows(self, table: str, scope: str, entities: Iterable[str]) -> Iterator[tuple[str, OpenRow]]:
        """Open row versions of some entities, as (entity, row)."""
        own = ", ".join(f'"{column}"' for column in TABLES[table].columns)
        wanted = list(entities)
        rows = self.connection.execute(
            f"SELECT rowid, entity, member, label, valid_from, earliest, record, {own} FROM {stored_as(table)} "  # noqa: S608
            "WHERE scope = ? AND valid_to = TIMESTAMP '9999-12-31' AND entity IN (SELECT unnest(?))",
            [scope, wanted],
        ).fetchall()
        for rowid, entity, member, label, valid_from, earliest, record, *values in rows:
            row = Row(member, label, tuple(_aware(value) for value in values))
            yield entity, OpenRow(row, _utc(valid_from), _utc(earliest), record, rowid)

    # -- one record

    def _project(self, log: Log, record: Record) -> None:
        self._stage(
            "record",
            {
                "index": record.index,
                "kind": record.kind,
                "scope": record.scope,
                "effective": record.effective,
                "recorded": record.recorded,
                "predicate": _text(record.predicate),
            },
        )
        if record.kind == "snapshot":
            self._project_snapshot(log, record)
        if record.kind == KIND:
            for table, row in events.rows_of(log, record):
                self._stage(table, row)

    def _project_snapshot(self, log: Log, record: Record) -> None:
        manifest = log.manifest(record)
        by_collection: dict[str, dict[str, str]] = {}
        for (collection, urn), digest in manifest.entries.items():
            by_collection.setdefault(collection, {})[urn] = digest
        for name in manifest.collections:
            self._stage_reading(record, manifest, name)
        complete = [name for name, summary in manifest.collections.items() if summary.status == "complete"]
        found = {name: by_collection.get(name, {}) for name in complete}
        bodies = self._new_objects(log, record, manifest, found)
        for name in complete:
            # Decoded for one collection at a time: as Python objects they take ten times the room.
            decoded = {urn: msgspec.json.decode(body) for urn, body in bodies.pop(name, {}).items()}
            self._project_facet(record, manifest, name, "configuration", found[name], decoded)
            if (name, "usage") in _COLLECTIONS:
                usage = log.usage(record, name)
                digests = {urn: _fingerprint(value) for urn, value in usage.items()}
                self._project_facet(record, manifest, name, "usage", digests, usage)
            self._last_complete[record.scope, name] = manifest.started

    def _new_objects(
        self, log: Log, record: Record, manifest: Manifest, found: dict[str, dict[str, str]]
    ) -> dict[str, dict[str, bytes]]:
        """collection -> urn -> configuration as JSON, for what is new or changed since the last complete reading."""
        wanted: dict[str, list[tuple[str, str]]] = {}
        for name, digests in found.items():
            for urn in self._changed(record.scope, name, "configuration", digests):
                wanted.setdefault(digests[urn], []).append((name, urn))
        bodies: dict[str, dict[str, bytes]] = {}
        for digest, body in log.objects(manifest, set(wanted)):
            for name, urn in wanted[digest]:
                bodies.setdefault(name, {})[urn] = body
        return bodies

    def _changed(self, scope: str, collection: str, facet: Facet, found: dict[str, str]) -> list[str]:
        known = self._known(scope, collection, facet)
        return [urn for urn, digest in found.items() if known.get(urn) != digest]

    def _project_facet(
        self,
        record: Record,
        manifest: Manifest,
        collection: str,
        facet: Facet,
        found: dict[str, str],
        bodies: dict[str, Json],
    ) -> None:
        known = self._known(record.scope, collection, facet)
        changed = self._changed(record.scope, collection, facet, found)
        gone = [urn for urn in known if urn not in found]
        if changed or gone:
            self._touched.setdefault((record.scope, collection, facet), set()).update(changed, gone)
            for table, place in _COLLECTIONS.get((collection, facet), []):
                rows_of = table.readings[place].rows
                now = {f"{collection}/{urn}": list(rows_of(urn, bodies[urn])) for urn in changed}
                now.update({f"{collection}/{urn}": [] for urn in gone})
                change = Change(
                    scope=record.scope,
                    at=manifest.started,
                    before=self._previous(record.scope, collection),
                    record=record.index,
                )
                self._versions.apply(table.name, change, now, table.absorbs)
        self._digests[record.scope, collection, facet] = found

    def _known(self, scope: str, collection: str, facet: Facet) -> dict[str, str]:
        key = (scope, collection, facet)
        if key not in self._digests:
            rows = self.connection.execute(
                "SELECT urn, digest FROM entity WHERE scope = ? AND collection = ? AND facet = ?", list(key)
            ).fetchall()
            self._digests[key] = dict(rows)
        return self._digests[key]

    def _previous(self, scope: str, collection: str) -> datetime | None:
        """When this collection of this scope was last read completely."""
        key = (scope, collection)
        if key not in self._last_complete:
            row = self.connection.execute(
                "SELECT max(started) FROM reading WHERE scope = ? AND collection = ? AND complete", list(key)
            ).fetchone()
            if row is None or row[0] is None:
                return None
            self._last_complete[key] = _utc(row[0])
        return self._last_complete[key]

    # -- writing

    def _stage(self, table: str, row: Json) -> None:
        self._staged.setdefault(table, []).append(row)

    def _stage_reading(self, record: Record, manifest: Manifest, name: str) -> None:
        summary = manifest.collections[name]
        self._stage(
            "reading",
            {
                "scope": record.scope,
                "collection": name,
                "record": record.index,
                "started": manifest.started,
                "finished": manifest.finished,
                "complete": summary.status == "complete",
                "reason": summary.reason,
                "detail": summary.detail,
                "members": summary.count,
            },
        )

    def _write(self, log: Log) -> None:
        for name, rows in self._staged.items():
            if name in events.EVENT_TABLES:
                fresh = events.once(self.connection, name, rows)
                insert(self.connection, name, events.EVENT_TABLES[name], fresh)
            else:
                insert(self.connection, name, _BOOKKEEPING[name], rows)
        for name, superseded, versions in self._versions.drain():
            table = TABLES[name]
            if superseded:
                place = stored_as(name)
                self.connection.execute(f"DELETE FROM {place} WHERE rowid IN (SELECT unnest(?))", [superseded])  # noqa: S608
            own = tuple(table.columns)
            insert(self.connection, stored_as(name), _columns(table), (version.as_json(own) for version in versions))
        for (scope, collection, facet), touched in self._touched.items():
            self.connection.execute(
                "DELETE FROM entity WHERE scope = ? AND collection = ? AND facet = ? AND urn IN (SELECT unnest(?))",
                [scope, collection, facet, sorted(touched)],
            )
            digests = self._digests[scope, collection, facet]
            insert(
                self.connection,
                "entity",
                _BOOKKEEPING["entity"],
                (
                    {"scope": scope, "collection": collection, "facet": facet, "urn": urn, "digest": digests[urn]}
                    for urn in touched
                    if urn in digests
                ),
            )
        self.connection.execute("UPDATE projection SET origin = ?, size = ?", [log.origin, log.size])

    def _forget(self) -> None:
        self._digests.clear()
        self._touched.clear()
        self._last_complete.clear()
        self._staged.clear()
        self._versions.forget()


def _in_time(record: Record) -> tuple[bool, datetime, int]:
    """Row versions follow each other in the order of what they are about, not of when the log was told."""
    return record.kind == "snapshot", record.effective, record.index


def _utc(naive: datetime) -> datetime:
    return naive.replace(tzinfo=UTC)


def _aware(value: Value) -> Value:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def _text(value: Json) -> str:
    return msgspec.json.encode(value, order="sorted").decode()


def _fingerprint(value: Json) -> str:
    return hashlib.blake2b(msgspec.json.encode(value, order="sorted"), digest_size=16).hexdigest()
