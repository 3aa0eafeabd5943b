"""A reviewer's items, and theirs alone."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from observant.app.reviews.drafts import Drafts
from observant.reviews.decision import Choice
from web.conftest import CAMPAIGN, Site

ADDRESS = f"/reviews/{CAMPAIGN}/items"


@pytest.fixture
def reviewer(site: Site) -> Iterator[Any]:
    yield site.visitor("reviewer")
    Drafts(site.root, CAMPAIGN).path.unlink(missing_ok=True)


def items(page: Any) -> list[str]:
    return re.findall(r'name="item" value="([0-9a-f]{12})"', page.content.decode())


def test_a_stroke_decides_all_that_is_ticked_and_says_so(site: Site, reviewer: Any) -> None:
    first, second, *rest = items(reviewer.get(ADDRESS))
    sent = {"item": [first, second], "choice": "revoke", "reason": "left", "ticket": "T-1"}

    assert 302 == reviewer.post(ADDRESS, sent).status_code

    made = Drafts(site.root, CAMPAIGN).decisions()
    assert {(first, Choice.REVOKE, "ada", "left", "T-1", 2), (second, Choice.REVOKE, "ada", "left", "T-1", 2)} == {
        (one.item, one.choice, one.reviewer, one.reason, one.ticket, one.bulk) for one in made
    }
    assert rest == items(reviewer.get(ADDRESS))
    assert "2 of 5 items decided" in reviewer.get(ADDRESS).content.decode()


def test_keep_needs_one_click_and_everything_else_a_reason(site: Site, reviewer: Any) -> None:
    first, second, *_ = items(reviewer.get(ADDRESS))

    assert 302 == reviewer.post(ADDRESS, {"keep": first}).status_code
    refused = reviewer.post(ADDRESS, {"item": second, "choice": "change", "reason": "  "})

    assert 422 == refused.status_code
    assert "change needs a reason" in refused.content.decode()
    assert [first] == [one.item for one in Drafts(site.root, CAMPAIGN).decisions()]


@pytest.mark.parametrize(
    "sent", [{}, {"choice": "keep"}, {"item": "x", "choice": "keep"}, {"keep": "../../etc"}, {"choice": "drop"}]
)
def test_what_makes_no_sense_decides_nothing(site: Site, reviewer: Any, sent: dict[str, str]) -> None:
    assert 422 == reviewer.post(ADDRESS, sent).status_code
    assert [] == Drafts(site.root, CAMPAIGN).decisions()


def test_nobody_decides_for_somebody_else(site: Site, reviewer: Any) -> None:
    from observant.web.board import board

    state = board().state(CAMPAIGN)
    other = next(one for one, name in state.assignment.items() if name == "bo")

    assert "ada@example.com" in {one.label for one in state.population.items if one.id == other}
    assert 422 == reviewer.post(ADDRESS, {"keep": other}).status_code
    assert 404 == site.visitor("admin").get(ADDRESS).status_code
    assert 404 == site.visitor("admin").post(ADDRESS, {"keep": other}).status_code
    assert [] == Drafts(site.root, CAMPAIGN).decisions()


def test_a_reviewer_sees_no_page_about_others(site: Site, reviewer: Any) -> None:
    page = reviewer.get("/reviews").content.decode()

    assert "0 of 5 decided" in page
    assert "bo" not in re.sub(r"<[^>]*>", "", page).split()
    assert 404 == reviewer.get("/reviews/no-such/items").status_code


def test_when_all_is_decided_the_command_that_signs_is_shown(site: Site, reviewer: Any) -> None:
    reviewer.post(ADDRESS, {"item": items(reviewer.get(ADDRESS)), "choice": "keep"})

    page = reviewer.get(ADDRESS).content.decode()
    assert f"observant review sign {CAMPAIGN} --reviewer ada --key" in page
    assert "drafts until your key signs them" in page
