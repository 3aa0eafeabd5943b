"""What a register is: a list over a period that an auditor asks for by name, whichever cloud its rows come from.

A check judges; a register lists. One SELECT answers for all sources, so the same question has one answer in one file:
when was each principal last rotated, who held which privilege, who has not signed in. Rules for the SELECT, held by a
test:

- its columns are `columns`, in this order; the last one is `evidence_record`, the log record that shows the row
- `$start` and `$end` are the period, half-open, as the tables hold moments; stretches are clipped to it
- what cannot be known is NULL, or a word in a column that says so; a row is never left out because a part is unknown
- rows come in an order that does not depend on how they were found
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from observant.analysis.derive import DERIVED
from observant.checks.check import tables_in
from observant.inventory.projection import TABLES
from observant.model.interval import Interval
from observant.period.evaluate import Evaluation, naive, utc

_CHUNK = 2_000


class Register(msgspec.Struct, frozen=True):
    """One list."""

    name: str
    title: str
    columns: tuple[str, ...]
    notes: str
    """What a reader must know about the columns, a sentence a line."""
    sql: str
    folder: str = "registers"
    """Where it lies in the package: `populations` for what an auditor draws samples from."""
    logs: frozenset[str] = frozenset()
    """Collections whose events it lists: they stand in a table that says nothing of what was not read."""

    @property
    def collections(self) -> frozenset[str]:
        """What it is made from: time in which one of these was not read is not known to it."""
        found = set(self.logs)
        for table in tables_in(self.sql):
            if table in TABLES:
                found |= TABLES[table].collections
            elif table in DERIVED:
                found |= DERIVED[table].collections
        return frozenset(found)


def rows_of(register: Register, evaluation: Evaluation, within: Interval) -> Iterator[tuple[Any, ...]]:
    """The rows over a stretch of time, streamed; moments aware UTC. Nothing else may use the connection meanwhile."""
    bounds = {"start": naive(within.start), "end": naive(within.end)}
    answered = evaluation.connection.execute(register.sql, bounds)
    while rows := answered.fetchmany(_CHUNK):
        for row in rows:
            yield tuple(utc(cell) if isinstance(cell, datetime) else cell for cell in row)


_HOLES = """
SELECT scope, greatest(valid_from, $start) AS since, least(valid_to, $end) AS until,
       first(because ORDER BY collection), count(*)
FROM collection_hole
WHERE list_contains($collections, collection) AND valid_from < $end AND valid_to > $start
GROUP BY scope, since, until ORDER BY scope, since, until
"""


def unread(register: Register, evaluation: Evaluation, within: Interval) -> list[str]:
    """Sentences about time in which what the register is made from was not read."""
    rows = evaluation.query(
        _HOLES,
        {"start": naive(within.start), "end": naive(within.end), "collections": sorted(register.collections)},
    )
    return [
        f"not known: {scope} from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M}: {because}"
        + (f", and {count - 1} more collections" if count > 1 else "")
        for scope, since, until, because, count in rows
    ]
