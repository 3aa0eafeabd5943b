"""Which policy was in force is evidence too: the written policy, the control list and the schedule become records.

A file that did not change since it was last recorded makes no new record.
"""

from observant.app.policy import commitments_predicate, controls_predicate
from observant.app.workspace import Workspace
from observant.checks.registry import CHECKS
from observant.evidence.log import Draft, Log, Record
from observant.evidence.snapshot import Json
from observant.model.commitment import in_words
from observant.model.time import Clock

POLICY_KINDS = ("schedule", "commitments", "controls")


def policy_now(workspace: Workspace) -> dict[str, Json]:
    """Record kind -> what the workspace's files say now. Raises ConfigurationError when one of them is wrong."""
    return {
        "schedule": {"every": in_words(workspace.settings.every)},
        "commitments": commitments_predicate(workspace.commitments()),
        "controls": controls_predicate(workspace.controls(CHECKS)),
    }


def recorded_policy(log: Log) -> dict[str, Record]:
    """Record kind -> the latest record of that kind."""
    latest: dict[str, Record] = {}
    for record in log.records():
        if record.kind in POLICY_KINDS:
            latest[record.kind] = record
    return latest


def policy_changes(workspace: Workspace, log: Log) -> dict[str, Json]:
    """What `policy_now` says that the log does not have yet."""
    recorded = recorded_policy(log)
    return {
        kind: now
        for kind, now in policy_now(workspace).items()
        if kind not in recorded or any(recorded[kind].predicate.get(key) != value for key, value in now.items())
    }


def policy_drafts(workspace: Workspace, log: Log, clock: Clock) -> list[Draft]:
    """Records to append so that the log knows the policy as it is now."""
    at = clock()
    return [
        Draft(kind=kind, scope="", effective=at, predicate=predicate)
        for kind, predicate in policy_changes(workspace, log).items()
    ]


def record_policy(workspace: Workspace, log: Log, clock: Clock) -> list[str]:
    """Append what changed; returns the kinds that did."""
    drafts = policy_drafts(workspace, log, clock)
    if drafts:
        log.append(drafts)
    return [draft.kind for draft in drafts]
