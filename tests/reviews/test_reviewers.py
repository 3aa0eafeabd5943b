"""Nobody judges their own access, whatever the rules say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observant.reviews.item import Item
from observant.reviews.reviewers import Reviewer, Reviewers, Rule, matches

ADA = Reviewer("ada", "ada@example.com", ("ada", "*user/ada"))
BO = Reviewer("bo", "bo@example.com", ("bo",))


def user(name: str) -> Item:
    return Item("aws-user", "aws:111122223333", f"arn:aws:iam::111122223333:user/{name}", name, name)


def test_the_first_rule_that_matches_names_the_reviewer() -> None:
    rules = (Rule("bo", labels=("vendor-*",)), Rule("ada"))
    found, left = Reviewers((ADA, BO), rules, "bo").assign([user("vendor-acme"), user("chidi")])

    assert {user("vendor-acme").id: "bo", user("chidi").id: "ada"} == found.reviewers
    assert [] == left


def test_own_access_goes_to_the_escalation_and_says_so() -> None:
    found, left = Reviewers((ADA, BO), (Rule("ada"),), "bo").assign([user("ada")])

    assert {user("ada").id: "bo"} == found.reviewers
    assert "ada does not judge their own access" == found.escalated[user("ada").id]
    assert [] == left


def test_what_nobody_may_judge_is_told() -> None:
    found, left = Reviewers((ADA,), (Rule("ada"),), "ada").assign([user("ada"), user("chidi")])

    assert [user("ada")] == left
    assert {user("chidi").id: "ada"} == found.reviewers


@pytest.mark.parametrize(
    ("glob", "value", "expected"),
    [
        ("ada", "Ada", True),
        ("ada", "adam", False),
        ("*.ada", "x.ada", True),
        ("a.a", "axa", False),
        ("*", "", False),
        ("*", "line\nbreak", True),
    ],
)
def test_globs(glob: str, value: str, expected: bool) -> None:
    assert expected == matches((glob,), (value,))


names = st.sampled_from(["ada", "bo", "chidi", "dana", "*", "ad*", "ADA"])


@given(
    people=st.lists(
        st.tuples(names, st.lists(names, max_size=3)), min_size=1, max_size=4, unique_by=lambda one: one[0]
    ),
    rules=st.lists(st.tuples(st.integers(0, 3), st.lists(names, min_size=1, max_size=2)), max_size=4),
    accounts=st.lists(st.sampled_from(["ada", "bo", "chidi", "eve"]), max_size=5, unique=True),
    last=st.integers(0, 3),
)
def test_nobody_is_ever_given_their_own_access(
    people: list[tuple[str, list[str]]], rules: list[tuple[int, list[str]]], accounts: list[str], last: int
) -> None:
    reviewers = [Reviewer(name, f"{name}@example.com", tuple(own)) for name, own in people]
    known = [one.name for one in reviewers]
    chosen = Reviewers(
        tuple(reviewers),
        tuple(Rule(known[at % len(known)], labels=tuple(labels)) for at, labels in rules),
        known[last % len(known)],
    )
    items = [user(name) for name in accounts]

    found, left = chosen.assign(items)

    assert {one.id for one in items} == set(found.reviewers) | {one.id for one in left}
    for item in items:
        if item.id in found.reviewers:
            own = next(one.identities for one in reviewers if one.name == found.reviewers[item.id])
            assert not any(matches((glob,), (item.label, item.member)) for glob in own)
