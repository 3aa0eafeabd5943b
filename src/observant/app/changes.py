"""`observant changes list`: what changed access, who did it, and what it did."""

from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase

import duckdb
import msgspec

from observant.app.evaluate import open_inventory, provenance_of
from observant.app.opening import open_log
from observant.app.workspace import Workspace
from observant.checks.stored import bring_up
from observant.model.period import Period
from observant.model.time import Clock
from observant.period.conclusion import Provenance
from observant.period.evaluate import utc


class Change(msgspec.Struct, frozen=True):
    """One event that changed access, or tried to."""

    at: datetime | None
    scope: str
    event: str
    category: str
    target: str
    actor: str
    actor_kind: str
    shown_by: str
    """What the actor was taken from."""
    person: str
    """Who that is in the list of people; empty where no rule leads to anybody."""
    failed: bool
    error: str
    did: list[str]
    """Before and after, in words; empty for an event whose effect no table shows."""
    effect: list[str]
    """Who may do more or less in effect because of it."""
    id: str
    record: int
    line: int
    """Place in the record, counted from 0; -1 for an event of a snapshot."""


class Changes(msgspec.Struct, frozen=True):
    """The answer of `observant changes list`."""

    provenance: Provenance
    read: list[str]
    """Scopes whose log was read at all: no change of any other scope can be here."""
    changes: list[Change]


class Wanted(msgspec.Struct, frozen=True):
    """Which changes; everything when nothing is said. Patterns with `*`."""

    period: Period | None = None
    scope: str = "*"
    category: str = "*"
    actor: str = "*"
    target: str = "*"
    failed: bool = False
    """Also events that were refused and so changed nothing."""


def list_changes(workspace: Workspace, wanted: Wanted, clock: Clock) -> Changes:
    """Every change that the evidence has, oldest first."""
    log = open_log(workspace, clock)
    with open_inventory(workspace, log) as inventory:
        connection = inventory.connection
        bring_up(connection, workspace.commitments(), clock())
        read = connection.execute(
            """
            SELECT DISTINCT scope FROM record WHERE kind = 'events' AND scope <> '' UNION
            SELECT DISTINCT scope FROM reading WHERE complete
             AND collection IN ('entra.directory_audits', 'entra.activity_log', 'azure.activity_log') ORDER BY scope
            """
        ).fetchall()
        found = [one for one in changes_of(connection) if _is_wanted(one, wanted)]
        return Changes(provenance_of(log, inventory, clock()), [scope for (scope,) in read], found)


def _is_wanted(one: Change, wanted: Wanted) -> bool:
    within = wanted.period.interval if wanted.period is not None else None
    return (
        (wanted.failed or not one.failed)
        and (within is None or (one.at is not None and within.start <= one.at < within.end))
        and fnmatchcase(one.scope, wanted.scope)
        and fnmatchcase(one.category, wanted.category)
        and fnmatchcase(one.actor, wanted.actor)
        and fnmatchcase(one.target, wanted.target)
    )


def changes_of(connection: duckdb.DuckDBPyConnection) -> Iterator[Change]:
    """Every change of the log, oldest first; refused attempts, too. After the derived tables were brought up."""
    rows = connection.execute(
        """
        SELECT happened_at, scope, event, category, coalesce(target, ''), actor, actor_kind, shown_by,
               coalesce(person_name, ''), failed, coalesce(error, ''), did, effect, member, record, coalesce(line, -1)
        FROM access_change ORDER BY happened_at NULLS FIRST, record, line, member
        """
    ).fetchall()
    for at, *rest in rows:
        yield Change(utc(at) if at else None, *rest)
