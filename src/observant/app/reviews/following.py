"""What became of what reviewers decided, as later snapshots show it."""

from datetime import datetime, timedelta

import msgspec

from observant.analysis.access import ACCESS
from observant.analysis.review_actions import table_of
from observant.app.reviews.tickets import tickets
from observant.model.time import FOREVER
from observant.period.evaluate import Evaluation, naive, utc
from observant.reviews.campaign import Action, Campaign


class Followed(msgspec.Struct, frozen=True):
    """One decision to revoke or change."""

    campaign: str
    item: str
    scope: str
    label: str
    choice: str
    reason: str
    ticket: str
    decided_by: str
    decided_at: datetime
    outcome: str
    """`done`; `open` while the newest evidence still shows it; `returned` when it was gone and is there again."""
    done_at: datetime | None
    """First complete snapshot that showed it done."""
    days: float
    """From the decision to `done_at`, or to now."""
    due: datetime | None = None
    """By when it has to be done, as the commitment `access_review_actions` says; None where nothing was promised."""
    overdue: bool = False
    """Not done, or done later than that."""
    proof: int | None = None
    """Record of the first snapshot that showed it done."""


def follow(evaluation: Evaluation, campaign: Campaign) -> list[Followed]:
    """Every decision of the campaign after which something has to happen, oldest first."""
    stretches: dict[str, list[tuple[datetime, bool]]] = {}
    for source in sorted({access.source for access in ACCESS.values()}):
        rows = evaluation.query(
            f"SELECT member, valid_to, returned FROM {table_of(source)} WHERE campaign = ? "  # noqa: S608
            "ORDER BY member, valid_from",
            [campaign.id],
        )
        for member, end, returned in rows:
            stretches.setdefault(member, []).append((utc(end), returned))
    named = tickets(evaluation.inventory)
    found = [
        _judged(
            evaluation,
            _followed(campaign, reviewer, action, stretches.get(f"{campaign.id}/{action.item}", []), evaluation.as_of),
            named.get((campaign.id, action.item), action.ticket),
        )
        for reviewer, signed in campaign.signed.items()
        for action in signed.actions
    ]
    return sorted(found, key=lambda one: (one.decided_at, one.label))


def _judged(evaluation: Evaluation, one: Followed, ticket: str) -> Followed:
    """With the ticket that was named last, what was promised about it, and what proves it."""
    promised = [
        each.parameters["within"]
        for each in evaluation.commitments
        if each.name == "access_review_actions" and each.valid_from <= one.decided_at < each.valid_to
    ]
    due = one.decided_at + promised[0] if promised and isinstance(promised[0], timedelta) else None
    proof = None
    if one.done_at is not None:
        rows = evaluation.query(
            "SELECT min(record) FROM reading WHERE scope = ? AND started >= ?", [one.scope, naive(one.done_at)]
        )
        proof = rows[0][0]
    return msgspec.structs.replace(
        one, ticket=ticket, due=due, overdue=due is not None and (one.done_at or evaluation.as_of) > due, proof=proof
    )


def _followed(
    campaign: Campaign, reviewer: str, action: Action, stretches: list[tuple[datetime, bool]], now: datetime
) -> Followed:
    end, returned = stretches[-1] if stretches else (action.decided_at, False)
    lasts = end == FOREVER
    done_at = None if lasts else end
    return Followed(
        campaign=campaign.id,
        item=action.item,
        scope=action.scope,
        label=action.label,
        choice=action.choice.value,
        reason=action.reason,
        ticket=action.ticket,
        decided_by=reviewer,
        decided_at=action.decided_at,
        outcome="done" if not lasts else "returned" if returned else "open",
        done_at=done_at,
        days=round(((done_at or now) - action.decided_at) / timedelta(days=1), 1),
    )
