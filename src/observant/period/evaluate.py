"""One evaluation: verdict intervals of every check over everything the log knows, as of one moment.

Reading is from the inventory's tables and the intervals kept beside them; nothing here judges.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import duckdb
import msgspec

from observant.checks.coverage import EVIDENCE_TABLES
from observant.checks.registry import CHECKS, collections_of
from observant.checks.run import sources_read
from observant.checks.stored import bring_up
from observant.evidence.log import Log
from observant.inventory.projection import Inventory
from observant.model.commitment import Commitment
from observant.model.interval import Interval
from observant.model.verdict import Verdict

_AT_ONCE = 20_000


class Standing(msgspec.Struct, frozen=True):
    """One verdict interval of one member, not clipped to anything."""

    check: str
    scope: str
    member: str
    label: str
    interval: Interval
    verdict: Verdict
    because: str
    record: int | None
    """The record whose evidence began it, where there is one."""
    hole: bool
    """True when it is unknown because nothing was read, for this member like for every other of its scope."""


class Evaluation:
    """Verdicts of all checks as of a moment (aware UTC). Holds the inventory's connection."""

    def __init__(self, inventory: Inventory, commitments: list[Commitment], as_of: datetime) -> None:
        self.inventory = inventory
        self.connection: duckdb.DuckDBPyConnection = inventory.connection
        self.commitments = commitments
        self.as_of = as_of
        self.afresh = bring_up(self.connection, commitments, as_of)
        """Whether the verdicts had to be worked out, or were still there from an earlier evaluation."""

    @classmethod
    def of(cls, log: Log, inventory: Inventory, commitments: list[Commitment], as_of: datetime) -> "Evaluation":
        """Bring the inventory up to the log, then evaluate."""
        inventory.advance(log)
        return cls(inventory, commitments, as_of)

    def standing(self, within: Interval, verdicts: set[Verdict], check: str | None = None) -> list[Standing]:
        """Intervals with one of these verdicts that touch `within`, ordered by check, scope, start and member."""
        rows = self.query(
            _EXPLAINED.format(
                chosen="""
            SELECT verdict.* FROM verdict
            WHERE valid_from < $end AND valid_to > $start AND list_contains($verdicts, verdict)
              AND ($check IS NULL OR check_id = $check)
            """,
                order="check_id, scope, valid_from, member, valid_to",
            ),
            {
                "start": naive(within.start),
                "end": naive(within.end),
                "verdicts": sorted(verdicts),
                "check": check,
            },
        )
        return [_standing(row) for row in rows]

    def now(self) -> Iterator[Standing]:
        """The verdict of every member at `as_of`, ordered by check, scope and member.

        In a scope whose next reading is late, that is what the last reading showed: see `stale`. What is judged about
        the evidence itself is always judged at `as_of`.
        """
        late = self.stale()
        for checks in self._batches():
            yield from self._now(late, checks)

    def _batches(self) -> Iterator[list[str]]:
        """Checks in their order, some thousand intervals at a time: a large estate's answer is not held whole."""
        batch: list[str] = []
        size = 0
        for check, count in self.query("SELECT check_id, count(*) FROM verdict GROUP BY ALL ORDER BY check_id"):
            if batch and size + count > _AT_ONCE:
                yield batch
                batch, size = [], 0
            batch.append(check)
            size += count
        if batch:
            yield batch

    def _now(self, late: dict[str, datetime], checks: list[str]) -> Iterator[Standing]:
        # On a cursor of its own, so that whoever reads this may ask something else meanwhile.
        asked = self.connection.cursor().execute(
            _EXPLAINED.format(
                chosen="""
            SELECT verdict.* FROM verdict LEFT JOIN (
              SELECT unnest($scopes::VARCHAR[]) AS scope, unnest($moments::TIMESTAMP[]) AS instant
            ) AS late USING (scope)
            WHERE list_contains($checks, check_id)
              AND (late.instant IS NULL OR list_contains($evidence, check_id)
                   OR (valid_from <= late.instant AND late.instant < valid_to))
              AND (NOT (late.instant IS NULL OR list_contains($evidence, check_id))
                   OR (valid_from <= $now AND $now < valid_to))
            """,
                order="check_id, scope, member",
            ),
            {
                "checks": checks,
                "scopes": list(late),
                "moments": [naive(moment) for moment in late.values()],
                "evidence": [check.id for check in CHECKS.values() if check.judges in EVIDENCE_TABLES],
                "now": naive(self.as_of),
            },
        )
        while rows := asked.fetchmany(4096):
            yield from map(_standing, rows)

    def stale(self) -> dict[str, datetime]:
        """Scope -> its last reading, where the next one is late by `as_of`, or no cadence was promised at all."""
        rows = self.query(
            """
            SELECT scope, last FROM (SELECT scope, max(started) AS last FROM reading GROUP BY scope)
            JOIN commitment_snapshot_cadence AS promised ON promised.valid_from <= last AND last < promised.valid_to
            WHERE ($now - last <= promised.every + promised.grace) IS NOT TRUE ORDER BY scope
            """,
            {"now": naive(self.as_of)},
        )
        return {scope: utc(last) for scope, last in rows}

    def scopes(self) -> list[str]:
        """Every scope the log has a snapshot of, complete or not."""
        return [row[0] for row in self.query("SELECT DISTINCT scope FROM reading ORDER BY scope")]

    def sources(self) -> set[str]:
        """Every source the log has anything of, its own evidence included."""
        return sources_read(self.connection)

    def query(self, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:  # noqa: ANN401 (as DuckDB takes them)
        """Rows of a query over inventory and verdicts."""
        return self.connection.execute(sql, parameters).fetchall()

    def needed(self) -> list[str]:
        """The collections that any check depends on, sorted."""
        return sorted({name for check in CHECKS.values() for name in collections_of(check)})

    def collections(self, check: str) -> list[str]:
        """The collections a check depends on, sorted."""
        return sorted(collections_of(CHECKS[check]))


# Why is looked up for the intervals that are asked for, and only where there is something to explain.
_EXPLAINED = """
WITH chosen AS ({chosen}), explained AS (
  SELECT chosen.check_id, chosen.scope, chosen.member, chosen.valid_from,
         first(why.because ORDER BY why.valid_from, why.because) AS because,
         min(why.record) AS record
  FROM chosen JOIN why ON why.check_id = chosen.check_id AND why.scope = chosen.scope
   AND why.member = chosen.member AND why.strength = chosen.strength
   AND why.valid_from < chosen.valid_to AND chosen.valid_from < why.valid_to
  WHERE chosen.strength NOT IN (1, 2)
  GROUP BY chosen.check_id, chosen.scope, chosen.member, chosen.valid_from
)
SELECT check_id, scope, member, label, valid_from, valid_to, verdict, coalesce(because, ''), record, strength = 5
FROM chosen LEFT JOIN explained USING (check_id, scope, member, valid_from)
ORDER BY {order}
"""


def _standing(row: tuple[Any, ...]) -> Standing:
    check, scope, member, label, start, end, verdict, because, record, hole = row
    return Standing(
        check=check,
        scope=scope,
        member=member,
        label=label,
        interval=Interval(utc(start), utc(end)),
        verdict=Verdict(verdict),
        because=because,
        record=record,
        hole=hole,
    )


def naive(moment: datetime) -> datetime:
    """As the tables hold it: UTC without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def utc(stored: datetime) -> datetime:
    """Back from the tables."""
    return stored.replace(tzinfo=UTC)
