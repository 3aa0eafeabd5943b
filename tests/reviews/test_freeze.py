"""The population of whole estates: every kind of access, with what a reviewer needs to judge it."""

from collections import defaultdict
from datetime import date, timedelta

import pytest

from observant.analysis.access import ACCESS
from observant.app.reviews.elsewhere import elsewhere
from observant.reviews.freeze import freeze, newest_snapshots, unread
from observant.reviews.item import Item
from observant.reviews.reviewers import Reviewer, Reviewers, Rule
from worlds.estates import START, mixed, worst
from worlds.workbench import Workbench, policy

Kinds = dict[str, dict[str, Item]]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Kinds]:
    """Estate -> kind -> label -> item."""
    made: dict[str, Kinds] = {}
    for build in (mixed, worst):
        bench = Workbench(tmp_path_factory.mktemp("estate"), START)
        bench.record(*build())
        evaluation = bench.evaluate(policy(date(2025, 6, 1)), START + timedelta(hours=1))
        snapshots = newest_snapshots(evaluation.connection, evaluation.scopes())
        assert [] == unread(evaluation.connection, snapshots)
        kinds: Kinds = defaultdict(dict)
        for item in freeze(evaluation.connection, snapshots).items:
            kinds[item.kind][item.label] = item
        made[build.__name__] = kinds
        if build is mixed:
            (review,) = elsewhere(evaluation.inventory)
            assert {"Approve"} <= set(review.decisions)
            assert review.scopes == [next(scope for scope in evaluation.scopes() if scope.startswith("entra:"))]
            assert review.effective is not None
    return made


def test_every_kind_of_access_is_in_it(found: dict[str, Kinds]) -> None:
    assert set(ACCESS) == {kind for kinds in found.values() for kind in kinds}


def test_what_can_grow_out_of_access_is_said(found: dict[str, Kinds]) -> None:
    climber = found["worst"]["aws-user"]["climber"]
    left = found["worst"]["entra-disabled"]["left@worlds.onmicrosoft.com"]
    root = found["worst"]["aws-root"]["root user of account 111122223333"]
    owner = next(item for label, item in found["mixed"]["azure-role"].items() if label.startswith("Owner of ada"))

    assert any(one.startswith("can make itself an administrator: ") for one in climber.escalations)
    assert ("privileged directory role Global Administrator, standing",) == left.escalations
    assert {"has an active access key", "signs in without a second factor"} == set(root.escalations)
    assert "can give itself and others any role there" in owner.escalations


def test_the_people_behind_a_group_are_named(found: dict[str, Kinds]) -> None:
    staff = found["mixed"]["organization-assignment"]["staff with Readers in account 111122223333"]

    assert ("ada@example.com", "bob@example.com") == staff.holders
    assert {"inline: s3 (Get*)", "for bob (enabled: not known)"} <= set(staff.privileges)


def test_nobody_judges_what_only_they_hold(found: dict[str, Kinds]) -> None:
    ada, bob = Reviewer("ada", "ada@example.com"), Reviewer("bob", "bob@example.com")
    reviewers = Reviewers((ada, bob), (Rule(by="owner"), Rule("ada")), "bob")
    alone = found["mixed"]["organization-assignment"]["emergency with BreakGlass in account 111122223333"]
    shared = found["mixed"]["organization-assignment"]["staff with Readers in account 111122223333"]

    assignment, left = reviewers.assign([alone, shared])

    assert [] == left
    assert {alone.id: "bob", shared.id: "ada"} == assignment.reviewers
    assert "ada does not judge their own access" == assignment.escalated[alone.id]


def test_the_manager_reviews_and_where_nobody_is_known_the_next_rule_does() -> None:
    boss, other = Reviewer("boss", "boss@example.com"), Reviewer("other", "other@example.com")
    reviewers = Reviewers((boss, other), (Rule(by="manager"), Rule("other")), "boss")
    led = Item("aws-user", "aws:1", "a", "a", manager="Boss@Example.com")
    unled = Item("aws-user", "aws:1", "b", "b", manager="gone@example.com")

    assignment, _ = reviewers.assign([led, unled])

    assert {led.id: "boss", unled.id: "other"} == assignment.reviewers


def test_owners_come_from_the_people(found: dict[str, Kinds]) -> None:
    assert ("stale@example.com",) == found["mixed"]["aws-user"]["robot"].holders


def test_what_is_activated_for_some_hours_is_reviewed_as_what_may_be(found: dict[str, Kinds]) -> None:
    label = "Global Administrator of ada@worlds.onmicrosoft.com"

    assert label in found["mixed"]["entra-eligibility"]
    assert label not in found["mixed"]["entra-role"]
