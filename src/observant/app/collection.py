"""`observant collect` and `observant run`: snapshots and the record of the run, in one checkpoint.

A run leaves a record whatever became of it: a run that read nothing is evidence of a missing snapshot, and silence
would look like a run that was never due.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from observant import __version__
from observant.app.opening import writing_log
from observant.app.recording import POLICY_KINDS, READING, RUN, last_run, record_policy, recorded_policy
from observant.app.schedule import is_due, next_due
from observant.app.storage import record_probe
from observant.app.unfinished import Unfinished
from observant.app.workspace import Workspace
from observant.errors import ObservantError
from observant.evidence.events import EventBatch
from observant.evidence.log import Draft, Log, Record
from observant.evidence.snapshot import IGNORED, Snapshot
from observant.model.time import Clock, text

Tell = Callable[[str], None]
"""Takes one line of progress."""


class CollectionGap(msgspec.Struct, frozen=True):
    collection: str
    reason: str
    detail: str


class ScopeOutcome(msgspec.Struct, frozen=True):
    """What became of one scope."""

    scope: str
    started: datetime
    finished: datetime
    collections: int
    """How many were read completely."""
    entities: int
    gaps: list[CollectionGap]
    supplied_by: str
    unread: list[CollectionGap] = []
    """Collections that were read, but for some things in them: a hidden group, a stretch of a log that is forgotten."""


class LogOutcome(msgspec.Struct, frozen=True):
    """What became of the log of one scope."""

    scope: str
    log: str
    files: int
    """How many were new."""
    kept: int
    counted: int
    duplicates: int
    unreadable: dict[str, str]


class SourceFailure(msgspec.Struct, frozen=True):
    """A part of a source that could not even be identified, so that there is no scope to name."""

    source: str
    why: str


class Collected(msgspec.Struct, frozen=True):
    """The answer of `observant collect`."""

    run: int
    """Leaf index of the run's record."""
    size: int
    """Records in the log now."""
    scopes: list[ScopeOutcome]
    failures: list[SourceFailure]
    policy: list[str]
    """Kinds of policy record that were made because a file had changed."""
    troubles: list[str]
    """What went wrong after the records were safe; the next run repairs it."""
    logs: list[LogOutcome] = []
    ignored: list[str] = []
    """Files that lay among the exports and are none."""

    @property
    def complete(self) -> bool:
        """Whether everything was read."""
        return _complete(self.scopes, self.logs, self.failures)


class DueAnswer(msgspec.Struct, frozen=True):
    """The answer of `observant run --due`."""

    due: bool
    next_due: datetime | None
    collected: Collected | None


Source = Callable[[Tell], Iterator[Snapshot | EventBatch | SourceFailure]]
"""Reads a source, one scope after the other."""


def collect(
    workspace: Workspace, source: Source, trigger: str, clock: Clock, tell: Tell, *, kind: str = RUN
) -> Collected:
    """Read the source into the log. `trigger` says who wanted it: `person` or `schedule`; `kind` is RUN or READING.

    Raises StoreError when the store cannot take it; then nothing was recorded. When a collector crashes, the run is
    recorded as failed before the crash goes on; what it had read is not.
    """
    with writing_log(workspace, clock) as log:
        return collect_into(log, workspace, source, trigger, clock, tell, kind=kind)


def collect_into(
    log: Log, workspace: Workspace, source: Source, trigger: str, clock: Clock, tell: Tell, *, kind: str = RUN
) -> Collected:
    """`collect` for who keeps the log open from one run to the next."""
    changed = record_policy(workspace, log, clock)
    probed = record_probe(log, clock)
    policy = {kind: record.index for kind, record in recorded_policy(log).items()}
    run = _Run(kind, trigger, clock(), policy, probed)
    try:
        records = log.append_run(run.pass_through(source(tell), clock), run.draft)
    except (ObservantError, KeyboardInterrupt):
        raise
    except BaseException as crash:
        # A bug crashes, but not without a trace: a slot without a record would look as if nothing was attempted.
        log.append([run.crashed(crash, clock)])
        raise
    if kind == RUN:
        Unfinished(workspace.root, clock).clear()
    return Collected(
        _index_of(records),
        log.size,
        run.scopes,
        run.failures,
        changed,
        list(log.troubles),
        run.logs,
        sorted(run.ignored),
    )


def run_due(workspace: Workspace, source: Source, clock: Clock, tell: Tell) -> DueAnswer:
    """Collect when the schedule says so. Calling it again changes nothing until the next run is due."""
    with writing_log(workspace, clock) as log:
        last = last_run(log)
    every, moment = workspace.settings.every, clock()
    if not is_due(every, last, moment):
        return DueAnswer(False, next_due(every, last), None)
    return DueAnswer(True, None, collect(workspace, source, "schedule", clock, tell))


class _Run:
    """One run while it goes on. The log asks for the run's predicate when the snapshots are through."""

    def __init__(self, kind: str, trigger: str, started: datetime, policy: dict[str, int], probed: int) -> None:
        self.scopes: list[ScopeOutcome] = []
        self.logs: list[LogOutcome] = []
        self.failures: list[SourceFailure] = []
        self.ignored: set[str] = set()
        self._predicate: dict[str, Any] = {
            "tool": f"observant {__version__}",
            "trigger": trigger,
            "policy": {kind: policy[kind] for kind in POLICY_KINDS if kind in policy},
            "storage_probe": probed,
            "complete": False,
            "scopes": {},
            "failures": [],
        }
        self.draft = Draft(kind=kind, scope="", effective=started, predicate=self._predicate)

    def pass_through(
        self, read: Iterable[Snapshot | EventBatch | SourceFailure], clock: Clock
    ) -> Iterator[Snapshot | EventBatch]:
        """Hand on what was read, keeping count of what became of it."""
        for one in read:
            if isinstance(one, SourceFailure):
                self.failures.append(one)
            elif isinstance(one, EventBatch):
                self.logs.append(_log_outcome(one))
                yield one
            else:
                self.scopes.append(_outcome(one))
                self.ignored |= {call.parameters["file"] for call in one.requests if call.operation == IGNORED}
                yield one
        self._predicate |= {
            "finished": text(clock()),
            "complete": _complete(self.scopes, self.logs, self.failures),
            "scopes": {one.scope: {gap.collection: gap.reason for gap in one.gaps} for one in self.scopes},
            "failures": [{"source": one.source, "why": one.why} for one in self.failures],
        }

    def crashed(self, crash: BaseException, clock: Clock) -> Draft:
        """The record of this run when it ended in a bug of ours. The message may hold anything, so only its type."""
        self._predicate |= {
            "finished": text(clock()),
            "complete": False,
            "scopes": {},
            "failures": [{"source": "observant", "why": f"crashed: {type(crash).__name__}"}],
        }
        return self.draft


def _complete(scopes: list[ScopeOutcome], logs: list[LogOutcome], failures: list[SourceFailure]) -> bool:
    """Whether everything was read. A run that found nothing new in a log read all of it."""
    return (
        bool(scopes or logs)
        and not failures
        and not any(one.gaps for one in scopes)
        and not any(one.unreadable for one in logs)
    )


def _log_outcome(batch: EventBatch) -> LogOutcome:
    reading = batch.reading
    return LogOutcome(
        scope=batch.scope,
        log=reading.log,
        files=sum(len(folder.files) for folder in reading.folders),
        kept=reading.kept,
        counted=sum(reading.counted.values()),
        duplicates=reading.duplicates,
        unreadable=reading.unreadable,
    )


def _outcome(snapshot: Snapshot) -> ScopeOutcome:
    return ScopeOutcome(
        scope=snapshot.scope,
        started=snapshot.started,
        finished=snapshot.finished,
        collections=sum(one.gap is None for one in snapshot.collections),
        entities=sum(len(one.entities) for one in snapshot.collections),
        gaps=[
            CollectionGap(one.name, one.gap.reason.value, one.gap.detail)
            for one in snapshot.collections
            if one.gap is not None
        ],
        supplied_by=snapshot.supplied_by,
        unread=list(_unread(snapshot)),
    )


def _unread(snapshot: Snapshot) -> Iterator[CollectionGap]:
    """One line for each collection, in the words of the first of the things that could not be read."""
    for one in snapshot.collections:
        unread = [each.configuration["Unread"] for each in one.entities if "Unread" in each.configuration]
        if unread:
            first = unread[0]
            more = f"{len(unread)} of {len(one.entities)}: " if len(unread) > 1 else ""
            yield CollectionGap(one.name, str(first["reason"]), f"{more}{first['detail']}")


def _index_of(records: list[Record]) -> int:
    return next(record.index for record in records if record.kind in (RUN, READING))
