"""One period made ready for pages: exceptions by key, what changed, bars. Worked out once for each period."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from itertools import islice

import msgspec

from observant.model.interval import Interval
from observant.model.period import Period
from observant.model.time import text
from observant.model.verdict import Verdict
from observant.period.conclusion import CheckResult, ControlException, ControlResult, PeriodResult
from observant.reports.html import PLOT
from observant.reports.picture import Bar, Tick, bars, month_ticks
from observant.reports.tables import checks_of

CHANGES = 12


class Change(msgspec.Struct, frozen=True):
    """An exception that began or ended."""

    at: datetime
    began: bool
    then: Verdict | None
    """After the end: what could be said next; None when the member was gone."""
    key: str
    exception: ControlException


class Reading(msgspec.Struct, frozen=True):
    """Everything that pages show of one period."""

    result: PeriodResult
    within: Interval
    """The whole period, also where it has not passed yet."""
    controls: dict[str, ControlResult]
    checks: dict[str, CheckResult]
    shows: dict[str, list[str]]
    """Check -> the controls that name it."""
    exceptions: dict[str, ControlException]
    """Key -> exception, those that last first, then the newest."""
    places: dict[str, int]
    """Key -> its place among them."""
    changes: list[Change]
    bars: dict[str, list[Bar]]
    """Control or check -> its timeline."""
    ticks: list[Tick]

    @property
    def period(self) -> Period:
        return Period(self.result.first, self.result.last)

    def after(self, key: str, check: str, most: int) -> tuple[list[tuple[str, ControlException]], str]:
        """Exceptions that come after this key, of one check or of all, and the key to go on with, empty at the end."""
        start = self.places.get(key, -1) + 1
        rest = islice(self.exceptions.items(), start, None)
        found = list(islice((one for one in rest if not check or one[1].check == check), most + 1))
        return found[:most], found[most - 1][0] if len(found) > most else ""


def key_of(one: ControlException) -> str:
    """Short name of an exception in addresses: the same as long as it began at the same moment."""
    parts = "\0".join((one.check, one.scope, one.member, text(one.start)))
    return hashlib.sha256(parts.encode()).hexdigest()[:20]


Follows = Callable[[ControlException], Verdict | None]
"""The verdict of the member from the end of the exception on; None when there is none."""


def read(result: PeriodResult, follows: Follows) -> Reading:
    """Make a period ready."""
    within = Period(result.first, result.last).interval
    checks = checks_of(result)
    every = [one for check in checks.values() for one in check.exceptions]
    every.sort(key=lambda one: (one.end is None, one.start), reverse=True)
    exceptions = {key_of(one): one for one in every}
    shows: dict[str, list[str]] = {}
    for control in result.controls:
        for check in control.checks:
            shows.setdefault(check.check, []).append(control.control)
    timelines = {one.control: one.timeline for one in result.controls} | {
        one.check: one.timeline for one in checks.values()
    }
    return Reading(
        result=result,
        within=within,
        controls={one.control: one for one in result.controls},
        checks=checks,
        shows=shows,
        exceptions=exceptions,
        places={key: place for place, key in enumerate(exceptions)},
        changes=_changes(exceptions, follows),
        bars={name: bars(timeline, within, PLOT) for name, timeline in timelines.items()},
        ticks=month_ticks(within, PLOT),
    )


def _changes(exceptions: dict[str, ControlException], follows: Follows) -> list[Change]:
    """The newest beginnings and ends within the period."""
    found = [(one.start, key, True) for key, one in exceptions.items() if not one.began_before_period]
    found += [(one.end, key, False) for key, one in exceptions.items() if one.end is not None]
    newest = sorted(found, reverse=True)[:CHANGES]
    return [
        Change(at, began, None if began else follows(exceptions[key]), key, exceptions[key])
        for at, key, began in newest
    ]
