"""`observant review list` and `status`: what there is to judge, and how far everybody is."""

from datetime import datetime

import msgspec

from observant.app.evaluate import judged
from observant.app.reviews.following import Followed, follow
from observant.app.reviews.state import State, all_campaigns, reviewing, state_of
from observant.app.workspace import Workspace
from observant.errors import UsageError
from observant.model.time import Clock
from observant.reviews.decision import Choice, diligence
from observant.reviews.difference import removed
from observant.reviews.item import Item


class ListedItem(msgspec.Struct, frozen=True):
    """One item as its reviewer sees it."""

    id: str
    item: Item
    reviewer: str
    since_last_review: str
    decision: str
    """Empty while there is none."""
    reason: str


class ReviewerProgress(msgspec.Struct, frozen=True):
    reviewer: str
    items: int
    decided: int
    signed: int | None
    """Record of the signature."""
    in_bulk: int = 0
    """Of the decided ones, how many were decided together with others."""
    largest_stroke: int = 0
    median_seconds: float | None = None
    """Between one stroke and the next."""


class CampaignStatus(msgspec.Struct, frozen=True):
    campaign: str
    title: str
    opened: int
    as_of: datetime
    due: datetime
    items: int
    removed_since: int
    """Items of the campaign before that are gone."""
    accepted_gaps: int
    reviewers: list[ReviewerProgress]
    closed: int | None
    closed_at: datetime | None
    overdue: bool
    actions: list[Followed]
    scopes: list[str] = []


def listed(workspace: Workspace, campaign: str, reviewer: str, clock: Clock, *, undecided: bool) -> list[ListedItem]:
    """Items of one reviewer, or of all when `reviewer` is empty; only undecided ones when asked for."""
    with reviewing(workspace, clock) as (log, inventory):
        state = state_of(workspace, log, inventory, campaign)
    names = [reviewer] if reviewer else sorted(set(state.assignment.values()))
    if reviewer and reviewer not in state.assignment.values():
        raise UsageError(
            f"{reviewer} has no items in campaign {campaign}",
            f"those who have: {', '.join(sorted(set(state.assignment.values())))}",
        )
    changes, found = state.differences, []
    for name in names:
        for item in state.items_of(name):
            decision = state.decisions.get(item.id)
            if undecided and decision is not None and decision.choice != Choice.NOT_MINE:
                continue
            found.append(
                ListedItem(
                    id=item.id,
                    item=item,
                    reviewer=name,
                    since_last_review=changes[item.id].in_words,
                    decision=decision.choice.value if decision else "",
                    reason=decision.reason if decision else "",
                )
            )
    return found


def progress_of(state: State) -> list[ReviewerProgress]:
    """How far everybody is, and how they went about it."""
    found = []
    for name, (items, decided) in state.progress().items():
        made = diligence(state.own(name)[1].values())
        signed = state.campaign.signed_records.get(name)
        found.append(
            ReviewerProgress(name, items, decided, signed, made.in_bulk, made.largest_stroke, made.median_seconds)
        )
    return found


def statuses(workspace: Workspace, chosen: str, clock: Clock) -> list[CampaignStatus]:
    """Every campaign, or the chosen one, newest first. Raises UsageError for one that was never opened."""
    with judged(workspace, clock) as judgement:
        inventory = judgement.evaluation.inventory
        names = [chosen] if chosen else list(reversed(all_campaigns(inventory)))
        states = [state_of(workspace, judgement.log, inventory, name) for name in names]
        followed = {state.campaign.id: follow(judgement.evaluation, state.campaign) for state in states}
    return [
        CampaignStatus(
            campaign=state.campaign.id,
            title=state.campaign.opened.title,
            opened=state.campaign.opened_record,
            as_of=state.campaign.opened.as_of,
            due=state.campaign.opened.due,
            items=state.campaign.opened.items,
            removed_since=len(removed(state.population, state.before)),
            accepted_gaps=len(state.campaign.opened.accepted_gaps),
            reviewers=progress_of(state),
            closed=state.campaign.closed_record,
            closed_at=state.campaign.closed_at,
            overdue=state.campaign.closed is None and clock() > state.campaign.opened.due,
            actions=followed[state.campaign.id],
            scopes=sorted(state.campaign.opened.snapshots),
        )
        for state in states
    ]
