"""A population has one spelling and one digest; what changed since the one before is never called unchanged."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observant.reviews.decision import Choice, Decision, diligence, problem_of, standing
from observant.reviews.difference import differences, removed
from observant.reviews.item import Item, Population

words = st.text(max_size=8)
items = st.builds(
    Item,
    kind=st.sampled_from(["aws-user", "aws-role"]),
    scope=st.just("aws:111122223333"),
    member=words,
    label=words,
    privileges=st.lists(st.sampled_from("abcd"), unique=True).map(lambda some: tuple(sorted(some))),
)
populations = st.lists(items, unique_by=lambda one: one.id, max_size=8)


@given(populations, st.randoms(use_true_random=False))
def test_the_digest_does_not_depend_on_the_order(some: list[Item], chance: object) -> None:
    shuffled = list(some)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    first, second = Population.frozen(some, {"b": 2, "a": 1}), Population.frozen(shuffled, {"a": 1, "b": 2})

    assert first.digest == second.digest
    assert first == Population.decoded(second.encoded())


def test_the_same_item_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="same identity"):
        Population.frozen([Item("aws-user", "s", "m", "one"), Item("aws-user", "s", "m", "two")], {})


@given(populations, populations)
def test_every_privilege_is_accounted_for(now: list[Item], before: list[Item]) -> None:
    known = {one.id: one for one in before}

    found = differences(Population.frozen(now, {}), Population.frozen(before, {}))

    for item in now:
        earlier = set(known[item.id].privileges) if item.id in known else set()
        change = found[item.id]
        assert set(item.privileges) == (earlier - set(change.lost)) | set(change.gained)
        assert (change.change == "unchanged") == (item.id in known and earlier == set(item.privileges))


def test_what_is_gone_is_told_for_reviewed_scopes_only() -> None:
    here, elsewhere = Item("aws-user", "aws:1", "a", "a"), Item("aws-user", "aws:2", "b", "b")

    assert [here] == removed(Population.frozen([], {"aws:1": 7}), Population.frozen([here, elsewhere], {}))


@pytest.mark.parametrize("choice", [Choice.REVOKE, Choice.CHANGE, Choice.NOT_MINE])
def test_only_keeping_needs_no_reason(choice: Choice) -> None:
    assert "" == problem_of(Choice.KEEP, "")
    assert f"{choice.value} needs a reason" == problem_of(choice, " ")
    assert "" == problem_of(choice, "left")


AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


def decided(item: str, seconds: int, bulk: int = 1, choice: Choice = Choice.KEEP) -> Decision:
    return Decision(item, choice, "ada", AT + timedelta(seconds=seconds), bulk=bulk)


def test_the_last_decision_stands() -> None:
    found = standing([decided("a", 9, choice=Choice.REVOKE), decided("a", 3)])

    assert Choice.REVOKE == found["a"].choice


def test_a_rubber_stamp_shows() -> None:
    found = diligence([decided("a", 0, 3), decided("b", 0, 3), decided("c", 0, 3), decided("d", 40), decided("e", 60)])

    assert (5, 3, 3, 30.0) == (found.decisions, found.in_bulk, found.largest_stroke, found.median_seconds)
