"""When a run is due: once in each slot, and again soon after a run that was incomplete."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from observant.app.schedule import is_due, next_due, slot_start
from observant.evidence.log import Record

DAY = timedelta(days=1)


def at(hour: int, minute: int = 0, day: int = 10) -> datetime:
    return datetime(2025, 3, day, hour, minute, tzinfo=UTC)


def run(moment: datetime, *, complete: bool) -> Record:
    return Record(index=7, kind="run", scope="", effective=moment, recorded=moment, predicate={"complete": complete})


def test_the_first_run_is_always_due() -> None:
    assert is_due(DAY, None, at(0))
    assert next_due(DAY, None) is None


def test_a_daily_run_is_due_with_the_next_day_in_utc_and_does_not_drift() -> None:
    last = run(at(0, 17), complete=True)

    assert at(0, day=11) == next_due(DAY, last)
    assert not is_due(DAY, last, at(23, 59))
    assert is_due(DAY, last, at(0, 16, day=11))


def test_an_incomplete_run_is_tried_again_after_an_hour() -> None:
    last = run(at(8), complete=False)

    assert not is_due(DAY, last, at(8, 59))
    assert is_due(DAY, last, at(9))


def test_an_incomplete_run_of_a_short_slot_is_tried_again_after_a_quarter_of_it() -> None:
    assert at(8, 15) == next_due(timedelta(hours=1), run(at(8), complete=False))


def test_an_incomplete_run_late_in_a_slot_does_not_delay_the_next_slot() -> None:
    assert at(0, day=11) == next_due(DAY, run(at(23, 30), complete=False))


@given(st.timedeltas(timedelta(minutes=1), timedelta(weeks=10)), st.datetimes())
def test_every_moment_is_in_the_slot_that_begins_at_or_before_it(every: timedelta, naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC)
    start = slot_start(every, moment)

    assert start <= moment < start + every
    assert start == slot_start(every, start)
