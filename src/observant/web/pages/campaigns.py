"""What is done to a campaign in the browser: open it, give items to somebody else, name a ticket, close it."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from observant.app.reviews.deciding import hand_over
from observant.app.reviews.opening import Prospect, Request, open_review, prospect
from observant.app.reviews.signing import close as close_campaign
from observant.app.reviews.tickets import name_ticket
from observant.errors import ObservantError, UsageError
from observant.reviews.kinds import reviewed
from observant.web.board import board
from observant.web.pages.refusals import refused
from observant.web.rendering import address, page
from observant.web.visitors import Visitor, account_of, visitor_of

_LONGEST = 2_000
_DAYS = 14


def open_one(request: HttpRequest) -> HttpResponse:
    """GET shows what a campaign would be made from; POST opens it."""
    given = request.POST if request.method == "POST" else request.GET
    chosen = [one[:_LONGEST] for one in given.getlist("scope")]
    if request.method != "POST":
        return _form(request, chosen, "")
    days = given.get("days", "")
    wanted = Request(
        campaign=given.get("campaign", "").strip(),
        title=given.get("title", "").strip()[:_LONGEST] or given.get("campaign", "").strip(),
        opened_by=acting(request),
        scopes=chosen,
        due_within=timedelta(days=min(max(int(days), 1), 366) if days.isdecimal() else _DAYS),
        accepted={
            what: reason.strip()[:_LONGEST]
            for what, reason in zip(given.getlist("gap"), given.getlist("accepted"), strict=False)
            if reason.strip()
        },
    )
    try:
        with board().recording() as workspace:
            opened = open_review(workspace, wanted, board().real)
    except UsageError as problem:
        return _form(request, chosen, str(problem))
    return redirect(address("review", opened.campaign))


def _form(request: HttpRequest, chosen: list[str], problem: str) -> HttpResponse:
    found: Prospect | None = None
    try:
        found = board().with_log(lambda judged: prospect(judged, chosen))
    except UsageError as error:
        problem = problem or str(error)
    return page(
        request,
        "open_review.html",
        code=422 if problem and request.method == "POST" else 200,
        scopes=[one for one in board().now.judged.scopes if reviewed(one.partition(":")[0])],
        chosen=chosen or (found.scopes if found else []),
        found=found,
        problem=problem,
        given=request.POST,
        days=_DAYS,
        demo=board().now.status.demo,
    )


def close(request: HttpRequest, name: str) -> HttpResponse:
    try:
        with board().recording() as workspace:
            close_campaign(workspace, name, acting(request), board().real)
    except UsageError as problem:
        return refused(request, 422, "Nothing was closed", str(problem))
    return redirect(address("review", name))


def give(request: HttpRequest, name: str) -> HttpResponse:
    """A reviewer gives away own items; staff may do it for somebody who is away."""
    account = account_of(request)
    own = account.reviewer if account else ""
    giver = request.POST.get("from", "") if visitor_of(request) is not Visitor.REVIEWER else own
    to, wanted = request.POST.get("to", ""), request.POST.getlist("item")
    reason = request.POST.get("reason", "").strip()[:_LONGEST]
    if not reason or not wanted:
        words = "Tick the items, and give a reason: it stands in what both sign."
        return refused(request, 422, "Nothing was given", words)
    try:
        with board().changing() as workspace:
            # Reading is from the terminal's view of the campaign: the same rules, whoever acts.
            hand_over(workspace, name, wanted, to, giver, f"{reason} (by {acting(request)})", board().real)
    except UsageError as problem:
        return refused(request, 422, "Nothing was given", str(problem))
    if giver == own:
        return redirect(address("review-items", name))
    return redirect(address("review", name))


def ticket(request: HttpRequest, name: str) -> HttpResponse:
    """Name the ticket under which a signed decision is carried out."""
    named, item = request.POST.get("ticket", "")[:_LONGEST], request.POST.get("item", "")
    try:
        with board().recording() as workspace:
            name_ticket(workspace, name, item, named, acting(request), board().real)
    except ObservantError as problem:
        return refused(request, 422, "No ticket was named", str(problem))
    return redirect(address("review", name) + "#afterwards")


def acting(request: HttpRequest) -> str:
    """Who does it, as records name them."""
    account = account_of(request)
    assert account is not None
    return f"{account.name} <{account.email}>"
