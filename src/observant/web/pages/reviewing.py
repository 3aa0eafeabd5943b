"""The review screen: a reviewer's own items, and what they say about them. Decisions are drafts until signed."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from observant.app.reviews.deciding import Judgement, record
from observant.app.reviews.state import State
from observant.errors import UsageError
from observant.reviews.decision import Choice, diligence
from observant.reviews.item import Item
from observant.web.board import board
from observant.web.pages.signing import site_of, usable_passkeys
from observant.web.rendering import address, page
from observant.web.visitors import account_of

PAGE = 50
_LONGEST = 2_000
"""Characters of a reason."""
_NOT_YOURS = "Some of these items are not yours, or not any more. Nothing was decided; look again."


def items(request: HttpRequest, name: str) -> HttpResponse:
    account = account_of(request)
    own = account.reviewer if account else ""
    if name not in [one.campaign for one in board().now.campaigns]:
        raise Http404
    state = board().state(name)
    if own not in state.assignment.values():
        raise Http404
    if request.method == "POST":
        problem = _decide(request, state, own)
        if not problem:
            return redirect(address("review-items", name, **_view(request)) + "#next")
        return _screen(request, board().state(name), own, problem)
    return _screen(request, state, own, "")


def _decide(request: HttpRequest, state: State, own: str) -> str:
    """Keep what was sent; returns what is wrong with it, in words, or nothing."""
    at_once = request.POST.get("keep", "")
    wanted = {at_once} if at_once else set(request.POST.getlist("item"))
    chosen = [item for item in state.items_of(own) if item.id in wanted]
    choice = Choice.KEEP.value if at_once else request.POST.get("choice", "")
    if len(chosen) != len(wanted):
        return _NOT_YOURS
    if not chosen:
        return "Nothing was chosen. Tick the items that the decision is about."
    if choice not in set(Choice):
        return "No decision was chosen."
    reason = "" if at_once else request.POST.get("reason", "")[:_LONGEST]
    judgement = Judgement(Choice(choice), reason, request.POST.get("ticket", "")[:_LONGEST])
    try:
        with board().changing() as workspace:
            # As it is under the lock: somebody may have signed, or been handed the item, since the page was made.
            fresh = board().state(state.campaign.id)
            still = [item for item in fresh.items_of(own) if item.id in wanted]
            if len(still) != len(wanted):
                return _NOT_YOURS
            record(workspace, fresh, own, [(item, judgement) for item in still], board().real, together=len(still))
    except UsageError as problem:
        return str(problem)
    return ""


def _screen(request: HttpRequest, state: State, own: str, problem: str) -> HttpResponse:
    view = _view(request)
    mine, changes = state.items_of(own), state.differences
    listed = [item for item in mine if _listed(item, view, state)]
    start = next((at + 1 for at, item in enumerate(mine) if item.id == view["after"]), 0)
    later = {item.id for item in mine[start:]}
    shown = [item for item in listed if item.id in later]
    return page(
        request,
        "reviewing.html",
        code=422 if problem else 200,
        campaign=state.campaign,
        own=own,
        email=next((one.email for one in state.campaign.opened.reviewers if one.name == own), ""),
        items=shown[:PAGE],
        following=shown[PAGE - 1].id if len(shown) > PAGE else "",
        changes=changes,
        decisions=state.decisions,
        total=len(mine),
        decided=state.progress()[own][1],
        signed=state.campaign.signed_records.get(own),
        closed=state.campaign.closed is not None,
        view=view,
        others=[one.name for one in state.campaign.opened.reviewers if one.name != own],
        passkeys=len(usable_passkeys(own, site_of(request))),
        made=diligence(state.own(own)[1].values()),
        problem=problem,
        sent=request.POST,
        demo=board().now.status.demo,
    )


def _listed(item: Item, view: dict[str, str], state: State) -> bool:
    wanted = view["find"].casefold()
    found = not wanted or any(wanted in text.casefold() for text in (item.label, item.member, item.person, item.kind))
    decision = state.decisions.get(item.id)
    return found and (view["show"] == "all" or decision is None or decision.choice is Choice.NOT_MINE)


def _view(request: HttpRequest) -> dict[str, str]:
    """What is listed: as the address says, also after a decision."""
    return {name: request.GET.get(name, "")[:_LONGEST] for name in ("show", "find", "after")}
