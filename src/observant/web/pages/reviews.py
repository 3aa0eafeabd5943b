"""Access reviews: every campaign, and one with what became of its decisions."""

from collections import Counter

from django.http import Http404, HttpRequest, HttpResponse

from observant.app.reviews.elsewhere import Elsewhere, elsewhere
from observant.app.reviews.listing import CampaignStatus, ReviewerProgress
from observant.app.reviews.reminding import Reminder, reminders
from observant.model.period import Period
from observant.reviews.difference import removed
from observant.web.board import board
from observant.web.periods import reading_of
from observant.web.rendering import page
from observant.web.visitors import STAFF, Visitor, account_of, visitor_of

_MOST = 50
"""Rows of a list that is there for orientation."""


def reviews(request: HttpRequest) -> HttpResponse:
    """Staff see all campaigns, an auditor those of their period, a reviewer those with items of their own."""
    account = account_of(request)
    own = account.reviewer if account else ""
    listed = visible(request)
    return page(
        request,
        "reviews.html",
        campaigns=listed,
        mine={one.campaign: progress for one in listed if (progress := progress_of(one, own))},
        own=own,
        asked=_asked(request),
        elsewhere=_elsewhere(request),
        show=request.GET.get("show", ""),
        demo=board().now.status.demo,
    )


def _elsewhere(request: HttpRequest) -> list[Elsewhere]:
    """Reviews that were not held here, when staff ask for them."""
    if visitor_of(request) not in STAFF or request.GET.get("show", "") != "elsewhere":
        return []
    return board().with_log(lambda judged: elsewhere(judged.evaluation.inventory))


def _asked(request: HttpRequest) -> list[Reminder]:
    """Who has to be reminded of what; for staff."""
    if visitor_of(request) not in STAFF:
        return []
    now = board().now
    return reminders(now.unopened, board().campaigns(), board().people(), now.judged.evaluation.as_of)


def review(request: HttpRequest, name: str) -> HttpResponse:
    found = next((one for one in visible(request) if one.campaign == name), None)
    if found is None:
        raise Http404
    account = account_of(request)
    mine = progress_of(found, account.reviewer) if account else None
    state = board().state(name)
    return page(
        request,
        "review.html",
        campaign=found,
        mine=mine,
        opened=state.campaign.opened,
        gone=removed(state.population, state.before)[:_MOST],
        changes=Counter(one.change for one in state.differences.values()),
        unsigned=state.campaign.missing_signatures(state.assignment),
        demo=board().now.status.demo,
    )


def progress_of(campaign: CampaignStatus, reviewer: str) -> ReviewerProgress | None:
    """How far this reviewer is; None for somebody without items in it."""
    return next((one for one in campaign.reviewers if one.reviewer == reviewer), None)


def visible(request: HttpRequest) -> list[CampaignStatus]:
    every, visitor, account = board().campaigns(), visitor_of(request), account_of(request)
    if visitor is Visitor.REVIEWER and account:
        return [one for one in every if progress_of(one, account.reviewer)]
    if visitor is Visitor.AUDITOR:
        within = Period(*reading_of(request).period).interval
        return [one for one in every if within.start <= one.as_of < within.end]
    return every
