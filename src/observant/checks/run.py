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

_LIFE_COLUMNS = {
    "id": "INTEGER",
    "check_id": "VARCHAR",
    "scope": "VARCHAR",
    "member": "VARCHAR",
    "label": "VARCHAR",
    "born": "TIMESTAMP",
    "died": "TIMESTAMP",
    "concerned": "BOOLEAN",
}

_ISLAND_COLUMNS = {"id": "INTEGER", "valid_from": "TIMESTAMP", "valid_to": "TIMESTAMP", "strength": "INTEGER"}

_STATEMENT_COLUMNS = {
    "id": "INTEGER",
    "valid_from": "TIMESTAMP",
    "valid_to": "TIMESTAMP",
    "strength": "INTEGER",
    "because": "VARCHAR",
    "record": "BIGINT",
}

_CHECK_COLLECTION_COLUMNS = {"check_id": "VARCHAR", "collection": "VARCHAR", "own": "BOOLEAN"}

_BOOLEAN_PIECES = """
  SELECT scope, member, CASE WHEN applies AND violated THEN earliest ELSE valid_from END, valid_to,
         CASE WHEN NOT applies THEN 1 WHEN applies AND violated THEN 4 WHEN applies AND NOT violated THEN 2 ELSE 3 END,
         because, record
  FROM answer
"""

_MOMENT_PIECES = """
  SELECT scope, member, valid_from, least(valid_to, violated_from), 2, because, record
  FROM answer WHERE applies AND violated_from > valid_from
  UNION ALL
  SELECT scope, member, greatest(violated_from, earliest), valid_to, 4, because, record
  FROM answer WHERE applies AND violated_from < valid_to
  UNION ALL
  SELECT scope, member, valid_from, valid_to, CASE WHEN NOT applies THEN 1 ELSE 3 END, because, record
  FROM answer WHERE applies IS NOT TRUE OR violated_from IS NULL
"""

_EVENT_PIECES = """
  SELECT scope, member, valid_from, valid_to,
         CASE WHEN NOT applies THEN 1 WHEN applies AND violated_from IS NOT NULL THEN 2 ELSE 3 END, because, record
  FROM answer
  UNION ALL
  SELECT scope, member, violated_from, violated_to, 6, because, record FROM answer WHERE applies
"""

_LIVES = """
INSERT INTO life
WITH judged AS (
  SELECT scope, member, arg_max(label, valid_from) AS label, min(valid_from) AS born, max(valid_to) AS died
  FROM {judges} GROUP BY scope, member
), concerned AS (
  SELECT DISTINCT scope, member, true AS concerned FROM answer WHERE applies IS NOT FALSE
)
SELECT $first + row_number() OVER (), $check, judged.scope, judged.member, label, born, died,
       coalesce(concerned, false)
FROM judged LEFT JOIN concerned ON concerned.scope = judged.scope AND concerned.member = judged.member
"""

_STATEMENTS = """
INSERT INTO statement
SELECT life.id, piece.valid_from, piece.valid_to, piece.strength, piece.because, piece.record
FROM (
  SELECT scope, member, valid_from, valid_to, 0, 'the evidence does not answer this', record FROM {judges}
  UNION ALL {pieces}
) AS piece (scope, member, valid_from, valid_to, strength, because, record)
JOIN life ON life.check_id = $check AND life.scope = piece.scope AND life.member = piece.member
WHERE piece.valid_from < piece.valid_to
"""

# The empty member stands for all members of its scope, also those nobody could see.
_EVERYBODY = """
INSERT INTO life
SELECT $first + row_number() OVER (), check_id, scope, '', 'every member', min(valid_from), max(valid_to), true
FROM check_collection JOIN collection_hole USING (collection)
WHERE check_collection.own GROUP BY check_id, scope
"""

# What a check reads of another source than that of its members, it reads of every scope of that source.
_HOLES = """
INSERT INTO statement
SELECT life.id, greatest(hole.valid_from, life.born), least(hole.valid_to, life.died), 5, hole.because, NULL
FROM life JOIN check_collection USING (check_id)
JOIN collection_hole AS hole
  ON hole.collection = check_collection.collection AND (hole.scope = life.scope OR NOT check_collection.own)
WHERE life.concerned AND hole.valid_from < life.died AND life.born < hole.valid_to
UNION ALL
SELECT life.id, life.born, life.died, 5, collection || ' was never read', NULL
FROM life JOIN check_collection USING (check_id)
WHERE life.concerned AND NOT own
  AND NOT EXISTS (SELECT 1 FROM reading WHERE reading.collection = check_collection.collection)
"""

_SWEEP = """
INSERT INTO island
WITH event AS (
  SELECT id, valid_from AS instant, CASE strength {weights} END AS step FROM statement
  UNION ALL
  SELECT id, valid_to, -CASE strength {weights} END FROM statement
), tick AS (
  SELECT id, instant, sum(step) AS step FROM event GROUP BY id, instant
), count AS (
  SELECT id, instant, sum(step) OVER (PARTITION BY id ORDER BY instant) AS held FROM tick
), level AS (
  SELECT id, instant, CASE {levels} END AS strength FROM count
), edge AS (
  SELECT id, instant, strength, lag(strength) OVER (PARTITION BY id ORDER BY instant) AS before FROM level
), change AS (
  SELECT id, instant AS valid_from, lead(instant) OVER (PARTITION BY id ORDER BY instant) AS valid_to, strength
  FROM edge WHERE strength IS DISTINCT FROM before
)
SELECT id, valid_from, valid_to, strength FROM change WHERE strength IS NOT NULL
"""

_VERDICT = """
CREATE OR REPLACE TEMP VIEW verdict AS
SELECT island.id, check_id, scope, member, label, valid_from, valid_to,
       CASE strength WHEN 6 THEN 'fail' WHEN 4 THEN 'fail' WHEN 2 THEN 'pass' WHEN 1 THEN 'not_applicable'
            ELSE 'unknown' END AS verdict,
       strength
FROM island JOIN life ON life.id = island.id
"""

ISLANDS = "island"
_KEPT = {ISLANDS: _ISLAND_COLUMNS, "statement": _STATEMENT_COLUMNS, "life": _LIFE_COLUMNS}

# One running sum counts all kinds of statement at once: each strength has 16 bits of it, so the highest strength that
# holds is read off by size. More than 65,535 statements of one kind at one moment of one member cannot occur.
_STRENGTHS = (6, 5, 4, 3, 2, 1, 0)
_WEIGHTS = " ".join(f"WHEN {one} THEN {65536**one}::HUGEINT" for one in _STRENGTHS)
_LEVELS = " ".join(f"WHEN held >= {65536**one}::HUGEINT THEN {one}" for one in _STRENGTHS)


def prepare(
    connection: duckdb.DuckDBPyConnection, commitments: list[Commitment], as_of: datetime, checks: Iterable[Check]
) -> None:
    """Find the holes in what these checks read: the only input of theirs that depends on the moment of asking."""
    # Moments are whole seconds, so the time judged includes the second of `as_of` itself.
    moment = as_of.replace(tzinfo=None) + timedelta(seconds=1)
    derived_from = {name for derivation in DERIVATIONS for name in derivation.commitments}
    commitment_tables.load(connection, commitments, {"snapshot_cadence"} | derived_from)
    coverage.load(connection, needed(checks), moment)


def run(connection: duckdb.DuckDBPyConnection, commitments: list[Commitment], checks: Iterable[Check]) -> None:
    """Fill `verdict` (intervals) and `statement` (why) on this connection with the given checks, after `prepare`."""
    checks = list(checks)
    commitment_tables.load(connection, commitments, {name for check in checks for name in check.commitments})
    if any(check.reads & set(coverage.EVIDENCE_TABLES) for check in checks):
        coverage.load_evidence(connection, needed(CHECKS.values()))
    for table, columns in _KEPT.items():
        connection.execute(f"CREATE OR REPLACE TABLE {table} ({_shape(columns)})")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE check_collection (check_id VARCHAR, collection VARCHAR, own BOOLEAN)"
    )
    for check in checks:
        _answer(connection, check)
    connection.execute(_EVERYBODY, {"first": _count(connection)})
    connection.execute(_HOLES)
    connection.execute(_SWEEP.format(weights=_WEIGHTS, levels=_LEVELS))
    show(connection)


def show(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the view `verdict` over intervals that are there already."""
    connection.execute(_VERDICT)


def needed(checks: Iterable[Check]) -> set[tuple[str, str]]:
    """(source, collection) of everything that these checks read."""
    return {(SOURCE_OF[collection], collection) for check in checks for collection in collections_of(check)}


def _shape(columns: dict[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


def _count(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("SELECT count(*) FROM life").fetchone()
    return int(row[0]) if row else 0


def _answer(connection: duckdb.DuckDBPyConnection, check: Check) -> None:
    """Run one check, and turn its answer into statements. The text runs exactly as it is shown: nothing is bound."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE answer AS {check.sql}")
    given = {row[0] for row in connection.execute("SELECT column_name FROM (DESCRIBE answer)").fetchall()}
    pieces = _BOOLEAN_PIECES if "violated" in given else _EVENT_PIECES if "violated_to" in given else _MOMENT_PIECES
    connection.execute(_LIVES.format(judges=check.judges), {"check": check.id, "first": _count(connection)})
    connection.execute(_STATEMENTS.format(judges=check.judges, pieces=pieces), {"check": check.id})
    collections = sorted(collections_of(check))
    connection.execute(
        "INSERT INTO check_collection SELECT ?, unnest(?::VARCHAR[]), unnest(?::BOOLEAN[])",
        [check.id, collections, [SOURCE_OF[one] == check.source for one in collections]],
    )
