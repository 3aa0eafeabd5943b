"""Where things are drawn: bars, ticks and days as numbers. The templates only put them into SVG."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import msgspec

from observant.model.interval import Interval
from observant.model.verdict import Verdict
from observant.period.conclusion import CollectionCoverage, PeriodResult
from observant.reports.visible import visible
from observant.reports.words import VERDICT_WORDS, moment_words, span_words

Timeline = Sequence[tuple[Interval, Verdict]]

# What must not be overlooked is drawn last, and never narrower than this.
_DRAWN = (Verdict.NOT_APPLICABLE, Verdict.PASS, Verdict.UNKNOWN, Verdict.FAIL)
_LEAST = 2.0
_MOST_BARS = 600
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MOST_CALENDARS = 12


class Bar(msgspec.Struct, frozen=True):
    """One stretch of one verdict; x and width in the units of the plot."""

    x: float
    width: float
    verdict: str
    title: str


class Tick(msgspec.Struct, frozen=True):
    x: float
    label: str


class DayState(StrEnum):
    """What the log has of one day of one scope."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    NOTHING = "nothing"
    AHEAD = "ahead"


DAY_WORDS = {
    DayState.COMPLETE: "every collection read completely",
    DayState.PARTIAL: "some collections not read completely",
    DayState.NOTHING: "nothing read completely",
    DayState.AHEAD: "not yet judged",
}
_WORST_DAY = (DayState.NOTHING, DayState.PARTIAL, DayState.COMPLETE, DayState.AHEAD)


class Day(msgspec.Struct, frozen=True):
    """One square: column of its week, row of its weekday (Monday is 0)."""

    column: int
    row: int
    state: DayState
    title: str


class Calendar(msgspec.Struct, frozen=True):
    title: str
    days: list[Day]
    months: list[Tick]
    """x is a column."""
    columns: int
    counts: dict[DayState, int]


def bars(timeline: Timeline, within: Interval, width: float) -> list[Bar]:
    """The bars of one timeline over `within`, in the order in which they are drawn."""
    stretches = sorted(timeline) if len(timeline) <= _MOST_BARS else _worst_per_slot(timeline, within)
    drawn = sorted(stretches, key=lambda one: _DRAWN.index(one[1]))
    return [_bar(interval, verdict, within, width) for interval, verdict in drawn]


def _bar(interval: Interval, verdict: Verdict, within: Interval, width: float) -> Bar:
    scale = width / within.length.total_seconds()
    x = (interval.start - within.start).total_seconds() * scale
    length = interval.length.total_seconds() * scale
    if verdict in (Verdict.FAIL, Verdict.UNKNOWN):
        length = max(length, _LEAST)
    x = min(x, width - length)
    words = f"{VERDICT_WORDS[verdict]}: {moment_words(interval.start)} to {moment_words(interval.end)}"
    return Bar(round(x, 2), round(length, 2), verdict.value, f"{words} ({span_words(interval.length)})")


def _worst_per_slot(timeline: Timeline, within: Interval) -> list[tuple[Interval, Verdict]]:
    """More changes than a screen can show: the worst verdict of each slot, neighbours of one verdict joined."""
    slot = within.length / _MOST_BARS
    worst: list[Verdict | None] = [None] * _MOST_BARS
    for interval, verdict in timeline:
        first = int((interval.start - within.start) / slot)
        last = int((interval.end - within.start - timedelta(microseconds=1)) / slot)
        for at in range(max(first, 0), min(last, _MOST_BARS - 1) + 1):
            known = worst[at]
            if known is None or _DRAWN.index(verdict) > _DRAWN.index(known):
                worst[at] = verdict
    joined: list[tuple[Interval, Verdict]] = []
    for at, verdict_or_none in enumerate(worst):
        if verdict_or_none is None:
            continue
        stretch = Interval(within.start + slot * at, within.start + slot * (at + 1))
        if joined and joined[-1][1] == verdict_or_none and joined[-1][0].end == stretch.start:
            joined[-1] = (Interval(joined[-1][0].start, stretch.end), verdict_or_none)
        else:
            joined.append((stretch, verdict_or_none))
    return joined


def month_ticks(within: Interval, width: float) -> list[Tick]:
    """The first of every month; in periods above two years, of every third."""
    scale = width / within.length.total_seconds()
    step = 1 if within.length <= timedelta(days=740) else 3
    ticks: list[Tick] = []
    at = within.start
    while at < within.end:
        if at.day == 1 and (at.month - 1) % step == 0:
            year = f" {at.year}" if at.month == 1 or not ticks else ""
            ticks.append(Tick(round((at - within.start).total_seconds() * scale, 2), f"{_MONTHS[at.month - 1]}{year}"))
        at = _next_month(at)
    return ticks


def _next_month(at: datetime) -> datetime:
    return datetime(at.year + at.month // 12, at.month % 12 + 1, 1, tzinfo=UTC)


def calendars(result: PeriodResult) -> list[Calendar]:
    """One calendar per scope; of many scopes one for all together and the worst few."""
    by_scope: dict[str, list[CollectionCoverage]] = {scope: [] for scope in result.scopes}
    for one in result.coverage:
        by_scope.setdefault(one.scope, []).append(one)
    days = _days(result)
    states = {scope: _states(read, days, result) for scope, read in by_scope.items()}
    chosen = list(states)
    if len(states) > MOST_CALENDARS:
        chosen = sorted(states, key=lambda scope: _trouble(states[scope]), reverse=True)[: MOST_CALENDARS - 1]
        together = [_worst(column) for column in zip(*states.values(), strict=True)]
        return [
            _calendar(f"All {len(states)} scopes together, the worst of each day", days, together),
            *(_calendar(scope, days, states[scope]) for scope in chosen),
        ]
    return [_calendar(scope, days, states[scope]) for scope in chosen]


def _days(result: PeriodResult) -> list[date]:
    return [result.first + timedelta(days=number) for number in range((result.last - result.first).days + 1)]


def _states(read: list[CollectionCoverage], days: list[date], result: PeriodResult) -> list[DayState]:
    missing: dict[date, int] = {}
    for one in read:
        for day in one.days_missing:
            missing[day] = missing.get(day, 0) + 1
    last = (result.through - timedelta(seconds=1)).date()
    return [_state(missing.get(day, 0), len(read)) if day <= last else DayState.AHEAD for day in days]


def _state(missing: int, collections: int) -> DayState:
    if missing >= collections:
        return DayState.NOTHING
    return DayState.PARTIAL if missing else DayState.COMPLETE


def _trouble(states: list[DayState]) -> tuple[int, int]:
    return states.count(DayState.NOTHING), states.count(DayState.PARTIAL)


def _worst(states: Iterable[DayState]) -> DayState:
    return min(states, key=_WORST_DAY.index)


def _calendar(title: str, days: list[date], states: list[DayState]) -> Calendar:
    monday = days[0] - timedelta(days=days[0].weekday())
    squares = [
        Day((day - monday).days // 7, day.weekday(), state, f"{day:%a} {day}: {DAY_WORDS[state]}")
        for day, state in zip(days, states, strict=True)
    ]
    months = [Tick((day - monday).days // 7, _MONTHS[day.month - 1]) for day in days if day.day == 1 or day == days[0]]
    # A period that begins late in a month has no room for that month's name before the next one.
    months = [one for one, after in zip(months, [*months[1:], None], strict=True) if not after or after.x - one.x > 2]
    counts = {state: states.count(state) for state in DayState}
    return Calendar(visible(title), squares, months, squares[-1].column + 1, counts)
