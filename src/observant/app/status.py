"""`observant status`: the log, the scopes, the schedule, the policy in force."""

from datetime import date, datetime, timedelta

import msgspec

from observant.app.evaluate import open_inventory, provenance_of
from observant.app.opening import open_log
from observant.app.recording import last_run, policy_changes
from observant.app.schedule import is_due, next_due
from observant.app.storage import last_probe, level_of, words_of
from observant.app.workspace import Workspace
from observant.checks.registry import CHECKS
from observant.inventory.projection import Inventory
from observant.model.time import Clock
from observant.period.evaluate import utc


class ScopeStatus(msgspec.Struct, frozen=True):
    """What the log has of one scope."""

    scope: str
    snapshots: int
    first: datetime
    last: datetime
    gaps: list[str]
    """Of the last snapshot: collections that are not complete, with the reason."""
    days_covered: int
    """Days (UTC) from the first snapshot to today with a snapshot that has no gap."""
    days_missing: int
    supplied_by: str
    """Of the last snapshot."""


class Status(msgspec.Struct, frozen=True):
    """The answer of `observant status`."""

    company: str
    origin: str
    size: int
    root: str
    level: str
    """Proven for the newest record, before time stamps: those take `observant verify`."""
    storage: str
    """What the storage was seen to enforce, in words."""
    probed: datetime | None
    """When that was tried last."""
    demo: bool
    last_run: datetime | None
    due: bool
    next_due: datetime | None
    """None when no run was made yet."""
    commitments_in_force: int
    controls: int
    unrecorded: list[str]
    scopes: list[ScopeStatus]


def status(workspace: Workspace, clock: Clock) -> Status:
    """Read the log and the tables made from it; writes nothing but the tables."""
    log = open_log(workspace, clock)
    at, every = clock(), workspace.settings.every
    last, probe = last_run(log), last_probe(log)
    with open_inventory(workspace, log) as inventory:
        scopes = _scopes(inventory, at.date())
        provenance = provenance_of(log, inventory, at)
    return Status(
        company=workspace.settings.company,
        origin=log.origin,
        size=log.size,
        root=provenance.root,
        level=level_of(probe).value,
        storage=words_of(probe),
        probed=probe.effective if probe else None,
        demo=provenance.demo,
        last_run=last.effective if last else None,
        due=is_due(every, last, at),
        next_due=next_due(every, last),
        commitments_in_force=sum(one.valid_from <= at < one.valid_to for one in workspace.commitments()),
        controls=len(workspace.controls(CHECKS)),
        unrecorded=list(policy_changes(workspace, log)),
        scopes=scopes,
    )


_SNAPSHOTS = """
SELECT reading.scope, reading.record, min(started), bool_and(complete),
       list(collection || ' (' || reason || ')' ORDER BY collection) FILTER (NOT complete),
       any_value(json_extract_string(record.predicate, '$.supplied_by'))
FROM reading JOIN record ON record."index" = reading.record
GROUP BY reading.scope, reading.record ORDER BY reading.scope, min(started)
"""


def _scopes(inventory: Inventory, today: date) -> list[ScopeStatus]:
    by_scope: dict[str, list[tuple[datetime, bool, list[str], str]]] = {}
    for scope, _, started, complete, gaps, supplied_by in inventory.connection.execute(_SNAPSHOTS).fetchall():
        by_scope.setdefault(scope, []).append((started, complete, gaps or [], supplied_by or ""))
    return [_scope(scope, snapshots, today) for scope, snapshots in by_scope.items()]


def _scope(scope: str, snapshots: list[tuple[datetime, bool, list[str], str]], today: date) -> ScopeStatus:
    first, (last, _, gaps, supplied_by) = snapshots[0][0], snapshots[-1]
    covered = {started.date() for started, complete, _, _ in snapshots if complete}
    days = (today - first.date()) // timedelta(days=1) + 1
    return ScopeStatus(
        scope=scope,
        snapshots=len(snapshots),
        first=utc(first),
        last=utc(last),
        gaps=gaps,
        days_covered=len(covered),
        days_missing=max(0, days - len(covered)),
        supplied_by=supplied_by,
    )
