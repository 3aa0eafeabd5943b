"""Tables of change events: one row for each event, however often it was delivered."""

from collections.abc import Iterator

import duckdb

from observant.evidence.log import Log, Record
from observant.evidence.snapshot import Json
from observant.inventory.aws import changes as aws

EVENT_TABLES: dict[str, dict[str, str]] = {
    "aws_change": aws.CHANGE,
    "aws_session": aws.SESSION,
    "change_reading": {
        "scope": "VARCHAR",
        "log": "VARCHAR",
        "record": "BIGINT",
        "started": "TIMESTAMP",
        "place": "VARCHAR",
        "file": "VARCHAR",
    },
}
"""Table -> columns -> SQL type."""

ABOUT: dict[str, str] = {
    "aws_change": aws.CHANGE_ABOUT,
    "aws_session": aws.SESSION_ABOUT,
    "change_reading": "Files of the providers' logs that were read, by folder.",
}


def rows_of(log: Log, record: Record) -> Iterator[tuple[str, Json]]:
    """(table, row) for everything in a record of change events. Raises DamagedEvidence."""
    reading = log.reading(record)
    common = {"scope": record.scope, "log": reading.log, "record": record.index, "started": reading.started}
    for folder in reading.folders:
        for file in folder.files:
            yield "change_reading", common | {"place": folder.folder, "file": file}
    if reading.log == "cloudtrail":
        for line, raw in enumerate(log.events(record)):
            yield aws.row(record.scope, record.index, line, raw)


def once(connection: duckdb.DuckDBPyConnection, table: str, rows: list[Json]) -> list[Json]:
    """The rows whose event is not in the table yet, each event once; of what is no event, all."""
    if "member" not in EVENT_TABLES[table]:
        return rows
    fresh = {(row["scope"], row["member"]): row for row in reversed(rows)}
    known = connection.execute(
        f"SELECT scope, member FROM {table} WHERE member IN (SELECT unnest(?))",  # noqa: S608
        [[member for _, member in fresh]],
    ).fetchall()
    for key in known:
        fresh.pop(key, None)
    return list(reversed(fresh.values()))
