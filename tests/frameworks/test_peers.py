"""The list of what others ask has no hole, and the page of differences names checks that exist."""

from collections import Counter

from observant.checks.registry import CHECKS
from observant.frameworks.peers import NOT_HERE, SAME

PROWLER = {"iam": 51, "cloudtrail": 15, "organizations": 5, "accessanalyzer": 2}
"""Checks of Prowler 5.46, counted in its folders."""
HUB = {f"IAM.{number}" for number in range(1, 29)} - {"IAM.20"}
"""IAM.20 is retired."""


def test_each_of_ours_exists_and_stands_once() -> None:
    assert [] == [one.ours for one in SAME if one.ours not in CHECKS]
    assert len(SAME) == len({one.ours for one in SAME})


def test_every_check_of_the_others_is_matched_or_named_as_not_here() -> None:
    matched = {theirs for one in SAME for theirs in (*one.prowler, *one.hub)}

    assert set() == matched & set(NOT_HERE)
    counted = Counter(one.partition("_")[0] for one in matched | set(NOT_HERE) if "_" in one)
    assert PROWLER == counted
    assert HUB == {one for one in matched | set(NOT_HERE) if one.startswith("IAM.")}
