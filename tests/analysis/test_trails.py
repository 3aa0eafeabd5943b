import json
from datetime import UTC, datetime, timedelta

import pytest

from observant.analysis.kleene import both, either
from observant.analysis.trails import Coverage, Seen, TrailState, coverage, parts_of

START = datetime(2025, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def state(trail: str, first: int, last: int, **parts: bool | None) -> TrailState:
    return TrailState(f"arn:aws:cloudtrail:us-east-1:1:trail/{trail}", day(first), day(last), day(first), first, parts)


def whole(trail: str, first: int = 0, last: int = 9, **parts: bool | None) -> TrailState:
    good: dict[str, bool | None] = {
        "multi_region": True,
        "is_logging": True,
        "management_events": True,
        "log_validation": True,
    }
    return state(trail, first, last, **(good | parts))


def of(*states: TrailState) -> list[Coverage]:
    return list(coverage(list(states), [Seen(day(0), day(9), 4)]))


def test_kleene() -> None:
    assert (False, None, True) == (both([True, None, False]), both([True, None]), both([True, True]))
    assert (True, None, False) == (either([False, None, True]), either([False, None]), either([False, False]))


def test_no_trail_is_a_plain_no() -> None:
    assert [(False, "there is no trail", 4)] == [(one.recording, one.recording_because, one.record) for one in of()]


def test_one_good_trail_is_enough() -> None:
    assert [True] == [one.recording for one in of(whole("good"), whole("bad", is_logging=False))]


def test_two_half_trails_do_not_make_a_whole_one() -> None:
    assert [False] == [one.recording for one in of(whole("a", is_logging=False), whole("b", management_events=False))]


def test_an_unknown_part_is_unknown_unless_another_trail_settles_it() -> None:
    assert [None] == [one.recording for one in of(whole("a", is_logging=None))]
    assert [False] == [one.recording for one in of(whole("a", is_logging=None, multi_region=False))]
    assert [True] == [one.recording for one in of(whole("a", is_logging=None), whole("b"))]


def test_a_trail_whose_status_was_not_given_is_unknown() -> None:
    assert [None] == [one.recording for one in of(state("a", 0, 9, multi_region=True, log_validation=True))]


def test_a_stopped_trail_counts_only_while_it_recorded() -> None:
    parts = state("a", 0, 9, multi_region=True, log_validation=True, management_events=True)
    found = of(parts, state("a", 0, 3, is_logging=True), state("a", 3, 9, is_logging=False))

    assert [(day(0), day(3), True), (day(3), day(9), False)] == [
        (one.valid_from, one.valid_to, one.recording) for one in found
    ]


def test_validation_must_be_on_the_trail_that_records_everything() -> None:
    found = of(whole("recorder", log_validation=False), whole("signer", multi_region=False))

    assert [(True, False)] == [(one.recording, one.validated) for one in found]
    assert "log file validation is off" in found[0].validated_because


@pytest.mark.parametrize(
    ("selectors", "recorded"),
    [
        ([("readOnly", "true"), ("readOnly", "false")], True),
        ([("readOnly", "true")], False),
        ([("readOnly", "true"), ("readOnly", "true")], False),
        ([("readOnly", "false"), ("eventSource", "kms.amazonaws.com")], False),
        ([("", "")], True),
    ],
)
def test_two_selectors_complete_each_other(selectors: list[tuple[str, str]], recorded: bool) -> None:
    management = {"Field": "eventCategory", "Equals": ["Management"]}
    fields = [[management, *([{"Field": name, "Equals": [value]}] if name else [])] for name, value in selectors]
    written = json.dumps({"AdvancedEventSelectors": [{"FieldSelectors": one} for one in fields]})

    assert {"management_events": recorded} == parts_of(("selectors",), [written])
    assert {"management_events": None} == parts_of(("selectors",), [None])
