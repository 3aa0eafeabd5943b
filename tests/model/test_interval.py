"""The interval algebra against the obvious model: sets of whole hours."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from observant.model.interval import Interval, intersect, length, subtract, union

START = datetime(2025, 1, 1, tzinfo=UTC)


def at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


stretches = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 8)).map(lambda one: Interval(at(one[0]), at(one[0] + one[1]))),
    max_size=8,
)


def hours(many: list[Interval]) -> set[int]:
    return {
        hour
        for one in many
        for hour in range(int((one.start - START).total_seconds()) // 3600, 40)
        if at(hour) < one.end
    }


def is_normal(many: list[Interval]) -> bool:
    return all(a.start < a.end for a in many) and all(a.end < b.start for a, b in pairwise(many))


@given(stretches, stretches)
def test_union_holds_every_moment_of_either(a: list[Interval], b: list[Interval]) -> None:
    assert hours(a) | hours(b) == hours(union(a, b))
    assert is_normal(union(a, b))


@given(stretches, stretches)
def test_intersect_holds_the_moments_of_both(a: list[Interval], b: list[Interval]) -> None:
    assert hours(a) & hours(b) == hours(intersect(a, b))
    assert is_normal(intersect(a, b))


@given(stretches, stretches)
def test_subtract_leaves_what_is_only_left(a: list[Interval], b: list[Interval]) -> None:
    assert hours(a) - hours(b) == hours(subtract(a, b))
    assert is_normal(subtract(a, b))


@given(stretches)
def test_length_counts_each_moment_once(a: list[Interval]) -> None:
    assert timedelta(hours=len(hours(a))) == length(a)
