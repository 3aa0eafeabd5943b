"""Two primitives on stretches of time in tables: what is left uncovered, and what belongs together."""

import duckdb

ALWAYS = "TIMESTAMP '1970-01-01' AS valid_from, TIMESTAMP '9999-12-31' AS valid_to, TIMESTAMP '1970-01-01' AS earliest"
"""Columns of a stretch that is all of time."""


def uncovered(
    connection: duckdb.DuckDBPyConnection, into: str, stretches: str, cover: str, keys: tuple[str, ...]
) -> None:
    """Make the table `into`: the rows of table `stretches`, each cut down to the time no row of `cover` holds.

    `keys` are the columns, of the same name in both, that say which cover belongs to which stretch.
    """
    same = " AND ".join(f"covering.{key} IS NOT DISTINCT FROM stretch.{key}" for key in keys)
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE {into} AS
        WITH covered AS (
          SELECT stretch.rowid AS stretch_id, covering.valid_from AS covered_from, covering.valid_to AS covered_to,
                 max(covering.valid_to) OVER (
                   PARTITION BY stretch.rowid ORDER BY covering.valid_from, covering.valid_to
                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered_until
          FROM {stretches} AS stretch JOIN {cover} AS covering
            ON {same} AND covering.valid_from < stretch.valid_to AND stretch.valid_from < covering.valid_to
        ), piece AS (
          SELECT stretch.rowid AS stretch_id, coalesce(covered_until, stretch.valid_from) AS piece_from,
                 coalesce(covered_from, stretch.valid_to) AS piece_to
          FROM {stretches} AS stretch LEFT JOIN covered ON covered.stretch_id = stretch.rowid
          UNION ALL
          SELECT stretch_id, max(covered_to), TIMESTAMP '9999-12-31' FROM covered GROUP BY stretch_id
        )
        SELECT stretch.* REPLACE (
                 greatest(piece_from, stretch.valid_from) AS valid_from, least(piece_to, stretch.valid_to) AS valid_to,
                 CASE WHEN piece_from > stretch.valid_from THEN piece_from ELSE stretch.earliest END AS earliest)
        FROM {stretches} AS stretch JOIN piece ON piece.stretch_id = stretch.rowid
        WHERE greatest(piece_from, stretch.valid_from) < least(piece_to, stretch.valid_to)
        """  # noqa: S608 (names of tables and columns, all ours)
    )


def merged(connection: duckdb.DuckDBPyConnection, into: str, stretches: str, keys: tuple[str, ...]) -> None:
    """Make the table `into`: for equal `keys` of table `stretches`, one row for all that overlaps or touches."""
    listed = ", ".join(keys)
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE {into} AS
        WITH ordered AS (
          SELECT *, max(valid_to) OVER (
            PARTITION BY {listed} ORDER BY valid_from, valid_to ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
          ) AS reached FROM {stretches}
        ), numbered AS (
          SELECT *, sum(CASE WHEN reached >= valid_from THEN 0 ELSE 1 END) OVER (
            PARTITION BY {listed} ORDER BY valid_from, valid_to ROWS UNBOUNDED PRECEDING) AS island FROM ordered
        )
        SELECT {listed}, min(valid_from) AS valid_from, max(valid_to) AS valid_to,
               min(earliest) AS earliest, min(record) AS record
        FROM numbered GROUP BY {listed}, island
        """  # noqa: S608 (names of tables and columns, all ours)
    )


def tiled(connection: duckdb.DuckDBPyConnection, into: str, versions: str, asked: str, keys: tuple[str, ...]) -> None:
    """Make the table `into`: the rows of `versions`, and for all other time of the keys in `asked` a row of NULLs.

    Joined with it, nothing is lost that was asked for and not there. `versions`: a SELECT with the keys, the columns
    wanted, valid_from, valid_to and earliest; `asked`: a table with the keys.
    """
    listed = ", ".join(keys)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE tile AS {versions}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE tile_asked AS SELECT DISTINCT {listed}, {ALWAYS} FROM {asked}")  # noqa: S608
    uncovered(connection, "tile_missing", "tile_asked", "tile", keys)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {into} AS SELECT * FROM tile UNION ALL BY NAME SELECT * FROM tile_missing"  # noqa: S608
    )
