"""`observant review open`: freeze who has access, and give every item to somebody who may judge it."""

import re
from datetime import datetime, timedelta

import msgspec

from observant.app.evaluate import Judged, judged
from observant.app.opening import writing_log
from observant.app.recording import record_policy
from observant.app.reviews.passkeys import Passkey, passkeys
from observant.app.reviews.reviewers import REVIEWERS_FILE, read_reviewers
from observant.app.reviews.state import all_campaigns
from observant.app.workspace import Workspace
from observant.checks.commitments import regular_expression
from observant.errors import UsageError
from observant.evidence.canonical import canonical, digest
from observant.evidence.log import Draft
from observant.model.commitment import Commitment
from observant.model.time import Clock, text
from observant.period.evaluate import utc
from observant.reviews.campaign import OPENED, AcceptedGap, Campaign, Opened
from observant.reviews.freeze import Unread, freeze, newest_snapshots, unread
from observant.reviews.item import Item
from observant.reviews.kinds import reviewed
from observant.reviews.reviewers import Reviewer, Reviewers

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class OpenedReview(msgspec.Struct, frozen=True):
    """The answer of `observant review open`."""

    campaign: str
    record: int
    as_of: datetime
    due: datetime
    population: str
    """SHA-256 of the frozen population."""
    items: int
    by_reviewer: dict[str, int]
    escalated: int
    """Items whose first reviewer may not judge them."""
    previous: str


class Request(msgspec.Struct, frozen=True):
    """What was asked for."""

    campaign: str
    title: str
    opened_by: str
    scopes: list[str] = []
    """Globs; empty for the scopes that the commitment `access_review_cadence` names."""
    due_within: timedelta = timedelta(days=14)
    accepted: dict[str, str] = {}
    """`scope collection` -> why the campaign goes on without it."""


def open_review(workspace: Workspace, request: Request, clock: Clock) -> OpenedReview:
    """Freeze the population and record it.

    Raises UsageError when the name is taken, when something of the population was not read and not accepted, and when
    an item has nobody who may judge it; then nothing was recorded.
    """
    if not _NAME.fullmatch(request.campaign):
        raise UsageError(
            f"{request.campaign!r} cannot name a campaign", "use lower-case letters, digits and - . _, such as 2026-q3"
        )
    reviewers = read_reviewers(workspace.root / REVIEWERS_FILE)
    with writing_log(workspace, clock) as log:
        record_policy(workspace, log, clock)
        with judged(workspace, clock) as judgement:
            inventory = judgement.evaluation.inventory
            known = all_campaigns(inventory)
            if request.campaign in known:
                raise UsageError(f"there is a campaign {request.campaign} already", "give the new one another name")
            promised = _promised(judgement.evaluation.commitments, clock())
            snapshots = newest_snapshots(inventory.connection, _scopes(judgement.scopes, request.scopes, promised))
            late = _late(judgement, snapshots)
            gaps = _accepted([*late, *unread(inventory.connection, snapshots)], request)
            population = freeze(inventory.connection, snapshots)
            people = _with_passkeys(reviewers, passkeys(inventory))
        assignment, left = reviewers.assign(population.items)
        _refuse_unassigned(left, population.items)
        assigned = canonical(assignment.reviewers)
        previous = _previous(known, set(population.snapshots))
        files = {log.attach(each): digest(each) for each in (population.encoded(), assigned)}
        as_of = utc(max(started for _, started in snapshots.values()))
        at = clock()
        opened = Opened(
            campaign=request.campaign,
            title=request.title,
            as_of=as_of,
            due=at + request.due_within,
            population=population.digest,
            assignment=digest(assigned),
            items=len(population.items),
            snapshots=population.snapshots,
            previous=previous,
            promised=f"{promised.document} {promised.clause}: {promised.statement}" if promised else "",
            opened_by=request.opened_by,
            reviewers=people,
            accepted_gaps=gaps,
        )
        (record,) = log.append([Draft(OPENED, "", at, msgspec.to_builtins(opened), files)])
    counts: dict[str, int] = {}
    for reviewer in assignment.reviewers.values():
        counts[reviewer] = counts.get(reviewer, 0) + 1
    return OpenedReview(
        campaign=opened.campaign,
        record=record.index,
        as_of=as_of,
        due=opened.due,
        population=opened.population,
        items=opened.items,
        by_reviewer=dict(sorted(counts.items())),
        escalated=len(assignment.escalated),
        previous=previous,
    )


def _with_passkeys(reviewers: Reviewers, enrolled: dict[str, list[Passkey]]) -> list[Reviewer]:
    """The reviewers with every key that may sign for them: those of the file, and passkeys of the log."""
    return [
        msgspec.structs.replace(
            one,
            keys=(
                *one.keys,
                *(each.enrolment.key for each in enrolled.get(one.name, []) if each.enrolment.email == one.email),
            ),
        )
        for one in reviewers.people
    ]


class Prospect(msgspec.Struct, frozen=True):
    """What a campaign over some scopes would be made from."""

    scopes: list[str]
    gaps: list[Unread]
    promised: str


def prospect(judgement: Judged, wanted: list[str]) -> Prospect:
    """What opening would find. Raises UsageError when no scope is meant."""
    promised = _promised(judgement.evaluation.commitments, judgement.evaluation.as_of)
    scopes = _scopes(judgement.scopes, wanted, promised)
    snapshots = newest_snapshots(judgement.evaluation.connection, scopes)
    gaps = [*_late(judgement, snapshots), *unread(judgement.evaluation.connection, snapshots)]
    return Prospect(scopes, gaps, promised.statement if promised else "")


def _promised(commitments: list[Commitment], at: datetime) -> Commitment | None:
    return next(
        (one for one in commitments if one.name == "access_review_cadence" and one.valid_from <= at < one.valid_to),
        None,
    )


def _scopes(known: list[str], wanted: list[str], promised: Commitment | None) -> list[str]:
    globs = wanted or (promised.parameters["scopes"] if promised else None)
    if not isinstance(globs, list):
        raise UsageError(
            "nothing says which scopes are reviewed", "name them with --scope, or promise access_review_cadence"
        )
    expression = re.compile(regular_expression(globs))
    chosen = [scope for scope in known if expression.search(scope)]
    if not chosen:
        raise UsageError(f"no scope in the evidence matches {', '.join(globs)}", f"known: {', '.join(known) or 'none'}")
    return chosen


def _late(judgement: Judged, snapshots: dict[str, tuple[int, datetime]]) -> list[Unread]:
    """Scopes whose newest snapshot is older than the company promises one to be: nobody freezes the past unawares."""
    if not any(one.name == "snapshot_cadence" for one in judgement.evaluation.commitments):
        return []
    stale = judgement.evaluation.stale()
    return [
        Unread(scope, "snapshot", f"the newest one is of {text(stale[scope])}, and the next is late")
        for scope in snapshots
        if scope in stale and reviewed(scope.partition(":")[0])
    ]


def _accepted(gaps: list[Unread], request: Request) -> list[AcceptedGap]:
    refused = [gap for gap in gaps if f"{gap.scope} {gap.collection}" not in request.accepted]
    if refused:
        first = refused[0]
        raise UsageError(
            f"{len(refused)} collections that the review needs were not read, the first is {first.collection} of "
            f"{first.scope}: {first.why}",
            f"collect it first, or go on without: --accept-gap '{first.scope} {first.collection}=REASON'",
        )
    return [
        AcceptedGap(
            gap.scope, gap.collection, gap.why, request.accepted[f"{gap.scope} {gap.collection}"], request.opened_by
        )
        for gap in gaps
    ]


def _refuse_unassigned(left: list[Item], items: list[Item]) -> None:
    if not items:
        raise UsageError("there is nothing to review in these scopes", "see `observant status` for what was read")
    if left:
        raise UsageError(
            f"nobody may judge {len(left)} items, the first is {left[0].label} ({left[0].kind})",
            f"add a rule to {REVIEWERS_FILE} that names somebody else, or another escalation",
        )


def _previous(known: dict[str, Campaign], scopes: set[str]) -> str:
    """The newest closed campaign that reviewed any of these scopes."""
    return next(
        (one.id for one in reversed(known.values()) if one.closed is not None and scopes & set(one.opened.snapshots)),
        "",
    )
