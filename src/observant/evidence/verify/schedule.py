"""The schedule is itself a record, so a run that never happened can be seen to be missing."""

import re
from datetime import UTC, datetime, timedelta

from observant.evidence.verify.report import MissedSlot
from observant.evidence.verify.statements import Statement

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_EVERY = re.compile(r"([1-9]\d{0,5}) (minute|hour|day|week)s?")


class Schedule:
    """Collects runs against the schedule in force.

    A record of kind `schedule` says `every` (`1 day`, `6 hours`) and applies from its effective time to that of the
    next. Slots are counted from 1970 in UTC. Each whole slot in that stretch which ended by the last recorded time must
    hold the effective time of a record of kind `run`, whatever its outcome.
    """

    def __init__(self) -> None:
        self._in_force: list[tuple[datetime, timedelta]] = []
        self._runs: set[datetime] = set()

    def add(self, statement: Statement) -> None:
        """Take notice of a run or a schedule; anything else is ignored, also a schedule without a cadence."""
        effective = statement.effective
        if statement.kind == "run":
            self._runs.add(effective)
        if statement.kind == "schedule":
            match = _EVERY.fullmatch(str(statement.predicate.get("every")))
            every = timedelta(**{match[2] + "s": int(match[1])}) if match else timedelta()
            self._in_force.append((effective, every))

    def missed(self, until: datetime) -> list[MissedSlot]:
        found: list[MissedSlot] = []
        ends = [start for start, _ in self._in_force[1:]] + [until]
        for (start, every), end in zip(self._in_force, ends, strict=False):
            if every:
                found += _missed(start, every, end, self._runs)
        return found


def _missed(start: datetime, every: timedelta, end: datetime, runs: set[datetime]) -> list[MissedSlot]:
    first = -((_BEGINNING - start) // every)  # rounded up: the slot that the schedule began in is not held against it
    held = {(run - _BEGINNING) // every for run in runs}
    slots = range(first, (end - _BEGINNING) // every)
    return [
        MissedSlot(_BEGINNING + slot * every, _BEGINNING + (slot + 1) * every) for slot in slots if slot not in held
    ]
