"""`observant review decide`, `assign` and `import`: drafts of decisions."""

from collections.abc import Sequence

import msgspec

from observant.app.reviews.drafts import Decided, Drafts, HandOver, changing
from observant.app.reviews.state import State, reviewing, state_of
from observant.app.workspace import Workspace
from observant.errors import UsageError
from observant.model.time import Clock
from observant.reviews.decision import Choice, Decision, problem_of
from observant.reviews.item import Item
from observant.reviews.reviewers import Reviewers, matches


class Judgement(msgspec.Struct, frozen=True):
    """What somebody says about one or more items."""

    choice: Choice
    reason: str = ""
    ticket: str = ""


class DecidedItems(msgspec.Struct, frozen=True):
    """The answer of `observant review decide` and `import`."""

    campaign: str
    reviewer: str
    decided: int
    open: int
    """Items of this reviewer that are still not decided."""


def decide(
    workspace: Workspace, campaign: str, reviewer: str, wanted: Sequence[str], judgement: Judgement, clock: Clock
) -> DecidedItems:
    """One judgement about every item named by id, or by a glob on its label.

    Raises UsageError for an item that is not this reviewer's, and for a judgement that lacks its reason.
    """
    with reviewing(workspace, clock) as (log, inventory):
        state = state_of(workspace, log, inventory, campaign)
    items = _chosen(state, reviewer, wanted)
    return record(workspace, state, reviewer, [(item, judgement) for item in items], clock, together=len(items))


def record(
    workspace: Workspace,
    state: State,
    reviewer: str,
    judged: list[tuple[Item, Judgement]],
    clock: Clock,
    *,
    together: int,
) -> DecidedItems:
    """Keep decisions as drafts. `together`: how many of them were made in one stroke."""
    with changing(workspace.root, state.campaign.id):
        return _recorded(workspace, state, reviewer, judged, clock, together)


def _recorded(
    workspace: Workspace,
    state: State,
    reviewer: str,
    judged: list[tuple[Item, Judgement]],
    clock: Clock,
    together: int,
) -> DecidedItems:
    refuse_closed(state, reviewer)
    for item, judgement in judged:
        problem = problem_of(judgement.choice, judgement.reason)
        if problem:
            raise UsageError(f"{item.label} ({item.id}): {problem}", "say why, for whoever reads it in a year")
    at = clock()
    made = [
        Decision(item.id, one.choice, reviewer, at, one.reason.strip(), one.ticket.strip(), together)
        for item, one in judged
    ]
    Drafts(workspace.root, state.campaign.id).add([Decided(one) for one in made])
    known = state.decisions.keys() | {one.item for one in made}
    left = sum(1 for item in state.items_of(reviewer) if item.id not in known)
    return DecidedItems(state.campaign.id, reviewer, len(made), left)


def hand_over(
    workspace: Workspace, campaign: str, wanted: Sequence[str], to: str, by: str, reason: str, clock: Clock
) -> int:
    """Give items of `by` to another reviewer; returns how many. Raises UsageError when it is their own access."""
    with reviewing(workspace, clock) as (log, inventory):
        state = state_of(workspace, log, inventory, campaign)
    reviewers = Reviewers(tuple(state.campaign.opened.reviewers), (), to)
    if to not in reviewers.names:
        raise UsageError(f"{to} is no reviewer of this campaign", f"its reviewers: {', '.join(reviewers.names)}")
    refuse_closed(state, by)
    refuse_closed(state, to)
    items = _chosen(state, by, wanted)
    for item in items:
        if not reviewers.may_judge(to, item):
            raise UsageError(f"{item.label} is {to}'s own access", "name somebody else")
    with changing(workspace.root, campaign):
        Drafts(workspace.root, campaign).add([HandOver(item.id, to, by, reason) for item in items])
    return len(items)


def refuse_closed(state: State, reviewer: str) -> None:
    """Raise UsageError when nothing of this reviewer can change any more."""
    if state.campaign.closed is not None:
        raise UsageError(f"campaign {state.campaign.id} is closed", "what changed since belongs into the next one")
    if reviewer in state.campaign.signed:
        raise UsageError(f"{reviewer} has signed already", "what changed since belongs into the next campaign")


def _chosen(state: State, reviewer: str, wanted: Sequence[str]) -> list[Item]:
    mine = state.items_of(reviewer)
    if not mine:
        names = ", ".join(sorted(set(state.assignment.values())))
        raise UsageError(f"{reviewer} has no items in campaign {state.campaign.id}", f"those who have: {names}")
    chosen: dict[str, Item] = {}
    for each in wanted:
        found = [item for item in mine if item.id == each or matches((each,), (item.label,))]
        if not found:
            others = [item for item in state.population.items if item.id == each]
            owner = f"it is {state.assignment[others[0].id]}'s" if others else "`observant review list` shows the items"
            raise UsageError(f"{reviewer} has no item {each!r}", owner)
        chosen.update({item.id: item for item in found})
    return list(chosen.values())
