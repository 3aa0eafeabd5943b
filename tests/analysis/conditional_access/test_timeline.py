"""What a policy was between two snapshots."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from observant.analysis.conditional_access.timeline import GONE, Change, Sighting, Stretch, timeline

DAY = datetime(2025, 3, 1, 6, tzinfo=UTC)


def at(hours: float) -> datetime:
    return DAY + timedelta(hours=hours)


def seen(hours: float, document: str) -> Sighting:
    return Sighting(at(hours), document, 1)


def told(hours: float, before: str | None, after: str | None) -> Change:
    return Change(at(hours), before, after, 2, "eve")


def found(*facts: Sighting | Change) -> list[tuple[float, float, str | None, str]]:
    """(from, earliest, document, seen by) in hours."""
    sightings = [one for one in facts if isinstance(one, Sighting)]
    changes = [one for one in facts if isinstance(one, Change)]

    def hours(moment: datetime) -> float:
        return (moment - DAY) / timedelta(hours=1)

    return [
        (hours(one.valid_from), hours(one.earliest), one.document, one.seen)
        for one in timeline(sightings, changes, lambda a, b: a.lower() == b.lower())
    ]


def test_snapshots_alone_give_bounds() -> None:
    assert [(0, 0, "a", "snapshot"), (24, 0, "b", "snapshot")] == found(seen(0, "a"), seen(24, "b"))


def test_an_event_narrows_a_change_to_its_second() -> None:
    assert [(0, 0, "a", "snapshot"), (5, 5, "b", "audit log")] == found(seen(0, "a"), told(5, "a", "B"), seen(24, "b"))


def test_what_came_and_went_between_two_snapshots() -> None:
    expected = [(0, 0, "a", "snapshot"), (5, 5, "b", "audit log"), (9, 9, "a", "audit log")]

    assert expected == found(seen(0, "a"), told(5, "a", "b"), told(9, "b", "a"), seen(24, "a"))


def test_a_policy_that_only_the_log_ever_saw() -> None:
    expected = [(0, 0, GONE, "snapshot"), (5, 5, "x", "audit log"), (9, 9, GONE, "audit log")]

    assert expected == found(seen(0, GONE), told(5, GONE, "x"), told(9, "x", GONE), seen(24, GONE))


def test_a_missing_document_is_what_came_next() -> None:
    assert [(0, 0, "a", "snapshot"), (5, 5, "b", "audit log")] == found(
        seen(0, "a"), told(5, None, None), seen(24, "b")
    )
    assert [(0, 0, "a", "snapshot"), (5, 5, "b", "audit log"), (9, 9, "c", "audit log")] == found(
        seen(0, "a"), told(5, None, None), told(9, "b", "c"), seen(24, "c")
    )


def test_two_events_without_documents_leave_the_time_between_open() -> None:
    expected = [(0, 0, "a", "snapshot"), (5, 5, None, "audit log"), (9, 9, "b", "audit log")]

    assert expected == found(seen(0, "a"), told(5, None, None), told(9, None, None), seen(24, "b"))


def test_a_change_the_log_skipped_leaves_the_time_before_open() -> None:
    expected = [(0, 0, "a", "snapshot"), (0, 0, None, "audit log"), (9, 9, "c", "audit log")]

    assert expected[1:] == found(seen(0, "a"), told(9, "b", "c"), seen(24, "c"))[1:]


def test_after_an_event_the_bound_is_the_event() -> None:
    expected = [(0, 0, "a", "snapshot"), (5, 5, "b", "audit log"), (24, 5, "c", "snapshot")]

    assert expected == found(seen(0, "a"), told(5, "a", "b"), seen(24, "c"))


def test_nothing_is_said_of_the_time_before_the_first_snapshot() -> None:
    assert [(0, 0, "a", "snapshot")] == found(told(-5, "x", "a"), seen(0, "a"))
    assert [] == found(told(5, "a", "b"))


@given(
    st.lists(st.tuples(st.integers(1, 99), st.sampled_from("abc")), max_size=6), st.sets(st.integers(1, 99), max_size=4)
)
def test_with_a_complete_log_the_snapshots_between_add_nothing(steps: list[tuple[int, str]], looks: set[int]) -> None:
    """The truth is a random history; every change of it is in the log."""
    truth = [(0, "a")]
    changes = []
    for hour, document in sorted(dict(steps).items()):
        if document != truth[-1][1]:
            changes.append(told(hour, truth[-1][1], document))
            truth.append((hour, document))
    sightings = [seen(look, [doc for hour, doc in truth if hour <= look][-1]) for look in sorted({0, *looks})]

    assert truth == [(one[0], one[2]) for one in found(*sightings, *changes)]
    assert all(start == earliest for start, earliest, _, _ in found(*sightings, *changes))


def test_stretches_carry_who_made_the_change() -> None:
    (_, changed) = timeline([seen(0, "a")], [told(1, "a", "b")], str.__eq__)

    assert Stretch(at(1), at(1), "b", 2, "audit log", "eve") == changed
