"""The credential report as text becomes rows, and rows become entities. Used for live answers and for files alike."""

import csv
import io
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from observant.evidence.snapshot import Collection, Entity, Json, Reconciliation
from observant.model.time import moment, text

REPORT = "iam.credential_report"
META = "iam.credential_report_meta"

ROOT_USER = "<root_account>"

USAGE_CELLS = (
    "password_last_used",
    "access_key_1_last_used_date",
    "access_key_1_last_used_region",
    "access_key_1_last_used_service",
    "access_key_2_last_used_date",
    "access_key_2_last_used_region",
    "access_key_2_last_used_service",
)
"""Cells that change by use; all others change only when somebody changes something."""

REQUIRED_CELLS = ("user", "arn", "user_creation_time", "password_enabled", "mfa_active", "access_key_1_active")

TAKES = timedelta(minutes=10)
"""A user made while a report is generated may or may not be in it."""


class ReportRow(NamedTuple):
    line: int
    """1-based line on which the row ends."""
    cells: Json


class MalformedReport(ValueError):
    """The text is not a credential report; `line` is 1-based."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line, self.problem = line, problem


def rows_of(content: str) -> list[ReportRow]:
    """All rows with the report's own column names. Raises MalformedReport for anything but a whole report."""
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    try:
        return list(_rows(reader))
    except csv.Error as error:
        raise MalformedReport(reader.line_num, str(error)) from error


def _rows(reader: Iterator[list[str]]) -> Iterator[ReportRow]:
    header = next(reader, [])
    missing = [name for name in REQUIRED_CELLS if name not in header]
    if missing:
        raise MalformedReport(1, f"no column {missing[0]!r}")
    if len(set(header)) != len(header):
        raise MalformedReport(1, "a column name stands twice")
    names = [sys.intern(name) for name in header]
    seen: dict[str, int] = {}
    for cells in reader:
        line: int = reader.line_num  # type: ignore[attr-defined]
        if len(cells) != len(names):
            raise MalformedReport(line, f"{len(cells)} cells under {len(names)} columns")
        row = dict(zip(names, map(_short, cells), strict=True))
        if row["arn"] in seen:
            raise MalformedReport(line, f"{row['arn']} stands on line {seen[row['arn']]} already")
        seen[row["arn"]] = line
        yield ReportRow(line, row)


def _short(cell: str) -> str:
    """`N/A`, `true` and the like occur thousands of times: keep one of each."""
    return sys.intern(cell) if len(cell) < 16 else cell


def entity_of(cells: Json) -> Entity:
    """A row as an entity: cells as text under the report's own names."""
    usage = {name: cells[name] for name in USAGE_CELLS if name in cells}
    return Entity(cells["arn"], {name: cell for name, cell in cells.items() if name not in usage}, usage)


def meta(account: str, generated: datetime) -> Collection:
    """When the report was made: it may be four hours older than the snapshot."""
    return Collection(META, [Entity(f"{account}:report", {}, {"generated_time": text(generated)})])


def report(rows: list[ReportRow], generated: datetime | None, counts: Json, users: Collection) -> Collection:
    """The report's collection, compared with GetAccountSummary's `counts` (may be empty) and the listing of users.

    The report is up to four hours older than both: users created since have no row, users deleted since still have
    one. Neither is an error, so both are taken into account before counting.
    """
    compared: list[Reconciliation] = []
    entities = [entity_of(row.cells) for row in rows]
    in_report = {row.cells["arn"] for row in rows if row.cells["user"] != ROOT_USER}
    created = deleted = 0
    if users.gap is None and generated is not None:
        due = {user.urn for user in users.entities if moment(user.configuration["CreateDate"]) <= generated - TAKES}
        compared.append(
            Reconciliation("users listed that were created before the report", len(due), len(due & in_report))
        )
        listed = {user.urn for user in users.entities}
        created, deleted = len(listed - due - in_report), len(in_report - listed)
    if "Users" in counts:
        source = "GetAccountSummary Users"
        if created or deleted:
            source += f", less {created} created and plus {deleted} deleted after the report was generated"
        compared.append(Reconciliation(source, counts["Users"] - created + deleted, len(in_report)))
    return Collection(REPORT, entities, reconciled=compared)
