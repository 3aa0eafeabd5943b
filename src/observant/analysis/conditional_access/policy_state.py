"""The derived table `entra_policy_state`: every policy over time, from snapshots and the audit log together."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import duckdb
import msgspec

from observant.analysis.conditional_access.meaning import same_policy
from observant.analysis.conditional_access.timeline import GONE, Change, Sighting, Stretch, timeline
from observant.analysis.derivation import VALID_TIME, Derivation, DerivedTable
from observant.analysis.rows import insert
from observant.model.time import FOREVER

TABLE = DerivedTable(
    name="entra_policy_state",
    about=(
        "Conditional Access policies over time: what snapshots saw, narrowed to the second and completed by the "
        "directory audit log (`seen` tells which of the two began the row, `actor` who made the change). `state` and "
        "`document` are NULL while nobody can tell; `state_since` is when the present state began."
    ),
    columns=VALID_TIME
    | {
        "state": "VARCHAR",
        "state_since": "TIMESTAMP",
        "display_name": "VARCHAR",
        "document": "VARCHAR",
        "seen": "VARCHAR",
        "actor": "VARCHAR",
    },
    collections=frozenset({"entra.conditional_access_policies"}),
)

_VERSIONS = """
SELECT scope, member, valid_from, valid_to, coalesce(document, 'null'), record
FROM entra_conditional_access_policy ORDER BY scope, member, valid_from
"""
_READINGS = """
SELECT scope, started, finished, record FROM reading
WHERE collection = 'entra.conditional_access_policies' AND complete ORDER BY scope, started
"""
_EVENTS = """
SELECT scope, policy, happened_at, action, min(before), min(after), min(record), min(actor)
FROM entra_policy_event WHERE happened_at IS NOT NULL
GROUP BY scope, policy, happened_at, action, member ORDER BY scope, happened_at, member
"""

Version = tuple[datetime, datetime, str, int]
Reading = tuple[datetime, datetime, int]
"""Started, finished, record."""


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    """Few policies and few changes: made again whole."""
    readings: dict[str, list[Reading]] = {}
    for scope, *reading in connection.execute(_READINGS).fetchall():
        readings.setdefault(scope, []).append(tuple(reading))
    versions: dict[tuple[str, str], list[Version]] = {}
    for scope, policy, *version in connection.execute(_VERSIONS).fetchall():
        versions.setdefault((scope, policy), []).append(tuple(version))
    changes: dict[tuple[str, str], list[Change]] = {}
    for scope, policy, at, action, before, after, record, actor in connection.execute(_EVENTS).fetchall():
        sides = (GONE if action == "add" else before, GONE if action == "delete" else after)
        changes.setdefault((scope, policy), []).append(Change(at, *sides, record, actor))
    connection.execute(f"DELETE FROM {TABLE.name}")  # noqa: S608
    rows: list[list[Any]] = []
    for key in sorted(versions.keys() | changes.keys()):
        told = changes.get(key, [])
        seen = _sightings(readings.get(key[0], []), versions.get(key, []), told)
        rows += _rows(*key, timeline(seen, told, same_policy))
    insert(connection, TABLE.name, TABLE.columns, rows)


POLICY_STATE = Derivation((TABLE,), _derive)


def _sightings(readings: list[Reading], versions: list[Version], changes: list[Change]) -> list[Sighting]:
    """What complete readings showed, where that matters: around every change of either kind."""
    waiting = sorted({moment for start, end, _, _ in versions for moment in (start, end)} | {one.at for one in changes})
    kept = readings[:1]
    for before, after in pairwise(readings):
        crossed = False
        while waiting and waiting[0] <= after[1]:
            crossed = waiting.pop(0) > before[0] or crossed
        if crossed:
            kept += [one for one in (before, after) if one not in kept[-2:]]
    return [_sighting(reading, _shown(reading[0], versions), changes) for reading in kept]


def _sighting(reading: Reading, document: str, changes: list[Change]) -> Sighting:
    """A change during the reading was before it when the reading shows its result."""
    started, finished, record = reading
    during = [one for one in changes if started < one.at <= finished and one.after]
    shown = bool(during) and document != GONE and same_policy(document, during[-1].after or "")
    return Sighting(finished if shown else started, document, record)


def _shown(at: datetime, versions: Iterable[Version]) -> str:
    return next((document for start, end, document, _ in versions if start <= at < end), GONE)


def _rows(scope: str, policy: str, stretches: list[Stretch]) -> list[list[Any]]:
    """Table rows of one policy; there is none for the time in which it did not exist."""
    forever = FOREVER.replace(tzinfo=None)
    ends = [one.valid_from for one in stretches[1:]] + [forever]
    rows: list[list[Any]] = []
    state: str | None = None
    since: datetime | None = None
    for stretch, end in zip(stretches, ends, strict=True):
        document = None if stretch.document in (None, GONE) else msgspec.json.decode(stretch.document or "null")
        given = document if isinstance(document, dict) else {}
        name = given.get("displayName")
        now = given.get("state")
        if now != state or since is None:
            state, since = now, stretch.earliest
        if stretch.document != GONE and end - stretch.valid_from > timedelta():
            times = [stretch.valid_from, end, stretch.earliest, stretch.record]
            text = stretch.document if given else None
            label = name or (rows[-1][2] if rows else policy)
            rows.append([scope, policy, label, *times, state, since, name, text, stretch.seen, stretch.actor])
    return rows
