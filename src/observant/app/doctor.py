"""`observant doctor`: try everything that a run needs, record nothing, and name what is missing and how to get it."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

import msgspec

from observant.app.collection import SourceFailure, Tell
from observant.app.opening import keys_of, open_log, writing_log
from observant.app.remedies import remedy_for_gap, remedy_for_source
from observant.app.sources import from_settings
from observant.app.storage import in_words
from observant.app.workspace import Workspace
from observant.checks.registry import CHECKS
from observant.errors import DamagedEvidence, StoreError, UsageError
from observant.evidence.events import EventBatch
from observant.evidence.probe import Probed
from observant.evidence.snapshot import Collection, Gap, GapReason, Snapshot
from observant.evidence.timestamp import TimestampAuthority
from observant.model.kinds import KINDS
from observant.model.time import Clock

MOST_SKEW = timedelta(minutes=5)
"""A clock that differs more from the provider's makes every moment in the evidence doubtful."""
LEAST_SPACE = 1 << 30


class Outcome(StrEnum):
    """`WRONG`: somebody has to change a file. `MISSING`: evidence will be incomplete. `WARNING`: it works, but."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"
    WRONG = "wrong"
    DAMAGED = "damaged"


class Finding(msgspec.Struct, frozen=True):
    """One thing that was tried."""

    area: str
    what: str
    outcome: Outcome
    detail: str = ""
    remedy: str = ""


def examine(workspace: Workspace, clock: Clock, tell: Tell, *, online: bool) -> list[Finding]:
    """Try it all. `online` also asks the sources."""
    found = [*_policy(workspace, clock), *_keys(workspace), *_log(workspace, clock), *_space(workspace)]
    found += _authorities(workspace, online=online)
    if online:
        found += _sources(workspace, clock, tell)
    return found


def exit_code(findings: list[Finding]) -> int:
    """4 for damage, 2 for what somebody has to change, 3 for evidence that would be incomplete."""
    codes = {Outcome.DAMAGED: 4, Outcome.WRONG: 2, Outcome.MISSING: 3}
    outcomes = {one.outcome for one in findings}
    return next((code for outcome, code in codes.items() if outcome in outcomes), 0)


def _wrong(area: str, what: str, problem: UsageError) -> Finding:
    return Finding(area, what, Outcome.WRONG, str(problem).partition("\n")[0], problem.remedy)


def _policy(workspace: Workspace, clock: Clock) -> Iterator[Finding]:
    try:
        commitments, controls = workspace.commitments(), workspace.controls(CHECKS)
    except UsageError as problem:
        yield _wrong("policy", "files", problem)
        return
    yield Finding("policy", "files", Outcome.OK, f"{len(commitments)} commitments, {len(controls)} controls")
    at = clock()
    in_force = {one.name for one in commitments if one.valid_from <= at < one.valid_to}
    for check in dict.fromkeys(check for control in controls for check in control.checks):
        for name in CHECKS[check].commitments:
            if name not in in_force and not KINDS[name].optional:
                yield Finding(
                    "policy",
                    check,
                    Outcome.WARNING,
                    f"no commitment {name} is in force today, so this check can only answer unknown",
                    f"add {name} to commitments.yaml, or take the check out of controls.yaml",
                )
    examples = sorted({one.name for one in commitments if "ADAPT" in one.clause})
    if examples:
        yield Finding(
            "policy",
            "commitments",
            Outcome.WARNING,
            f"still the example of `observant init`: {', '.join(examples)}",
            "write document, clause and statement of your own policy into commitments.yaml",
        )


def _keys(workspace: Workspace) -> Iterator[Finding]:
    try:
        keys = keys_of(workspace)
    except UsageError as problem:
        yield _wrong("keys", "private keys", problem)
        return
    yield Finding("keys", "private keys", Outcome.OK, f"sign as {keys.log.key.name}; readable by their owner only")


def _log(workspace: Workspace, clock: Clock) -> Iterator[Finding]:
    try:
        log = open_log(workspace, clock)
        yield Finding("evidence", "log", Outcome.OK, f"{log.size} records")
        with writing_log(workspace, clock) as log:
            yield Finding("evidence", "writing", Outcome.OK, "no other process writes, and the keys belong to the log")
            yield _storage(log.probe())
    except DamagedEvidence as problem:
        remedy = "stop collecting and find out what happened: `observant verify` names every damaged object"
        yield Finding("evidence", "log", Outcome.DAMAGED, str(problem), remedy)
    except UsageError as problem:
        yield _wrong("evidence", "log", problem)
    except StoreError as problem:
        yield Finding(
            "evidence", "writing", Outcome.WARNING, str(problem), "try again when the other command has ended"
        )


def _storage(probed: Probed) -> Finding:
    lies = probed.accepts_retention and not probed.refuses_deletion
    remedy = "do not rely on its locks, and tell its maker" if lies else ""
    return Finding("evidence", "storage", Outcome.MISSING if lies else Outcome.OK, in_words(probed), remedy)


def _space(workspace: Workspace) -> Iterator[Finding]:
    free = shutil.disk_usage(workspace.store if workspace.store.exists() else workspace.root).free
    enough = free >= LEAST_SPACE
    yield Finding(
        "evidence",
        "space",
        Outcome.OK if enough else Outcome.WARNING,
        f"{free / (1 << 30):.1f} GiB free",
        "" if enough else "a run that finds the disk full records nothing: make room",
    )


def _authorities(workspace: Workspace, *, online: bool) -> Iterator[Finding]:
    area, urls = "time stamps", workspace.settings.timestamps
    if not urls:
        yield Finding(
            area,
            "authority",
            Outcome.WARNING,
            "none is configured: this machine's clock is the only witness of when evidence was taken",
            "name one in [timestamps] of observant.toml; ask your auditor which one they accept",
        )
    for url in urls if online else ():
        try:
            TimestampAuthority([url]).stamp(url, b"observant doctor")
        except (OSError, ValueError) as problem:
            remedy = "open the way to it in the firewall, or name another one; runs count without, but prove less"
            yield Finding(area, url, Outcome.WARNING, str(problem), remedy)
        else:
            yield Finding(area, url, Outcome.OK, "answers with a token for what was sent")


def _sources(workspace: Workspace, clock: Clock, tell: Tell) -> Iterator[Finding]:
    try:
        source = from_settings(workspace, clock)
    except UsageError as problem:
        yield Finding("sources", "none", Outcome.WARNING, str(problem).partition("\n")[0], problem.remedy)
        return
    for one in source(tell):
        if isinstance(one, SourceFailure):
            yield Finding("sources", one.source, Outcome.MISSING, one.why, remedy_for_source(one.source))
        elif isinstance(one, EventBatch):
            yield from _heard(one)
        else:
            yield from _scope(one)


def _heard(batch: EventBatch) -> Iterator[Finding]:
    files = sum(len(folder.files) for folder in batch.reading.folders)
    yield Finding(batch.scope or batch.reading.log, "change events", Outcome.OK, f"{files} new files can be read")
    for name, why in batch.reading.unreadable.items():
        yield Finding(batch.scope, name, Outcome.MISSING, why, "fetch it again; what it held is not known until then")


def _scope(snapshot: Snapshot) -> Iterator[Finding]:
    read = [one for one in snapshot.collections if one.gap is None]
    yield Finding(
        snapshot.scope,
        "identity",
        Outcome.OK if snapshot.supplied_by else Outcome.MISSING,
        f"reads as {snapshot.supplied_by}" if snapshot.supplied_by else "it cannot be entered",
    )
    yield Finding(snapshot.scope, "reading", Outcome.OK, f"{len(read)} of {len(snapshot.collections)} collections")
    for collection in snapshot.collections:
        if collection.gap is not None:
            remedy = remedy_for_gap(snapshot.scope, collection.name, collection.gap)
            detail = f"{collection.gap.reason}: {collection.gap.detail}"
            yield Finding(snapshot.scope, collection.name, Outcome.MISSING, detail, remedy)
        else:
            yield from _holes(snapshot.scope, collection)
    yield from _clock(snapshot)


def _holes(scope: str, collection: Collection) -> Iterator[Finding]:
    """Things inside a collection that could not be read."""
    unread = [entity.configuration["Unread"] for entity in collection.entities if "Unread" in entity.configuration]
    if unread:
        first = Gap(GapReason(unread[0]["reason"]), unread[0]["detail"])
        detail = f"{len(unread)} of {len(collection.entities)} not read: {first.reason}: {first.detail}"
        remedy = remedy_for_gap(scope, collection.name, first)
        yield Finding(scope, collection.name, Outcome.MISSING, detail, remedy)


def _clock(snapshot: Snapshot) -> Iterator[Finding]:
    dates = [date for one in snapshot.requests if (date := _date(one.server_date))]
    if not dates:
        return
    skew = max(_outside(one, snapshot) for one in dates)
    good = skew <= MOST_SKEW
    yield Finding(
        snapshot.scope,
        "clock",
        Outcome.OK if good else Outcome.MISSING,
        f"differs from the provider's by {'less than five minutes' if good else str(skew)}",
        "" if good else "let the machine keep its time (NTP): every moment in the evidence depends on it",
    )


def _date(header: str) -> datetime | None:
    """The moment of an HTTP `Date` header, which is in UTC (RFC 9110, 5.6.7); None when it is absent or no date."""
    try:
        read = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _outside(date: datetime, snapshot: Snapshot) -> timedelta:
    """How far a date lies outside of the time in which it was asked for."""
    return max(snapshot.started - date, date - snapshot.finished, timedelta())
