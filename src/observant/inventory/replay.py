"""What events say about the time between two readings: the boundary of a row version to the second, and what came and
went between them.

Between two complete readings only the beginning and the end are known. The events of that time are played, in order,
on what the first reading showed. Where they lead to what the second one showed, each step has its second. Where they
do not, something happened that no event tells of: the steps stand, and the rest of the difference keeps the bounds that
the readings give it. Nothing is said about the time before the first reading.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import msgspec

from observant.inventory.table import Value
from observant.model.time import FOREVER


class Effect(StrEnum):
    """What an event does to a member of a table."""

    APPEARS = "appears"
    VANISHES = "vanishes"
    BECOMES = "becomes"
    """The named columns have these values now."""
    TOUCHES = "touches"
    """Something about it is another now; the event does not say what in the columns' terms."""


class Happening(NamedTuple):
    """An event's effect on one member."""

    at: datetime
    record: int
    effect: Effect
    columns: Mapping[str, Value] = {}
    label: str = ""


class Version(NamedTuple):
    """A row version of the member. `values` by column."""

    valid_from: datetime
    valid_to: datetime
    earliest: datetime
    record: int
    label: str
    values: Mapping[str, Value]


class _State(NamedTuple):
    label: str
    values: Mapping[str, Value]


class _Step(NamedTuple):
    at: datetime
    earliest: datetime
    record: int
    state: _State | None


def replayed(
    versions: list[Version], happenings: Iterable[Happening], readings: list[datetime], columns: Iterable[str]
) -> list[Version]:
    """The row versions of one member, with what its events say.

    `versions` in order, `readings` the sorted times of the complete readings that could have shown the member.
    """
    events = sorted(happenings, key=lambda one: one.at)
    steps: list[_Step] = []
    for place, start in enumerate(readings):
        end = readings[place + 1] if place + 1 < len(readings) else FOREVER
        window = [one for one in events if start < one.at <= end]
        before, after = _at(versions, start), _at(versions, end) if end < FOREVER else None
        if place == 0:
            steps += _opening(before)
        steps += _window(window, before, after, start, end, tuple(columns))
    return _joined(steps)


def _at(versions: list[Version], moment: datetime) -> Version | None:
    place = bisect_left(versions, moment, key=lambda one: one.valid_to)
    while place < len(versions) and versions[place].valid_to <= moment:
        place += 1
    found = versions[place] if place < len(versions) else None
    return found if found is not None and found.valid_from <= moment else None


def _opening(version: Version | None) -> list[_Step]:
    return [_Step(version.valid_from, version.earliest, version.record, _state(version))] if version else []


def _window(
    events: list[Happening],
    before: Version | None,
    after: Version | None,
    start: datetime,
    end: datetime,
    columns: tuple[str, ...],
) -> list[_Step]:
    steps: list[_Step] = []
    state, touched = _state(before), set[str]()
    for place, event in enumerate(events):
        last = place == len(events) - 1 and end < FOREVER
        touched |= _names(state, event, columns)
        state = _applied(state, event, columns)
        if last and _explains(state, _state(after), touched):
            state = _state(after)
        steps.append(_Step(event.at, event.at, event.record, state))
    if end < FOREVER and state != _state(after):
        known = steps[-1].at if steps else start
        earliest = max(after.earliest, known) if after is not None and after.valid_from == end else known
        record = after.record if after is not None else before.record if before is not None else steps[-1].record
        steps.append(_Step(end, earliest, record, _state(after)))
    return steps


def _state(version: Version | None) -> _State | None:
    return None if version is None else _State(version.label, version.values)


def _names(state: _State | None, event: Happening, columns: tuple[str, ...]) -> set[str]:
    """Columns about which an event may have said something."""
    if event.effect is Effect.BECOMES:
        return set(event.columns)
    return set(columns) if state is None or event.effect is Effect.TOUCHES else set()


def _applied(state: _State | None, event: Happening, columns: tuple[str, ...]) -> _State | None:
    if event.effect is Effect.VANISHES:
        return None
    if event.effect is Effect.APPEARS:
        fresh = {column: event.columns.get(column) for column in columns}
        return _State(event.label, fresh) if state is None else state
    if state is None:
        return None
    if event.effect is Effect.BECOMES:
        return _State(state.label, {**state.values, **event.columns})
    return _State(state.label, dict.fromkeys(columns))


def _explains(state: _State | None, after: _State | None, touched: set[str]) -> bool:
    """Whether the last event left the member as the next reading showed it, as far as events can tell."""
    if state is None or after is None:
        return state is after
    return all(
        _alike(state.values[column], value) or (column in touched and state.values[column] is None)
        for column, value in after.values.items()
    )


def _alike(one: Value, other: Value) -> bool:
    """Equal, or the same JSON written in another way."""
    if one == other or not isinstance(one, str) or not isinstance(other, str) or one[:1] not in ("{", "["):
        return one == other
    try:
        return bool(msgspec.json.decode(one) == msgspec.json.decode(other))
    except (msgspec.MsgspecError, RecursionError):
        return False


def _joined(steps: list[_Step]) -> list[Version]:
    """Steps become versions; a step that changes nothing carries on the version before it."""
    told: list[_Step] = []
    for step in steps:
        if told and told[-1].at == step.at:
            told.pop()
        if (told[-1].state if told else None) != step.state:
            told.append(step)
    ends = [*(step.at for step in told[1:]), FOREVER][: len(told)]
    return [
        Version(step.at, end, step.earliest, step.record, step.state.label, step.state.values)
        for step, end in zip(told, ends, strict=True)
        if step.state is not None and step.at < end
    ]
