"""The runner: turns the answers of checks into verdict intervals.

For one member at one moment several statements may hold at once: it existed, a check answered, the answer reaches back
to the less favourable bound, nothing was read. The strongest one is the verdict:

    6 event         a violation that is known to have happened            fail
    5 hole          nothing was read for longer than documented           unknown
    4 violated      the check answers yes                                 fail
    3 unclear       the check answers NULL                                unknown
    2 kept          the check answers no                                  pass
    1 not concerned `applies` is false                                    not applicable
    0 existed       the check left this time unanswered                   unknown

All of it is one sweep over the moments at which a statement begins or ends: linear in the number of row versions, not
in days times members. Verdicts reach into the future as far as the row versions do; what lies beyond `as_of` is the
forecast.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import duckdb

from observant.analysis.derive import DERIVATIONS
from observant.checks import commitments as commitment_tables
from observant.checks import coverage
from observant.checks.check import Check
from observant.checks.registry import CHECKS, SOURCE_OF, collections_of
from observant.model.commitment import Commitment

_STATEMENT = (
    "check_id VARCHAR, scope VARCHAR, member VARCHAR, valid_from TIMESTAMP, valid_to TIMESTAMP, strength INTEGER, "
    "because VARCHAR, record BIGINT, label VARCHAR"
)

_BOOLEAN_PIECES = """
  SELECT scope, member, CASE WHEN applies AND violated THEN earliest ELSE valid_from END, valid_to,
         CASE WHEN NOT applies THEN 1 WHEN applies AND violated THEN 4 WHEN applies AND NOT violated THEN 2 ELSE 3 END,
         because, record, NULL
  FROM answer
"""

_WITNESSED_PIECES = """
  UNION ALL
  SELECT scope, member, valid_from, valid_to, 6, because, record, NULL FROM answer
  WHERE applies AND violated AND witnessed
"""

_MOMENT_PIECES = """
  SELECT scope, member, valid_from, least(valid_to, violated_from), 2, NULL, record, NULL
  FROM answer WHERE applies AND violated_from > valid_from
  UNION ALL
  SELECT scope, member, greatest(violated_from, earliest), valid_to, 4, because, record, NULL
  FROM answer WHERE applies AND violated_from < valid_to
  UNION ALL
  SELECT scope, member, valid_from, valid_to, CASE WHEN NOT applies THEN 1 ELSE 3 END, because, record, NULL
  FROM answer WHERE applies IS NOT TRUE OR violated_from IS NULL
"""

_EVENT_PIECES = """
  SELECT scope, member, valid_from, valid_to,
         CASE WHEN NOT applies THEN 1 WHEN applies AND violated_from IS NOT NULL THEN 2 ELSE 3 END,
         because, record, NULL
  FROM answer
  UNION ALL
  SELECT scope, member, violated_from, violated_to, 6, because, record, NULL FROM answer WHERE applies
"""

# One statement of SQL for each check: planning costs more than the few thousand rows do.
_STATEMENTS = """
INSERT INTO statement
WITH answer AS MATERIALIZED (
{sql}
)
SELECT '{check}', * FROM (
  SELECT scope, member, valid_from, valid_to, 0, 'the evidence does not answer this', record, label FROM {judges}
  UNION ALL {pieces}
) AS piece (scope, member, valid_from, valid_to, strength, because, record, label)
WHERE valid_from < valid_to
"""

# The empty member stands for all members of its scope, also those nobody could see.
_LIVES = """
CREATE OR REPLACE TEMP TABLE life AS
SELECT (row_number() OVER ())::INTEGER AS id, * FROM (
  SELECT check_id, scope, member, arg_max(label, valid_from) AS label,
         min(valid_from) FILTER (strength = 0) AS born, max(valid_to) FILTER (strength = 0) AS died,
         max(strength) > 1 AS concerned
  FROM statement GROUP BY check_id, scope, member HAVING born IS NOT NULL
  UNION ALL
  SELECT check_id, scope, '', 'every member', min(valid_from), max(valid_to), true
  FROM check_collection JOIN collection_hole USING (collection)
  WHERE check_collection.own GROUP BY check_id, scope
)
"""

# What a check reads of another source than that of its members, it reads of every scope of that source.
_HOLES = """
INSERT INTO statement
SELECT check_id, life.scope, member, greatest(hole.valid_from, born), least(hole.valid_to, died), 5, hole.because,
       NULL, NULL
FROM life JOIN check_collection USING (check_id)
JOIN collection_hole AS hole
  ON hole.collection = check_collection.collection AND (hole.scope = life.scope OR NOT check_collection.own)
WHERE concerned AND hole.valid_from < died AND born < hole.valid_to
UNION ALL
SELECT check_id, scope, member, born, died, 5, collection || ' was never read', NULL, NULL
FROM life JOIN check_collection USING (check_id)
WHERE concerned AND NOT own
  AND NOT EXISTS (SELECT 1 FROM reading WHERE reading.collection = check_collection.collection)
"""

# The steps of one member add up to nothing, so the running sum starts anew with each without being told where.
_SWEEP = """
CREATE OR REPLACE TEMP TABLE island AS
WITH held AS MATERIALIZED (
  SELECT id, statement.valid_from, statement.valid_to, CASE strength {weights} END AS step
  FROM statement JOIN life USING (check_id, scope, member)
), tick AS (
  SELECT id, instant, sum(step) AS step FROM (
    SELECT id, valid_from AS instant, step FROM held UNION ALL SELECT id, valid_to, -step FROM held
  ) GROUP BY id, instant
), count AS (
  SELECT id, instant, sum(step) OVER (ORDER BY id, instant) AS held FROM tick
), level AS (
  SELECT id, instant, CASE {levels} END AS strength FROM count
), edge AS (
  SELECT id, instant, strength, lag(strength) OVER (ORDER BY id, instant) AS before FROM level
), change AS (
  SELECT id, instant AS valid_from, lead(instant) OVER (ORDER BY id, instant) AS valid_to, strength
  FROM edge WHERE strength IS DISTINCT FROM before
)
SELECT id, valid_from, valid_to, strength FROM change WHERE strength IS NOT NULL
"""

VERDICT = """
SELECT check_id, scope, member, label, valid_from, valid_to,
       CASE strength WHEN 6 THEN 'fail' WHEN 4 THEN 'fail' WHEN 2 THEN 'pass' WHEN 1 THEN 'not_applicable'
            ELSE 'unknown' END AS verdict,
       strength
FROM island JOIN life ON life.id = island.id
"""
"""Verdict intervals, read from what `run` leaves."""

WHY = """
SELECT check_id, scope, member, valid_from, valid_to, strength, because, record FROM statement
WHERE strength > 2 OR strength = 0 AND 0 IN (SELECT strength FROM island)
"""
"""The statements behind those verdicts that need a reason."""

# One running sum counts all kinds of statement at once: each strength has 16 bits of it, so the highest strength that
# holds is read off by size. More than 65,535 statements of one kind at one moment of one member cannot occur.
_STRENGTHS = (6, 5, 4, 3, 2, 1, 0)
_WEIGHTS = " ".join(f"WHEN {one} THEN {65536**one}::HUGEINT" for one in _STRENGTHS)
_LEVELS = " ".join(f"WHEN held >= {65536**one}::HUGEINT THEN {one}" for one in _STRENGTHS)


def prepare(
    connection: duckdb.DuckDBPyConnection, commitments: list[Commitment], as_of: datetime, checks: Iterable[Check]
) -> None:
    """Find the holes in what these checks read: the only input of theirs that depends on the moment of asking."""
    derived_from = {name for derivation in DERIVATIONS for name in derivation.commitments}
    commitment_tables.load(connection, commitments, {"snapshot_cadence"} | derived_from)
    coverage.load(connection, needed(checks), moment_judged(as_of))


def moment_judged(as_of: datetime) -> datetime:
    """End of the time that is judged, as tables hold it. Moments are whole seconds; that of `as_of` is included."""
    return as_of.replace(tzinfo=None) + timedelta(seconds=1)


def run(connection: duckdb.DuckDBPyConnection, commitments: list[Commitment], checks: Iterable[Check]) -> None:
    """Ask the given checks, after `prepare`: leaves temporary tables that `VERDICT` and `WHY` read."""
    checks = list(checks)
    present = sources_read(connection)
    asked = [check for check in checks if check.source in present]
    commitment_tables.load(connection, commitments, {name for check in asked for name in check.commitments})
    if any(check.reads & set(coverage.EVIDENCE_TABLES) for check in asked):
        coverage.load_evidence(connection, needed(CHECKS.values()))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE statement ({_STATEMENT})")
    for check in asked:
        connection.execute(
            _STATEMENTS.format(check=check.id, sql=check.sql, judges=check.judges, pieces=_pieces(check))
        )
    _load_collections(connection, checks)
    connection.execute(_LIVES)
    connection.execute(_HOLES)
    connection.execute(_SWEEP.format(weights=_WEIGHTS, levels=_LEVELS))


def forget(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what `run` left."""
    for table in ("statement", "life", "island", "check_collection"):
        connection.execute(f"DROP TABLE {table}")


def needed(checks: Iterable[Check]) -> set[tuple[str, str]]:
    """(source, collection) of everything that these checks read."""
    return {(SOURCE_OF[collection], collection) for check in checks for collection in collections_of(check)}


def sources_read(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The sources this log has anything of, and its own. Checks of others have no members and need not be asked."""
    found = connection.execute("SELECT DISTINCT split_part(scope, ':', 1) FROM reading").fetchall()
    return {source for (source,) in found} | {table.partition("_")[0] for table in coverage.EVIDENCE_TABLES}


def _pieces(check: Check) -> str:
    shapes = {"violated": _BOOLEAN_PIECES, "violated_from": _MOMENT_PIECES, "violated_to": _EVENT_PIECES}
    return shapes[check.answers] + (_WITNESSED_PIECES if check.witnesses else "")


def _load_collections(connection: duckdb.DuckDBPyConnection, checks: list[Check]) -> None:
    rows = [(check.id, one, SOURCE_OF[one] == check.source) for check in checks for one in collections_of(check)]
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE check_collection AS SELECT unnest(?::VARCHAR[]) AS check_id, "
        "unnest(?::VARCHAR[]) AS collection, unnest(?::BOOLEAN[]) AS own",
        [[row[place] for row in rows] for place in range(3)],
    )
