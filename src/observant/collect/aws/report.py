"""The credential report as text becomes rows, and rows become entities. Used for live answers and for files alike."""

import csv
import io
import sys
from collections.abc import Iterable, Iterator
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

GENERATION_TAKES = timedelta(minutes=10)
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


def users_in(rows: Iterable[ReportRow]) -> int:
    return sum(row.cells["user"] != ROOT_USER for row in rows)


def compare_users(rows: Iterable[ReportRow], generated: datetime, users: Iterable[Entity]) -> Reconciliation:
    """Users of the listing against rows of the report.

    Both are read at different moments: users created after the report was generated have no row, users deleted since
    have a row and are not listed. Neither is an error, so the users that must have a row are counted.
    """
    present = {row.cells["arn"] for row in rows}
    due = {user.urn for user in users if moment(user.configuration["CreateDate"]) <= generated - GENERATION_TAKES}
    source = "GetAccountAuthorizationDetails users created before the report was generated"
    return Reconciliation(source, len(due), len(due & present))
