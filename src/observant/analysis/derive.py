"""Keeps the derived tables beside the inventory up to date.

- `aws_document`: one row per distinct policy document (timeless): `document`, `unrestricted`, `because`
- `aws_trail_coverage`: valid-time, one member per account, from aws_account, aws_trail, aws_trail_status and
  aws_trail_selector

Both are projections of projections: dropped and made again whenever the inventory starts anew.
"""

from collections.abc import Iterable

import duckdb

from observant.analysis.documents import access
from observant.analysis.trails import Coverage, Seen, TrailState, coverage

COLLECTIONS: dict[str, frozenset[str]] = {
    "aws_document": frozenset(),
    "aws_trail_coverage": frozenset(
        {"iam.account_summary", "cloudtrail.trails", "cloudtrail.trail_status", "cloudtrail.event_selectors"}
    ),
}
"""Derived table -> the collections whose gaps it inherits."""

COLUMNS: dict[str, dict[str, str]] = {
    "aws_document": {"document": "VARCHAR", "unrestricted": "BOOLEAN", "because": "VARCHAR"},
    "aws_trail_coverage": {
        "scope": "VARCHAR",
        "member": "VARCHAR",
        "label": "VARCHAR",
        "valid_from": "TIMESTAMP",
        "valid_to": "TIMESTAMP",
        "earliest": "TIMESTAMP",
        "record": "BIGINT",
        "recording": "BOOLEAN",
        "recording_because": "VARCHAR",
        "validated": "BOOLEAN",
        "validated_because": "VARCHAR",
    },
}

ABOUT: dict[str, str] = {
    "aws_document": "Distinct policy documents and whether each allows every action on every resource by itself.",
    "aws_trail_coverage": "What the trails of an account record together.",
}

_TRAIL_PARTS = {
    "aws_trail": ("multi_region", "log_validation"),
    "aws_trail_status": ("is_logging",),
    "aws_trail_selector": ("management_events",),
}


def derive(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring every derived table up to the inventory on this connection, inside the caller's transaction."""
    for name, columns in COLUMNS.items():
        shape = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({shape})")
    _documents(connection)
    _trail_coverage(connection)


def _documents(connection: duckdb.DuckDBPyConnection) -> None:
    new = connection.execute(
        """
        SELECT DISTINCT document
        FROM (SELECT document FROM aws_attachment UNION ALL SELECT document FROM aws_managed_policy)
        WHERE document IS NOT NULL AND document NOT IN (SELECT document FROM aws_document)
        """
    ).fetchall()
    judged = [(document, access(document)) for (document,) in new]
    if judged:
        connection.execute(
            "INSERT INTO aws_document SELECT unnest(?), unnest(?::BOOLEAN[]), unnest(?)",
            [
                [document for document, _ in judged],
                [answer.unrestricted for _, answer in judged],
                [answer.because for _, answer in judged],
            ],
        )


def _trail_coverage(connection: duckdb.DuckDBPyConnection) -> None:
    """Few rows per account and year, so made again whole: simpler than following three tables."""
    seen: dict[str, list[Seen]] = {}
    members: dict[str, tuple[str, str]] = {}
    for scope, member, label, start, end, record in connection.execute(
        "SELECT scope, member, label, valid_from, valid_to, record FROM aws_account ORDER BY scope, valid_from"
    ).fetchall():
        seen.setdefault(scope, []).append(Seen(start, end, record))
        members[scope] = (member, label)
    states: dict[str, list[TrailState]] = {}
    for table, parts in _TRAIL_PARTS.items():
        rows = connection.execute(
            f"SELECT scope, member, valid_from, valid_to, earliest, record, {', '.join(parts)} FROM {table}"  # noqa: S608
        ).fetchall()
        for scope, trail, start, end, earliest, record, *values in rows:
            state = TrailState(trail, start, end, earliest, record, dict(zip(parts, values, strict=True)))
            states.setdefault(scope, []).append(state)
    connection.execute("DELETE FROM aws_trail_coverage")
    for scope, stretches in seen.items():
        _store(connection, scope, members[scope], _joined(coverage(states.get(scope, []), stretches)))


def _joined(slices: Iterable[Coverage]) -> list[Coverage]:
    """Neighbouring slices that say the same are one row version."""
    joined: list[Coverage] = []
    for each in slices:
        last = joined[-1] if joined else None
        if last and last.valid_to == each.valid_from and _answer(last) == _answer(each):
            joined[-1] = Coverage(last.valid_from, each.valid_to, last.earliest, last.record, *_answer(last))
        else:
            joined.append(each)
    return joined


def _answer(one: Coverage) -> tuple[bool | None, str, bool | None, str]:
    return one.recording, one.recording_because, one.validated, one.validated_because


def _store(connection: duckdb.DuckDBPyConnection, scope: str, named: tuple[str, str], rows: list[Coverage]) -> None:
    for row in rows:
        connection.execute(
            "INSERT INTO aws_trail_coverage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [scope, *named, row.valid_from, row.valid_to, row.earliest, row.record, *_answer(row)],
        )
