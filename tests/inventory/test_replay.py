"""Events between readings: boundaries to the second, what came and went, and nothing beyond what is known."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from observant.inventory.replay import Effect, Happening, Version, replayed
from observant.model.time import FOREVER

DAY = [datetime(2026, 1, day, 6, tzinfo=UTC) for day in range(1, 8)]
NOON = DAY[1] + timedelta(hours=6)
EVENING = DAY[1] + timedelta(hours=12)


def version(start: datetime, end: datetime = FOREVER, earliest: datetime | None = None, **values: object) -> Version:
    return Version(start, end, earliest or start, 1, "it", values)


def event(at: datetime, effect: Effect, **columns: object) -> Happening:
    return Happening(at, 9, effect, columns, "it")


def told(versions: list[Version]) -> list[tuple]:
    return [(one.valid_from, one.valid_to, one.earliest, dict(one.values)) for one in versions]


def play(versions, *events, readings=DAY[:3], columns=("on",)):
    return replayed(versions, events, readings, columns)


def test_what_appeared_has_its_second():
    shown = [version(DAY[2], earliest=DAY[1], on=True)]

    assert [(NOON, FOREVER, NOON, {"on": True})] == told(play(shown, event(NOON, Effect.APPEARS)))


def test_what_vanished_has_its_second():
    shown = [version(DAY[0], DAY[2], on=True)]

    assert [(DAY[0], NOON, DAY[0], {"on": True})] == told(play(shown, event(NOON, Effect.VANISHES)))


def test_what_changed_has_its_second():
    shown = [version(DAY[0], DAY[2], on=True), version(DAY[2], earliest=DAY[1], on=False)]

    expected = [(DAY[0], NOON, DAY[0], {"on": True}), (NOON, FOREVER, NOON, {"on": False})]
    assert expected == told(play(shown, event(NOON, Effect.BECOMES, on=False)))
    assert expected == told(play(shown, event(NOON, Effect.TOUCHES)))


def test_what_came_and_went_between_two_readings_is_told():
    came_and_went = play([], event(NOON, Effect.APPEARS, on=True), event(EVENING, Effect.VANISHES))

    assert [(NOON, EVENING, NOON, {"on": True})] == told(came_and_went)


def test_off_and_on_again_is_told():
    shown = [version(DAY[0], on=True)]

    off_and_on = play(shown, event(NOON, Effect.BECOMES, on=False), event(EVENING, Effect.BECOMES, on=True))

    assert [True, False, True] == [one.values["on"] for one in off_and_on]
    assert [(DAY[0], NOON), (NOON, EVENING), (EVENING, FOREVER)] == [
        (one.valid_from, one.valid_to) for one in off_and_on
    ]


def test_what_no_event_explains_keeps_the_bounds_of_the_readings():
    shown = [version(DAY[0], DAY[2], on=True, more=1), version(DAY[2], earliest=DAY[1], on=False, more=2)]

    found = play(shown, event(NOON, Effect.BECOMES, on=False), columns=("on", "more"))

    assert [
        (DAY[0], NOON, DAY[0], {"on": True, "more": 1}),
        (NOON, DAY[2], NOON, {"on": False, "more": 1}),
        (DAY[2], FOREVER, NOON, {"on": False, "more": 2}),
    ] == told(found)


def test_an_event_that_the_next_reading_contradicts_holds_until_then_and_no_longer():
    shown = [version(DAY[0], on=True)]

    found = play(shown, event(NOON, Effect.VANISHES))

    assert [(DAY[0], NOON, DAY[0]), (DAY[2], FOREVER, NOON)] == [(a, b, c) for a, b, c, _ in told(found)]


def test_events_after_the_newest_reading_count():
    shown = [version(DAY[0], on=True)]

    assert [(DAY[0], NOON, DAY[0], {"on": True})] == told(play(shown, event(NOON, Effect.VANISHES), readings=DAY[:2]))


def test_nothing_is_said_of_the_time_before_the_first_reading():
    shown = [version(DAY[1], on=True)]

    assert shown == play(shown, event(DAY[0], Effect.APPEARS), readings=DAY[1:3])


def test_between_two_touches_nobody_knows():
    shown = [version(DAY[0], DAY[2], on=True), version(DAY[2], earliest=DAY[1], on=False)]

    found = play(shown, event(NOON, Effect.TOUCHES), event(EVENING, Effect.TOUCHES))

    assert [True, None, False] == [one.values["on"] for one in found]


def test_the_same_document_in_another_spelling_is_the_same():
    shown = [version(DAY[2], earliest=DAY[1], on='{"a":1}')]

    assert [NOON] == [one.valid_from for one in play(shown, event(NOON, Effect.APPEARS, on='{ "a": 1 }'))]


states = st.lists(st.sampled_from([None, True, False]), min_size=7, max_size=7)
happenings = st.lists(
    st.tuples(st.integers(0, 7 * 24), st.sampled_from(Effect), st.sampled_from([True, False, None])), max_size=8
)


@given(states, happenings)
def test_at_every_reading_the_answer_is_what_was_read(shown, played):
    versions = []
    for day, state in zip(DAY, shown, strict=True):
        if versions and versions[-1].valid_to == FOREVER and (versions[-1].values["on"],) != (state,):
            versions[-1] = versions[-1]._replace(valid_to=day)
        if state is not None and not (versions and versions[-1].valid_to == FOREVER):
            versions.append(version(day, on=state))
    events = [event(DAY[0] + timedelta(hours=hour), effect, on=value) for hour, effect, value in played]

    found = replayed(versions, events, DAY, ("on",))

    for day, state in zip(DAY, shown, strict=True):
        held = [one.values["on"] for one in found if one.valid_from <= day < one.valid_to]
        assert ([] if state is None else [state]) == held
    assert all(a.valid_to <= b.valid_from and a.valid_from < a.valid_to for a, b in pairwise(found))
    assert all(one.earliest <= one.valid_from for one in found)


@given(states)
def test_without_events_nothing_changes(shown):
    versions = [
        version(day, following, on=state)
        for day, following, state in zip(DAY, [*DAY[1:], FOREVER], shown, strict=True)
        if state is not None
    ]
    joined = []
    for one in versions:
        if joined and joined[-1].valid_to == one.valid_from and joined[-1].values == one.values:
            joined[-1] = joined[-1]._replace(valid_to=one.valid_to)
        else:
            joined.append(one)

    assert [(a, b, d) for a, b, _, d in told(joined)] == [
        (a, b, d) for a, b, _, d in told(replayed(joined, [], DAY, ["on"]))
    ]
