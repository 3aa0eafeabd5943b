"""Verdict intervals are kept beside the inventory and used again while nothing they follow from has changed.

They follow from the records that were projected, the written policy, the text of the checks, and the holes in what was
read. Only the holes depend on the moment of asking, and they stay as they are until the next reading is late. Digests
over all of these, and that moment, stand beside the intervals; whatever does not fit means: evaluate again. Deleting
the projection deletes them with it.
"""

import hashlib
from datetime import datetime

import duckdb
import msgspec

from observant.analysis.aws.memo import version
from observant.analysis.derive import derive
from observant.checks import commitments as commitment_tables
from observant.checks.registry import CHECKS
from observant.checks.run import VERDICT, WHY, forget, moment_judged, prepare, run
from observant.model.commitment import Commitment

FORMAT = 2
"""Raise when the runner comes to other verdicts from the same inputs."""

_WORKING_MEMORY = 40 << 20
"""Bytes that evaluating may take beside the inventory itself. Left alone, the database keeps what it ever used, and a
small estate needs as much as a large one. What takes more after all is evaluated again without a limit."""

_KEPT = ("verdict", "why", "kept")

_HOLES = "SELECT scope, collection, valid_from, valid_to, because FROM collection_hole ORDER BY ALL"

# Until the first collection is late by its promised cadence; NULL when one is late, or was never read, already.
_UNTIL = """
SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM collection_hole WHERE valid_to = $judged)
            THEN min(last + promised.every + promised.grace) END
FROM (SELECT max(started) AS last FROM reading WHERE complete GROUP BY scope, collection)
JOIN commitment_snapshot_cadence AS promised ON promised.valid_from <= last AND last < promised.valid_to
"""

_RECORDS = """
SELECT projection.origin, projection.size, record.kind, record.scope, record.recorded, record.predicate
FROM projection LEFT JOIN record ON record."index" = projection.size - 1
"""


def bring_up(connection: duckdb.DuckDBPyConnection, commitments: list[Commitment], as_of: datetime) -> bool:
    """Have `verdict` and `why` say what holds as of a moment; True when that took a new run of the checks."""
    try:
        return _bring_up(connection, commitments, as_of, measured=True)
    except duckdb.OutOfMemoryException:
        return _bring_up(connection, commitments, as_of, measured=False)


def _bring_up(
    connection: duckdb.DuckDBPyConnection, commitments: list[Commitment], as_of: datetime, *, measured: bool
) -> bool:
    inputs, judged = _inputs(connection, commitments), moment_judged(as_of)
    kept_inputs, kept_holes, until = _kept(connection)
    if kept_inputs == inputs and until is not None and judged <= until:
        return False
    connection.execute(f"SET VARIABLE unbounded = {not measured}")
    connection.execute("BEGIN")
    try:
        prepare(connection, commitments, as_of, CHECKS.values())
        holes = _digest(connection.execute(_HOLES).fetchall())
        afresh = (kept_inputs, kept_holes) != (inputs, holes)
        if afresh:
            commitment_tables.load(connection, commitments, {"access_statements", "sensitive_data"})
            derive(connection)
            if measured:
                connection.execute(f"SET memory_limit = '{_size(connection) + _WORKING_MEMORY}B'")
            run(connection, commitments, CHECKS.values())
            connection.execute(f"CREATE OR REPLACE TABLE verdict AS {VERDICT}")
            connection.execute(f"CREATE OR REPLACE TABLE why AS {WHY}")
            forget(connection)
        _keep(connection, inputs, holes, judged)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    finally:
        connection.execute("RESET memory_limit")
    return afresh


def _size(connection: duckdb.DuckDBPyConnection) -> int:
    """Bytes of the tables: those on disk, or those in memory that are not there yet."""
    row = connection.execute(
        "SELECT greatest((SELECT coalesce(sum(used_blocks * block_size), 0) FROM pragma_database_size()),"
        " (SELECT coalesce(sum(memory_usage_bytes), 0) FROM duckdb_memory()))::BIGINT"
    ).fetchone()
    return int(row[0]) if row else 0


def _keep(connection: duckdb.DuckDBPyConnection, inputs: str, holes: str, judged: datetime) -> None:
    connection.execute(
        f"CREATE OR REPLACE TABLE kept AS SELECT $inputs AS inputs, $holes AS holes, ({_UNTIL}) AS until",
        {"inputs": inputs, "holes": holes, "judged": judged},
    )


def _kept(connection: duckdb.DuckDBPyConnection) -> tuple[str, str, datetime | None]:
    """Digest of the inputs, digest of the holes, and until when the holes stay as they are; nothing fits the empty."""
    found = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE list_contains(?, table_name)", [_KEPT]
    ).fetchone()
    row = connection.execute("SELECT inputs, holes, until FROM kept").fetchone() if found == (len(_KEPT),) else None
    return row or ("", "", None)


def _inputs(connection: duckdb.DuckDBPyConnection, commitments: list[Commitment]) -> str:
    checks = [[check.id, check.sql] for check in CHECKS.values()]
    return _digest([FORMAT, version(), checks, commitments, connection.execute(_RECORDS).fetchall()])


def _digest(value: object) -> str:
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()
