"""Which policy was in force is evidence too: the written policy, the control list and the schedule become records.

A file that did not change since it was last recorded makes no new record. Every run record names the policy records in
force, so that finding them does not mean reading the whole log.
"""

from collections.abc import Iterator

from observant.app.policy import commitments_predicate, controls_predicate
from observant.app.workspace import Workspace
from observant.checks.registry import CHECKS
from observant.evidence.log import Draft, Log, Record
from observant.evidence.snapshot import Json
from observant.model.commitment import in_words
from observant.model.time import Clock

POLICY_KINDS = ("schedule", "commitments", "controls")
RUN = "run"
READING = "reading"
"""A run that read handed-in logs alone: not what the schedule asks for."""

_WINDOW = 16
"""Records read at once on the way back: what is looked for is mostly in the last run."""


def backwards(log: Log) -> Iterator[Record]:
    """Records, newest first."""
    end = log.size
    while end > 0:
        start = max(0, (end - 1) // _WINDOW * _WINDOW)
        window = []
        for record in log.records(start):
            if record.index >= end:
                break
            window.append(record)
        yield from reversed(window)
        end = start


def last_run(log: Log) -> Record | None:
    """The newest run record."""
    return next((record for record in backwards(log) if record.kind == RUN), None)


def record_at(log: Log, index: int) -> Record:
    return next(iter(log.records(index)))


def recorded_policy(log: Log) -> dict[str, Record]:
    """Record kind -> the latest record of that kind."""
    latest: dict[str, Record] = {}
    for record in backwards(log):
        if record.kind in POLICY_KINDS:
            latest.setdefault(record.kind, record)
        elif record.kind == RUN:
            for kind, index in record.predicate.get("policy", {}).items():
                if kind not in latest:
                    latest[kind] = record_at(log, index)
        if len(latest) == len(POLICY_KINDS):
            break
    return latest


def policy_now(workspace: Workspace) -> dict[str, Json]:
    """Record kind -> what the workspace's files say now. Raises ConfigurationError when one of them is wrong."""
    return {
        "schedule": {"every": in_words(workspace.settings.every)},
        "commitments": commitments_predicate(workspace.commitments()),
        "controls": controls_predicate(workspace.controls(CHECKS)),
    }


def policy_changes(workspace: Workspace, log: Log) -> dict[str, Json]:
    """What `policy_now` says that the log does not have yet."""
    recorded = recorded_policy(log)
    return {
        kind: now
        for kind, now in policy_now(workspace).items()
        if kind not in recorded or any(recorded[kind].predicate.get(key) != value for key, value in now.items())
    }


def record_policy(workspace: Workspace, log: Log, clock: Clock) -> list[str]:
    """Append what changed; returns the kinds that did."""
    changed = policy_changes(workspace, log)
    if changed:
        at = clock()
        log.append(
            [Draft(kind=kind, scope="", effective=at, predicate=predicate) for kind, predicate in changed.items()]
        )
    return list(changed)
