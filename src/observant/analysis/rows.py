"""Rows that Python worked out, put into a table in one statement."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb


def insert(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]
) -> None:
    """Append rows whose values stand in the order of `columns` (name -> type).

    The values go as one list for each column: bound row by row, 300 policies took longer than everything that is
    worked out about a hundred thousand people.
    """
    if rows:
        listed = ", ".join(f"unnest(?::{kind}[])" for kind in columns.values())
        values = [list(column) for column in zip(*rows, strict=True)]
        connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {listed}", values)
