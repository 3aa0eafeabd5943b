"""People of the estates, as an HR system would export them."""

import csv
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from observant.collect.people import Mapping, read_people
from observant.evidence.snapshot import Snapshot

COLUMNS = {
    "id": "Employee ID",
    "name": "Name",
    "email": "Mail",
    "start": "Start",
    "end": "Last day",
    "manager": "Manager",
    "department_since": "Moved",
    "earlier_end": "Earlier last day",
}
_HEADER = ["Employee ID", "Name", "Mail", "Start", "Last day", "Manager", "Moved", "Earlier last day"]
Rows = list[list[str]]


def mapping(folder: Path, people: Rows, accounts: Rows, **changed: object) -> Mapping:
    """Write both files, and say what is in them."""
    _write(folder / "people.csv", _HEADER, people)
    _write(folder / "accounts.csv", ["account", "scope", "kind", "owner", "reason"], accounts)
    given: dict[str, object] = {
        "name": "hr",
        "file": folder / "people.csv",
        "columns": COLUMNS,
        "accounts": folder / "accounts.csv",
        "zone": "Europe/Berlin",
        "date_format": "%Y-%m-%d",
        "holidays": [date(2025, 12, 25)],
        "workweek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
        "links": ["email", "email-name"],
    }
    return Mapping(**(given | changed))  # type: ignore[arg-type]


def _write(path: Path, header: list[str], rows: Rows) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *([*row, *[""] * (len(header) - len(row))] for row in rows)])


def read(estate: Callable[[datetime], tuple[Rows, Rows]], at: datetime) -> Snapshot:
    with tempfile.TemporaryDirectory() as folder:
        return read_people(mapping(Path(folder), *estate(at)), lambda: at, "ana@host")


def _day(at: datetime, days: int) -> str:
    return str((at + timedelta(days=days)).astimezone(UTC).date())


def best(at: datetime) -> tuple[Rows, Rows]:
    """Everybody known; who left has nothing that works; machines have an owner."""
    people = [
        ["1", "Ada", "ada@example.com", _day(at, -500), "", ""],
        ["2", "Retired", "retired@example.com", _day(at, -900), _day(at, -60), "1"],
        ["4", "Chief", "chief@example.com", _day(at, -900), "", ""],
        ["3", "Fresh", "fresh@example.com", _day(at, -2), "", "1", _day(at, -2), _day(at, -300)],
        ["7", "Bob", "bob@example.com", _day(at, -500), "", "1"],
        ["5", "Newcomer", "newcomer@example.com", _day(at, -4), "", "1", _day(at, -4), _day(at, -300)],
        ["6", "Gone", "gone@example.com", _day(at, -500), _day(at, -100), "1"],
    ]
    return people, [
        ["breakglass-*", "entra:*", "break-glass", "1", "for emergencies"],
        ["svc-*", "entra:*", "service", "1", "programs"],
        *([name, "entra:*", "guest", "1", "works with us"] for name in ("gil_*", "moved_*", "invited_*")),
        ["robot", "*", "service", "1", "deploys"],
        ["*:role/vendor", "aws:*", "service", "1", "the vendor reads reports"],
        ["Zo*", "aws:*", "shared", "1", "counter in the shop"],
        ["*", "aws:100020003000", "break-glass", "1", "nobody works in the management account"],
    ]


def worst(at: datetime) -> tuple[Rows, Rows]:
    """A leaver whose accounts work, somebody who starts in a month and works already, and users nobody knows.

    Both had what they have before they moved, or left for the first time.
    """
    people = [
        ["1", "Stale", "stale@example.com", _day(at, -500), _day(at, -30), "", _day(at, 10)],
        ["2", "Never", "never@example.com", _day(at, 30), "", "", "", _day(at, 5)],
    ]
    return people, []


def mixed(at: datetime) -> tuple[Rows, Rows]:
    people, _ = worst(at)
    return people, [["robot", "*", "service", "1", ""]]
