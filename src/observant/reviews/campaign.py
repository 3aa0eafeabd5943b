"""A campaign from its records: what was frozen, who signed, whether it is closed, and what may happen next."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from observant.errors import UsageError
from observant.reviews.decision import Choice, Decision
from observant.reviews.item import Item, Population
from observant.reviews.reviewers import Reviewer

OPENED, SIGNED, CLOSED = "review-opened", "review-signed", "review-closed"


class AcceptedGap(msgspec.Struct, frozen=True):
    """Something that was not read and that the campaign goes on without; stands in every artifact."""

    scope: str
    collection: str
    why: str
    """What the provider answered."""
    reason: str
    """Why the campaign goes on all the same."""
    by: str


class Opened(msgspec.Struct, frozen=True):
    """Predicate of `review-opened`. Population and assignment are files of the store, named by SHA-256."""

    campaign: str
    title: str
    as_of: datetime
    due: datetime
    population: str
    assignment: str
    items: int
    snapshots: dict[str, int]
    previous: str
    promised: str
    """The sentence of the written policy that asks for it."""
    opened_by: str
    reviewers: list[Reviewer]
    accepted_gaps: list[AcceptedGap] = []


class Action(msgspec.Struct, frozen=True):
    """A decision that something has to happen."""

    item: str
    kind: str
    scope: str
    member: str
    label: str
    choice: Choice
    reason: str
    ticket: str
    decided_at: datetime


class Signed(msgspec.Struct, frozen=True):
    """Predicate of `review-signed`. Artifact and signature are files of the store, named by SHA-256."""

    campaign: str
    reviewer: str
    population: str
    artifact: str
    signature: str
    format: str
    """`sshsig` or `webauthn`."""
    key: str
    """The public key that signed, as the campaign names it."""
    counts: dict[str, int]
    """Choice -> decisions."""
    actions: list[Action]


class Closed(msgspec.Struct, frozen=True):
    """Predicate of `review-closed`."""

    campaign: str
    closed_by: str
    as_of: datetime
    scopes: list[str]
    counts: dict[str, int]


class Campaign(msgspec.Struct, frozen=True):
    """What the log knows of one campaign. Record indexes beside each part."""

    opened: Opened
    opened_record: int
    signed: dict[str, Signed]
    signed_records: dict[str, int]
    closed: Closed | None = None
    closed_record: int | None = None
    closed_at: datetime | None = None

    @property
    def id(self) -> str:
        return self.opened.campaign

    def missing_signatures(self, assignment: dict[str, str]) -> list[str]:
        """Reviewers who have items and have not signed."""
        return sorted(set(assignment.values()) - set(self.signed))


def campaigns(records: Iterable[tuple[int, str, datetime, dict[str, Any]]]) -> dict[str, Campaign]:
    """(index, kind, recorded, predicate) in order of the log -> campaigns in order of opening."""
    found: dict[str, Campaign] = {}
    for index, kind, recorded, predicate in records:
        if kind == OPENED:
            opened = msgspec.convert(predicate, Opened)
            found[opened.campaign] = Campaign(opened, index, {}, {})
        elif kind == SIGNED:
            signed = msgspec.convert(predicate, Signed)
            campaign = found[signed.campaign]
            # The first signature stands: a second one, made at the same moment elsewhere, changes nothing.
            campaign.signed.setdefault(signed.reviewer, signed)
            campaign.signed_records.setdefault(signed.reviewer, index)
        elif kind == CLOSED:
            closed = msgspec.convert(predicate, Closed)
            found[closed.campaign] = msgspec.structs.replace(
                found[closed.campaign], closed=closed, closed_record=index, closed_at=recorded
            )
    return found


def refuse_unfit(campaign: Campaign, reviewer: str, population: Population, own: dict[str, Decision]) -> None:
    """Raise UsageError when this reviewer cannot sign now. `own`: decisions about their items."""
    if campaign.closed is not None:
        raise UsageError(f"campaign {campaign.id} is closed", "open the next one")
    if reviewer in campaign.signed:
        raise UsageError(
            f"{reviewer} has signed campaign {campaign.id} (record {campaign.signed_records[reviewer]})",
            "a signature is never replaced; what changed since belongs into the next campaign",
        )
    undecided = [item for item in population.items if item.id not in own]
    if undecided:
        raise UsageError(
            f"{len(undecided)} of {len(population.items)} items are not decided, the first is {undecided[0].label}",
            f"`observant review list {campaign.id} --reviewer {reviewer} --open` shows them",
        )
    handed_back = [item for item in population.items if own[item.id].choice == Choice.NOT_MINE]
    if handed_back:
        raise UsageError(
            f"{len(handed_back)} items are marked not mine, the first is {handed_back[0].label}",
            f"give them to somebody: `observant review assign {campaign.id} --item {handed_back[0].id} --to NAME`",
        )


def actions(items: Iterable[Item], decisions: dict[str, Decision]) -> list[Action]:
    """The decisions after which something has to happen."""
    return [
        Action(
            item=item.id,
            kind=item.kind,
            scope=item.scope,
            member=item.member,
            label=item.label,
            choice=decision.choice,
            reason=decision.reason,
            ticket=decision.ticket,
            decided_at=decision.at,
        )
        for item in items
        if (decision := decisions[item.id]).choice in (Choice.REVOKE, Choice.CHANGE)
    ]
