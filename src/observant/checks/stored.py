"""Verdict intervals are kept beside the inventory and used again while nothing they follow from has changed.

They follow from the records that were projected, the written policy, the text of the checks, and the holes in what was
read (the only part that depends on the moment of asking). A digest over all of these stands beside the intervals; any
other digest means: evaluate again. Deleting the projection deletes them with it.
"""

import hashlib
from datetime import datetime

import duckdb
import msgspec

from observant.analysis.derive import derive
from observant.checks.registry import CHECKS
from observant.checks.run import ISLANDS, prepare, run, show
from observant.model.commitment import Commitment

FORMAT = 1
"""Raise when the runner comes to other verdicts from the same inputs."""

_HOLES = "SELECT scope, collection, valid_from, valid_to, because FROM collection_hole ORDER BY ALL"
_RECORDS = """
SELECT projection.origin, projection.size, record.kind, record.scope, record.recorded, record.predicate
FROM projection LEFT JOIN record ON record."index" = projection.size - 1
"""


def bring_up(connection: duckdb.DuckDBPyConnection, commitments: list[Commitment], as_of: datetime) -> bool:
    """Have `verdict` and `statement` say what holds as of a moment; True when that took a new run of the checks."""
    prepare(connection, commitments, as_of, CHECKS.values())
    wanted = _fingerprint(connection, commitments)
    if _stored(connection) == wanted:
        show(connection)
        return False
    connection.execute("BEGIN")
    try:
        derive(connection)
        run(connection, commitments, CHECKS.values())
        connection.execute("CREATE OR REPLACE TABLE evaluated AS SELECT ? AS fingerprint", [wanted])
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return True


def _stored(connection: duckdb.DuckDBPyConnection) -> str:
    found = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name IN ('evaluated', ?) AND NOT temporary", [ISLANDS]
    ).fetchone()
    if found != (2,):
        return ""
    row = connection.execute("SELECT fingerprint FROM evaluated").fetchone()
    return str(row[0]) if row else ""


def _fingerprint(connection: duckdb.DuckDBPyConnection, commitments: list[Commitment]) -> str:
    given = [
        FORMAT,
        [[check.id, check.sql] for check in CHECKS.values()],
        commitments,
        connection.execute(_RECORDS).fetchall(),
        connection.execute(_HOLES).fetchall(),
    ]
    return hashlib.sha256(msgspec.json.encode(given)).hexdigest()
