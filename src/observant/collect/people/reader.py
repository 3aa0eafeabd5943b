"""One export becomes one snapshot. A row that is wrong makes the list a gap that names row, column and remedy.

Only the columns that the workspace names are kept: exports of HR systems hold much that is nobody's business here.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from observant.collect.people.mapping import DAYS, FIELDS, KINDS, REQUIRED, Mapping
from observant.collect.rows import Row, RowError, read_rows, refuse_rows
from observant.collect.unread import Unread
from observant.evidence.snapshot import Collection, Entity, GapReason, Json, Request, Snapshot
from observant.model.scope import Scope
from observant.model.time import Clock, text

COLLECTIONS = ("people.persons", "people.accounts", "people.rules")
_ACCOUNT_COLUMNS = ("account", "scope", "kind", "owner", "reason")
Rows = Callable[[list[Request]], Iterator[Row]]
"""Reads people elsewhere than from a file, noting its requests."""


def read_people(
    mapping: Mapping, clock: Clock, supplied_by: str, *, demo: bool = False, elsewhere: Rows | None = None
) -> Snapshot:
    """What the export says now. Never raises for bad content: that is a gap with the place of what is wrong."""
    started, requests = clock(), list[Request]()
    collections = [
        _collection("people.persons", lambda: _persons(mapping, requests, elsewhere)),
        _collection("people.accounts", lambda: _accounts(mapping, requests)),
        Collection("people.rules", [_rules(mapping)]),
    ]
    scope = str(Scope("people", mapping.name))
    origin = "api" if elsewhere else "files"
    return Snapshot(scope, started, clock(), origin, supplied_by, collections, requests, demo)


def _collection(name: str, read: Any) -> Collection:  # noqa: ANN401
    try:
        return Collection(name, list(read()))
    except Unread as unread:
        return Collection(name, gap=unread.gap)


def _rules(mapping: Mapping) -> Entity:
    holidays = sorted(day.isoformat() for day in mapping.holidays)
    rules = {"links": mapping.links, "zone": mapping.zone, "holidays": holidays, "workweek": mapping.workweek}
    return Entity("rules", rules)


# -- persons


def _persons(mapping: Mapping, requests: list[Request], elsewhere: Rows | None) -> Iterator[Entity]:
    rows = list(elsewhere(requests) if elsewhere else read_rows(mapping.file, "people:ReadFile", requests))
    source = mapping.scim or mapping.file.name
    header = set(rows[0][1]) if rows else set()
    missing = [column for field, column in mapping.columns.items() if column not in header]
    if not rows or missing:
        problem = f"has no column {missing[0]!r}" if missing else "has no row"
        raise Unread(GapReason.FAILED, f"{source}: {problem}; say in observant.toml what the column is called")
    entities, problems, seen = list[Entity](), list[str](), dict[str, int]()
    for number, row in rows:
        try:
            person = _person(mapping, row)
        except RowError as problem:
            problems.append(f"row {number}, {problem}")
            continue
        if person["id"] in seen:
            column = mapping.columns["id"]
            problems.append(f"row {number}, column {column}: {person['id']!r} stands in row {seen[person['id']]} too")
        seen.setdefault(person["id"], number)
        entities.append(Entity(person["id"], person))
    refuse_rows(source, problems)
    return iter(entities)


def _person(mapping: Mapping, row: dict[str, str]) -> Json:
    person: Json = {}
    for field in FIELDS:
        column = mapping.columns.get(field)
        value = (row.get(column) or "").strip() if column else ""
        if not value and field in REQUIRED and field != "end":
            raise RowError(f"column {column}: is empty; every person needs one")
        if field in DAYS:
            person[field] = _moment(mapping, str(column), value, last=DAYS[field])
        else:
            person[field] = value or None
    if person["end"] and person["end"] <= person["start"]:
        raise RowError(f"column {mapping.columns['end']}: ends before it starts; correct one of the two")
    return person


def _moment(mapping: Mapping, column: str, value: str, *, last: bool) -> str | None:
    """A day as a moment: its beginning, or for the last day its end, where the company is."""
    if not value:
        return None
    try:
        day = datetime.strptime(value, mapping.date_format).date()  # noqa: DTZ007 (a day has no zone yet)
    except ValueError:
        problem = f"{value!r} is not a day written {mapping.date_format}; change date_format or the cell"
        raise RowError(f"column {column}: {problem}") from None
    return text(midnight(day + timedelta(days=1 if last else 0), mapping.zone))


def midnight(day: date, zone: str) -> datetime:
    """The first moment of a day in a zone, UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


# -- declared accounts


def _accounts(mapping: Mapping, requests: list[Request]) -> Iterator[Entity]:
    if mapping.accounts is None:
        return
    problems: list[str] = []
    for number, row in read_rows(mapping.accounts, "people:ReadFile", requests):
        unknown = set(row) - set(_ACCOUNT_COLUMNS)
        account = {column: (row.get(column) or "").strip() or None for column in _ACCOUNT_COLUMNS}
        if unknown:
            problems.append(f"row {number}, column {min(unknown)}: is not one of {', '.join(_ACCOUNT_COLUMNS)}")
        elif not account["account"] or not account["owner"]:
            column = "account" if not account["account"] else "owner"
            problems.append(f"row {number}, column {column}: is empty; every declared account needs one")
        elif account["kind"] not in KINDS:
            problems.append(f"row {number}, column kind: {account['kind']!r} is not one of {', '.join(KINDS)}")
        else:
            yield Entity(f"{number:06d} {account['account']}", account | {"scope": account["scope"] or "*"})
    refuse_rows(mapping.accounts.name, problems)
