"""How long tables of workspaces keep logs between two readings, as far as the activity log tells.

A retention that is lowered and restored overnight shows in no reading: both see the long one. The events say when it
was changed, and mostly to what. Between a change whose result nobody tells and the next one nothing is known; the last
change before a reading came to what that reading shows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import duckdb

from observant.analysis.entra.pieces import Stretch, grouped
from observant.model.time import FOREVER

_FOREVER = FOREVER.replace(tzinfo=None)


class Place(NamedTuple):
    """A table of a workspace or a container of a storage account, and for how many days it keeps what it got."""

    kind: str
    destination: str
    name: str | None
    days: int | None
    protected: int | None
    because: str | None
    inherited: bool = False
    """A table that keeps what its workspace says."""


class Change(NamedTuple):
    """Something that was done to a workspace (`table` '') or to a table of it. `days` 0: nothing about retention."""

    workspace: str
    table: str
    at: datetime
    days: int | None
    record: int


# The steps of one operation share an id; what was asked for stands with one of them.
_CHANGES = """
SELECT workspace, table_name, min(happened_at) FILTER (finished),
       CASE WHEN table_name = '' THEN max(retention_days) ELSE nullif(max(total_days), 0) END, min(record)
FROM azure_retention_event WHERE action = 'write' AND workspace IS NOT NULL AND happened_at IS NOT NULL
GROUP BY workspace, table_name, operation HAVING bool_or(finished) ORDER BY ALL
"""


def changes(connection: duckdb.DuckDBPyConnection) -> list[Change]:
    """All that is told of any workspace; who sends logs to it may belong to another scope than the workspace."""
    found = [Change(*row) for row in connection.execute(_CHANGES).fetchall()]
    return sorted((one for one in found if one.days != 0), key=lambda one: one.at)


def readings(connection: duckdb.DuckDBPyConnection, source: str) -> dict[str, list[datetime]]:
    """Scope -> when its destinations were read completely."""
    rows = connection.execute(
        "SELECT DISTINCT scope, started FROM reading WHERE collection = ? AND complete ORDER BY started",
        [f"{source}.log_destinations"],
    ).fetchall()
    found: dict[str, list[datetime]] = {}
    for scope, started in rows:
        found.setdefault(scope, []).append(started)
    return found


def narrowed(
    places: Iterable[Stretch[Place]], told: list[Change], complete: list[datetime]
) -> Iterator[Stretch[Place]]:
    """The places of one scope as readings show them, made exact by what is told."""
    if not told:
        yield from places
        return
    by_name = grouped(((one.content.kind, one.content.destination, one.content.name), one) for one in places)
    for (kind, workspace, name), versions in by_name.items():
        concerned = [one for one in told if kind == "table" and one.workspace == workspace]
        mine = [one for one in concerned if one.table in ("", (name or "").lower())]
        overlays = list(_overlays(versions, mine, complete))
        for one in (*overlays, *(piece for version in versions for piece in _rest(version, overlays))):
            yield replace(one, content=one.content._replace(inherited=False))


def _overlays(versions: list[Stretch[Place]], told: list[Change], complete: list[datetime]) -> Iterator[Stretch[Place]]:
    """What held from each change on, to the next change or the next reading, where a reading says something else."""
    mine = [one for one in told if one.table or ((seen := _at(versions, one.at)) and seen.content.inherited)]
    for number, change in enumerate(mine):
        seen = _at(versions, change.at)
        read = next((moment for moment in complete if moment > change.at), _FOREVER)
        again = mine[number + 1].at if number + 1 < len(mine) else _FOREVER
        if seen is None:
            continue
        days = change.days
        if days is None and read <= again:
            shown = _at(versions, read)
            days = (shown or seen).content.days
        if days != seen.content.days and change.at < min(read, again):
            content = seen.content._replace(days=days)
            yield Stretch(change.at, min(read, again), change.at, max(seen.record, change.record), content)


def _at(versions: list[Stretch[Place]], moment: datetime) -> Stretch[Place] | None:
    return next((one for one in versions if one.valid_from <= moment < one.valid_to), None)


def _rest(version: Stretch[Place], overlays: list[Stretch[Place]]) -> Iterator[Stretch[Place]]:
    """The time of a version that no overlay takes. One that a change led up to began no earlier than that change."""
    start = version.valid_from
    if any(one.valid_to == start for one in overlays):
        version = replace(version, earliest=start)
    for one in overlays:
        if one.valid_from < version.valid_to and start < one.valid_to:
            if start < one.valid_from:
                yield replace(version, valid_from=start, valid_to=one.valid_from, earliest=_earliest(version, start))
            start = one.valid_to
    if start < version.valid_to:
        yield replace(version, valid_from=start, earliest=_earliest(version, start))


def _earliest(version: Stretch[Place], start: datetime) -> datetime:
    return version.earliest if start == version.valid_from else start
