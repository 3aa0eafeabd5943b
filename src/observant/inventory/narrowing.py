"""Row versions as checks see them: as the readings show them, made exact where events tell more.

For each table that events speak about there are three names. `read_<table>` has the row versions as the readings show
them, and nothing else ever goes in. `replayed_<table>` has the versions of the members that events are known of, worked
out by `replay`. The view `<table>` takes each member from one or the other. So the readings alone decide what the next
reading is compared with, a log without events gives the same rows as ever, and events that are read late make earlier
rows exact as well.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

import duckdb
import msgspec

from observant.evidence.snapshot import Json
from observant.inventory.aws import effects as aws
from observant.inventory.aws.known import Known, Members
from observant.inventory.load import create, insert
from observant.inventory.replay import Happening, Version, replayed
from observant.inventory.table import COMMON, Table, Value

NARROWED = frozenset(aws.TABLES)
_NAMES = ("aws_user", "aws_group", "aws_role", "aws_trail", "aws_trail_status", "aws_access_key")

_VIEW = """
CREATE VIEW "{name}" AS
SELECT * FROM "read_{name}" AS shown WHERE NOT EXISTS (
  SELECT 1 FROM replayed_member AS replayed
  WHERE replayed.name = '{name}' AND replayed.scope = shown.scope AND replayed.member = shown.member
)
UNION ALL SELECT * FROM "replayed_{name}"
"""

_MEMBER = {"name": "VARCHAR", "scope": "VARCHAR", "member": "VARCHAR"}


class _Key(NamedTuple):
    table: str
    member: str
    collection: str


def stored_as(name: str) -> str:
    """Where the row versions of a table go as the readings show them."""
    return f"read_{name}" if name in NARROWED else name


def make(connection: duckdb.DuckDBPyConnection, shapes: dict[str, dict[str, str]]) -> None:
    """The tables and views of everything that events speak about; `shapes` has the columns of each."""
    create(connection, "replayed_member", _MEMBER)
    for name, columns in shapes.items():
        create(connection, f"read_{name}", columns)
        create(connection, f"replayed_{name}", columns)
        connection.execute(_VIEW.format(name=name))


def narrow(connection: duckdb.DuckDBPyConnection, tables: dict[str, Table], scopes: Iterable[str]) -> None:
    """Work out anew what events say about these scopes. It depends on what was read, and not on in how many steps."""
    for scope in sorted(scopes):
        events = _events(connection, scope)
        if events:
            _Scope(connection, tables, scope).narrow(events)


def _events(connection: duckdb.DuckDBPyConnection, scope: str) -> list[aws.Event]:
    rows = connection.execute(
        "SELECT happened_at, record, event_name, request, response, actor_kind, actor FROM aws_change "
        "WHERE scope = ? AND NOT failed AND happened_at IS NOT NULL AND event_name IN (SELECT unnest(?)) "
        "ORDER BY happened_at, record, line",
        [scope, sorted(aws.NARROWING)],
    ).fetchall()
    return [
        aws.Event(
            at=_utc(at),
            record=record,
            name=name,
            request=msgspec.json.decode(request),
            response=msgspec.json.decode(response),
            caller=actor.rpartition("/")[2] if kind == "IAMUser" and actor else None,
        )
        for at, record, name, request, response, kind, actor in rows
    ]


class _Scope:
    def __init__(self, connection: duckdb.DuckDBPyConnection, tables: dict[str, Table], scope: str) -> None:
        self._connection, self._tables, self._scope = connection, tables, scope
        self._readings: dict[str, list[datetime]] = {}

    def narrow(self, events: list[aws.Event]) -> None:
        known = Known({name: self._members(name, None) for name in _NAMES})
        told: dict[_Key, list[Happening]] = {}
        for event in events:
            for one in aws.effects(event, known):
                told.setdefault(_Key(one.table, one.member, one.collection), []).append(one.happening)
        for name in sorted(NARROWED):
            self._table(name, {key: happenings for key, happenings in told.items() if key.table == name})

    def _table(self, name: str, told: dict[_Key, list[Happening]]) -> None:
        shown = self._members(name, [key.member for key in told])
        columns = tuple(self._tables[name].columns)
        exact: dict[str, list[Version]] = {}
        for key, happenings in told.items():
            before = shown.get(key.member, [])
            after = replayed(before, happenings, self._complete(key.collection), columns)
            if after != before:
                exact[key.member] = after
        self._connection.execute("DELETE FROM replayed_member WHERE name = ? AND scope = ?", [name, self._scope])
        self._connection.execute(f'DELETE FROM "replayed_{name}" WHERE scope = ?', [self._scope])  # noqa: S608
        common = {"name": name, "scope": self._scope}
        insert(self._connection, "replayed_member", _MEMBER, ({**common, "member": member} for member in exact))
        shape = {"entity": "VARCHAR", **COMMON, **self._tables[name].columns}
        rows = (_row(self._scope, member, one) for member, versions in exact.items() for one in versions)
        insert(self._connection, f"replayed_{name}", shape, rows)

    def _members(self, name: str, wanted: list[str] | None) -> Members:
        """Row versions as the readings show them, of some members or of all."""
        own = tuple(self._tables[name].columns)
        listed = ", ".join(f'"{column}"' for column in own)
        rows = self._connection.execute(
            f'SELECT member, valid_from, valid_to, earliest, record, label, {listed} FROM "read_{name}" '  # noqa: S608
            "WHERE scope = ? AND (? OR member IN (SELECT unnest(?::VARCHAR[]))) ORDER BY member, valid_from",
            [self._scope, wanted is None, wanted or []],
        ).fetchall()
        found: Members = {}
        for member, start, end, earliest, record, label, *values in rows:
            given = dict(zip(own, map(_aware, values), strict=True))
            found.setdefault(member, []).append(Version(_utc(start), _utc(end), _utc(earliest), record, label, given))
        return found

    def _complete(self, collection: str) -> list[datetime]:
        if collection not in self._readings:
            rows = self._connection.execute(
                "SELECT DISTINCT started FROM reading WHERE scope = ? AND collection = ? AND complete ORDER BY started",
                [self._scope, collection],
            ).fetchall()
            self._readings[collection] = [_utc(started) for (started,) in rows]
        return self._readings[collection]


def _row(scope: str, member: str, one: Version) -> Json:
    life = {"valid_from": one.valid_from, "valid_to": one.valid_to, "earliest": one.earliest, "record": one.record}
    return {"scope": scope, "member": member, "label": one.label, "entity": "", **life, **one.values}


def _utc(naive: datetime) -> datetime:
    return naive.replace(tzinfo=UTC)


def _aware(value: Value) -> Value:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
