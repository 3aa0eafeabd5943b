"""`observant changes list`: what changed access, who did it, and what it did."""

from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase

import duckdb
import msgspec

from observant.analysis.actors import Begun, Caller, actor_of
from observant.app.evaluate import open_inventory, provenance_of
from observant.app.opening import open_log
from observant.app.workspace import Workspace
from observant.inventory.narrowing import NARROWED
from observant.inventory.projection import TABLES
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
    failed: bool
    error: str
    did: list[str]
    """Before and after, in words; empty for an event whose effect no table shows."""
    id: str
    record: int
    line: int
    """Place in the record, counted from 0."""


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
        read = connection.execute(
            "SELECT DISTINCT scope FROM record WHERE kind = 'events' AND scope <> '' ORDER BY scope"
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
    """Every change of the log, oldest first; refused attempts, too."""
    sessions, did = _sessions(connection), _did(connection)
    rows = connection.execute(
        """
        SELECT happened_at, scope, event_name, category, target, failed, error, member, record, line,
               actor_kind, actor, session_name, session_key, source_identity, directory_user, invoked_by
        FROM aws_change ORDER BY happened_at NULLS FIRST, record, line
        """
    ).fetchall()
    for at, scope, event, category, target, failed, error, member, record, line, *caller in rows:
        actor = actor_of(Caller(*caller), sessions)
        yield Change(
            at=utc(at) if at else None,
            scope=scope,
            event=event,
            category=category or "",
            target=target or "",
            actor=actor.name,
            actor_kind=actor.kind,
            shown_by=actor.shown_by,
            failed=failed,
            error=error or "",
            did=[] if failed else did.get((scope, at, record), []),
            id=member,
            record=record,
            line=line,
        )


def _sessions(connection: duckdb.DuckDBPyConnection) -> dict[str, Begun]:
    rows = connection.execute(
        "SELECT session_key, actor_kind, actor, by_key, source_identity, subject, provider FROM aws_session"
    ).fetchall()
    found = {}
    for key, kind, arn, by_key, source_identity, subject, provider in rows:
        name = arn.rpartition("/")[2] if arn and kind == "AssumedRole" else None
        found[key] = Begun(Caller(kind, arn, name, by_key, source_identity), subject, provider)
    return found


def _did(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, datetime, int], list[str]]:
    """(scope, moment, record) -> what became of rows at that moment, by that record."""
    found: dict[tuple[str, datetime, int], list[str]] = {}
    for table in sorted(NARROWED):
        columns = list(TABLES[table].columns)
        old, new = ([f'{side}."{column}"::VARCHAR' for column in columns] for side in ("old", "new"))
        rows = connection.execute(
            f"""
            SELECT change.scope, change.happened_at, change.record, coalesce(new.label, old.label),
                   old.member IS NULL, new.member IS NULL, [{", ".join(old)}], [{", ".join(new)}]
            FROM (SELECT DISTINCT scope, happened_at, record FROM aws_change WHERE NOT failed) AS change
            JOIN (SELECT DISTINCT scope, member FROM "replayed_{table}") AS touched ON touched.scope = change.scope
            LEFT JOIN "replayed_{table}" AS old ON old.scope = change.scope AND old.member = touched.member
                                               AND old.valid_to = change.happened_at
            LEFT JOIN "replayed_{table}" AS new ON new.scope = change.scope AND new.member = touched.member
                                               AND new.valid_from = change.happened_at
            WHERE old.member IS NOT NULL OR new.member IS NOT NULL ORDER BY ALL
            """  # noqa: S608
        ).fetchall()
        for scope, at, record, label, begins, ends, before, after in rows:
            said = "begins" if begins else "ends" if ends else _difference(columns, before, after)
            found.setdefault((scope, at, record), []).append(f"{label}: {said}")
    return found


def _difference(columns: list[str], before: list[str | None], after: list[str | None]) -> str:
    told = [
        f"{column} {_shown(one)} -> {_shown(other)}"
        for column, one, other in zip(columns, before, after, strict=True)
        if one != other
    ]
    return ", ".join(told) or "changes"


def _shown(value: str | None) -> str:
    return "not known" if value is None else value
