"""Time in which nobody read the log of changes of a scope: what was changed then is not known, and not nothing."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import duckdb

from observant.model.time import FOREVER

# A log tells of all that came before a reading, so only the time after the last one can be unread, or all of it. A
# reading that found nothing new names no scope: it counts for those that the same caller read in the same way before.
_READ = """
WITH told AS (
  SELECT scope, effective, predicate->>'$.origin' AS origin, predicate->>'$.supplied_by' AS supplied_by
  FROM record WHERE kind = 'events'
), heard AS (
  SELECT scope, max(effective) AS last FROM (
    SELECT scope, effective FROM told
    UNION ALL
    SELECT known.scope, silent.effective FROM told AS silent
    JOIN told AS known ON known.scope <> '' AND known.effective <= silent.effective
                      AND known.origin = silent.origin AND known.supplied_by = silent.supplied_by
    WHERE silent.scope = ''
  ) GROUP BY scope
)
SELECT seen.scope, seen.first, seen.record, heard.last, heard.last + promised.every + promised.grace AS late
FROM (
  SELECT scope, min(started) AS first, max(record) AS record FROM reading
  WHERE split_part(scope, ':', 1) = 'aws' GROUP BY scope
) AS seen
LEFT JOIN heard ON heard.scope = seen.scope
LEFT JOIN commitment_snapshot_cadence AS promised
  ON promised.valid_from <= heard.last AND heard.last < promised.valid_to
ORDER BY seen.scope
"""


class Log(NamedTuple):
    """A stretch of time of one log."""

    scope: str
    member: str
    label: str
    start: datetime
    end: datetime
    record: int
    unread: bool


def unread_logs(connection: duckdb.DuckDBPyConnection) -> Iterator[Log]:
    """Every account that was read, with the time that its log of changes was read for, and the time after that."""
    forever = FOREVER.replace(tzinfo=None)
    for scope, first, record, last, late in connection.execute(_READ).fetchall():
        member = f"{scope}/changes"
        read_to = min(max(first, late or last), forever) if last is not None else first
        if first < read_to:
            yield Log(scope, member, f"the log of changes of {scope}", first, read_to, record, unread=False)
        yield Log(scope, member, f"the log of changes of {scope}", read_to, forever, record, unread=True)
