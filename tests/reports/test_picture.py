from datetime import UTC, date, datetime, timedelta

import msgspec

from observant.model.interval import Interval
from observant.model.verdict import Verdict
from observant.period.conclusion import CollectionCoverage
from observant.reports.picture import MOST_CALENDARS, DayState, bars, calendars, month_ticks
from reports.sample import DEV, END, START, day, result, timeline

YEAR = Interval(START, END)


def test_bars_lie_where_their_time_is():
    drawn = bars(timeline((0, Verdict.PASS), (73, Verdict.FAIL), (146, Verdict.PASS)), YEAR, 1000)

    assert [(0, 200, "pass"), (400, 600, "pass"), (200, 200, "fail")] == [
        (one.x, one.width, one.verdict) for one in drawn
    ]


def test_a_failure_of_a_second_is_seen_and_lies_on_top():
    moment = Interval(END - timedelta(seconds=1), END)

    (_, failure) = bars([(moment, Verdict.FAIL), (Interval(START, moment.start), Verdict.PASS)], YEAR, 1000)

    assert ("fail", 998, 2) == (failure.verdict, failure.x, failure.width)
    assert "fail: 2026-12-31 23:59:59Z to 2027-01-01 00:00Z (1 s)" == failure.title


def test_more_changes_than_a_screen_has_room_for_keep_the_worst():
    changes = [
        (Interval(START + timedelta(hours=2 * hour), START + timedelta(hours=2 * hour + step + 1)), verdict)
        for hour in range(4380)
        for step, verdict in ((0, Verdict.PASS),)
    ]
    changes.append((Interval(day(100), day(100) + timedelta(minutes=1)), Verdict.FAIL))

    drawn = bars(changes, YEAR, 1000)

    assert len(drawn) < 10
    assert ["fail"] == [one.verdict for one in drawn if one.verdict == "fail"]


def test_months():
    ticks = month_ticks(YEAR, 365)

    assert ("Jan 2026", 0.0) == (ticks[0].label, ticks[0].x)
    assert ("Dec", 334.0, 12) == (ticks[-1].label, ticks[-1].x, len(ticks))


def test_months_of_a_period_that_begins_within_one():
    begun = datetime(2026, 11, 15, tzinfo=UTC)

    assert ["Dec 2026", "Jan 2027"] == [one.label for one in month_ticks(Interval(begun, begun + timedelta(90)), 1)][:2]


def test_days_are_complete_partial_or_nothing():
    production, development = calendars(result())

    assert (365, 0, 0) == tuple(production.counts[one] for one in list(DayState)[:3])
    assert (354, 1, 10) == tuple(development.counts[one] for one in list(DayState)[:3])
    (sunday,) = [one for one in development.days if one.state == DayState.PARTIAL]
    assert (8, 6, "Sun 2026-03-01: some collections not read completely") == (sunday.column, sunday.row, sunday.title)


def test_days_ahead_are_not_judged():
    running = msgspec.structs.replace(result(), through=datetime(2026, 12, 1, 12, tzinfo=UTC))

    assert 30 == calendars(running)[0].counts[DayState.AHEAD]


def test_a_scope_of_which_nothing_was_read_has_no_good_day():
    of = msgspec.structs.replace(result(), scopes=["aws:0"], coverage=[])

    assert 365 == calendars(of)[0].counts[DayState.NOTHING]


def test_of_many_scopes_the_worst_are_shown():
    names = [f"aws:{number:012d}" for number in range(40)]
    coverage = [CollectionCoverage(name, "iam.users", 365, 0, None, None, [], {}) for name in names]
    coverage.append(CollectionCoverage(DEV, "iam.users", 364, 0, None, None, [date(2026, 5, 5)], {}))
    of = msgspec.structs.replace(result(), scopes=[*names, DEV], coverage=coverage)

    drawn = calendars(of)

    assert (MOST_CALENDARS, "All 41 scopes together, the worst of each day", DEV) == (
        len(drawn),
        drawn[0].title,
        drawn[1].title,
    )
    assert 1 == drawn[0].counts[DayState.NOTHING]
