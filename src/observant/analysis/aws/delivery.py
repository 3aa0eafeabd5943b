"""When each trail was silent: how long nothing had been delivered by the last snapshot that says so.

A snapshot shows the last delivery before it, and nothing of the time until the next one. When the next one shows the
same last delivery, nothing was delivered meanwhile, and the silence has lasted since then. Time in which the trail was
stopped is no silence: it counts from when the trail was started again.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import duckdb

from observant.analysis.derivation import Derivation, DerivedTable
from observant.analysis.slices import Answer, Version, shape, store, versions

SILENCE = "aws_trail_silence"
_TABLES = {"aws_trail_delivery": ("last_delivery", "error"), "aws_trail_status": ("is_logging",)}
_READ = "SELECT scope, started FROM reading WHERE collection = 'cloudtrail.trail_status' AND complete ORDER BY started"


def restarted(status: list[Version], before: datetime) -> datetime | None:
    """When the trail was last seen to be started again before a moment; None where it was not seen to be off."""
    rows = sorted(status, key=lambda one: one.valid_from)
    found = [
        after.valid_from
        for off, after in pairwise(rows)
        if off.values["is_logging"] is False and after.values["is_logging"] and after.valid_from < before
    ]
    return max(found, default=None)


def _silences(given: list[Version], read: list[datetime]) -> Iterator[Answer]:
    status: dict[str, list[Version]] = defaultdict(list)
    for one in given:
        if one.table == "aws_trail_status":
            status[one.member].append(one)
    for one in given:
        if one.table != "aws_trail_delivery":
            continue
        place = bisect_left(read, one.valid_to)
        confirmed = max(read[place - 1], one.valid_from) if place else one.valid_from
        last, again = one.values["last_delivery"], restarted(status[one.member], one.valid_to)
        since = max(last, again or last) if isinstance(last, datetime) else None
        yield Answer(
            scope=one.scope,
            member=one.member,
            label=one.label,
            valid_from=one.valid_from,
            valid_to=one.valid_to,
            earliest=one.earliest,
            record=one.record,
            values=(last, since, confirmed, one.values["error"]),
        )


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    read: dict[str, list[datetime]] = defaultdict(list)
    for scope, started in connection.execute(_READ).fetchall():
        read[scope].append(started)
    found = (one for scope, given in versions(connection, _TABLES).items() for one in _silences(given, read[scope]))
    store(connection, SILENCE, _COLUMNS, found)


_COLUMNS = shape(last_delivery="TIMESTAMP", silent_since="TIMESTAMP", confirmed_at="TIMESTAMP", error="VARCHAR")

DELIVERY = Derivation(
    (
        DerivedTable(
            SILENCE,
            "The last delivery of each trail as its snapshots show it: nothing more was delivered from `silent_since` "
            "(the delivery, or when the trail was started again after it) to `confirmed_at`, the last snapshot that "
            "shows the same. `error` is the bucket's refusal, empty where there was none.",
            _COLUMNS,
            frozenset({"cloudtrail.trail_status"}),
        ),
    ),
    _derive,
)
