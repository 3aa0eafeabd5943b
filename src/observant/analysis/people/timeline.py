"""People over time: who was known when, with what rules, and which days are worked.

Who vanishes from an export without a last day left on the day of the first export without them: that is all the
evidence says. They stay known, so that what they left behind still has a name. A change of department, and an earlier
employment, stand in the export or are seen from one export to the next.
"""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import duckdb
from msgspec.structs import replace

from observant.analysis.people.linking import Declared, Linker, Person
from observant.analysis.slices import Cell, Version, versions
from observant.model.time import FOREVER

_FOREVER = FOREVER.replace(tzinfo=None)
_AHEAD = timedelta(days=400)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_TABLES = {
    "people_person": ("email", "starts_at", "ends_at", "department", "department_since", "earlier_end"),
    "people_account": ("account", "account_scope", "kind", "owner", "reason"),
    "people_rules": ("rules",),
}


class Moment(NamedTuple):
    """A stretch in which nothing about people changes. Moments are naive UTC, as the engine has them."""

    start: datetime
    end: datetime
    linker: Linker


class People:
    """All exports of people together."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        given = [one for many in versions(connection, _TABLES).values() for one in many]
        self.persons = [one for history in _histories(given) for one in history]
        others = [one for one in given if one.table != "people_person"]
        self.moments = list(_moments(self.persons, others))
        self._starts = [one.start for one in self.moments]
        self.rules = {one.scope: _rules(one) for one in sorted(others, key=_began) if one.table == "people_rules"}
        """Scope -> the newest rules."""

    def between(self, start: datetime, end: datetime) -> Iterator[Moment]:
        """The stretches that lie in this time, cut down to it."""
        place = max(0, bisect_right(self._starts, start) - 1)
        for one in self.moments[place:]:
            if one.start >= end:
                return
            if one.end > start:
                yield Moment(max(one.start, start), min(one.end, end), one.linker)

    def workdays(self) -> dict[str, list[datetime]]:
        """Scope -> ends of the worked days around the last days of its people."""
        ends: dict[str, list[datetime]] = defaultdict(list)
        for one in self.persons:
            if (left := person_of(one).ends_at) is not None:
                ends[one.scope].append(left)
        return {scope: workdays(rules, ends[scope]) for scope, rules in self.rules.items()}


def person_of(one: Version) -> Person:
    values: dict[str, Any] = one.values
    return Person(
        one.scope,
        one.member,
        one.label,
        values["email"],
        values["starts_at"],
        values["ends_at"],
        values["department_since"],
        values["earlier_end"],
    )


def _histories(given: list[Version]) -> Iterator[list[Version]]:
    """Each person's versions, without holes and without end."""
    of_person: dict[tuple[str, str], list[Version]] = defaultdict(list)
    for one in sorted(given, key=_began):
        if one.table == "people_person":
            of_person[one.scope, one.member].append(one)
    for history in of_person.values():
        filled: list[Version] = []
        history = list(_with_the_past(history))
        for one, following in zip(history, [*history[1:], None], strict=True):
            filled.append(one)
            until = following.valid_from if following else _FOREVER
            if one.valid_to < until:
                gone = {**one.values, "ends_at": one.values["ends_at"] or one.valid_to}
                since = one.valid_to
                filled.append(replace(one, valid_from=since, valid_to=until, earliest=since, values=gone))
        yield filled


def _with_the_past(history: list[Version]) -> Iterator[Version]:
    """What the export does not say of earlier departments and employments, from the versions before."""
    moved: Cell = None
    ended: Cell = None
    before: Version | None = None
    for one in history:
        values = one.values
        if before is not None and before.values["department"] != values["department"]:
            moved = one.valid_from
        last = before.values["ends_at"] if before is not None else None
        starts = values["starts_at"]
        if isinstance(last, datetime) and isinstance(starts, datetime) and last <= starts:
            ended = last
        told = {"department_since": values["department_since"] or moved, "earlier_end": values["earlier_end"] or ended}
        yield replace(one, values={**values, **told})
        before = one


def _moments(persons: list[Version], others: list[Version]) -> Iterator[Moment]:
    everything = [*persons, *others]
    for start, end in pairwise(sorted({at for one in everything for at in (one.valid_from, one.valid_to)})):
        held = [one for one in everything if one.valid_from <= start < one.valid_to]
        people = [person_of(one) for one in held if one.table == "people_person"]
        declared = [_declared(one) for one in held if one.table == "people_account"]
        links = [link for one in held if one.table == "people_rules" for link in _rules(one).get("links", [])]
        yield Moment(start, end, Linker(people, declared, dict.fromkeys(links)))


def _declared(one: Version) -> Declared:
    values: dict[str, Any] = one.values
    return Declared(values["account"], values["account_scope"], values["kind"], values["owner"], values["reason"])


def _rules(one: Version) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(str(one.values["rules"]))
    return read


def _began(one: Version) -> datetime:
    return one.valid_from


def workdays(rules: dict[str, Any], ends: list[datetime]) -> list[datetime]:
    """Ends of the worked days around these moments, in order: what a deadline in working days is counted in."""
    if not ends:
        return []
    holidays = {date.fromisoformat(day) for day in rules.get("holidays", [])}
    worked = {_WEEKDAYS.index(day) for day in rules.get("workweek", []) if day in _WEEKDAYS}
    day, last, found = min(ends).date() - timedelta(days=30), max(ends).date() + _AHEAD, list[datetime]()
    zone = ZoneInfo(rules.get("zone", "UTC"))
    while day <= last:
        if day.weekday() in worked and day not in holidays:
            over = datetime.combine(day + timedelta(days=1), time(), zone)
            found.append(over.astimezone(UTC).replace(tzinfo=None))
        day += timedelta(days=1)
    return found
