"""Worksheets: a reviewer's items as a table to fill in, and the filled table back, strictly checked.

The table is the artifact itself with empty decisions. A spreadsheet may have saved it again (another separator, other
quotes, a byte order mark), so only what identifies a row has to be as it was.
"""

import csv
import io
from pathlib import Path

from observant.app.reviews.deciding import DecidedItems, Judgement, record, refuse_closed
from observant.app.reviews.signing import table_of
from observant.app.reviews.state import State, reviewing, state_of
from observant.app.workspace import Workspace
from observant.errors import InputError, UsageError
from observant.model.time import Clock
from observant.reports.cells import original
from observant.reports.csv import header_lines, write_table
from observant.reports.review import COLUMNS
from observant.reports.xlsx import SheetError, read_sheet, write_sheet
from observant.reviews.decision import Choice, problem_of
from observant.reviews.item import Item

LARGEST = 256 << 20
XLSX = ".xlsx"
_SAME = ("label", "member")


def write_worksheet(workspace: Workspace, campaign: str, reviewer: str, out: Path, clock: Clock) -> int:
    """Write the reviewer's items to `out`; returns how many. Raises UsageError when the file is there."""
    if out.exists():
        raise UsageError(f"{out} is there already", "name a new file")
    with reviewing(workspace, clock) as (log, inventory):
        state = state_of(workspace, log, inventory, campaign)
        table = table_of(state, reviewer, log, inventory, clock)
    if out.suffix.lower() == XLSX:
        choices = ("decision", [choice.value for choice in Choice])
        return write_sheet(out, table.columns, table.rows, header_lines(table.header), choices)
    return write_table(out, table.header, table.columns, table.rows).rows


def read_worksheet(workspace: Workspace, campaign: str, reviewer: str, path: Path, clock: Clock) -> DecidedItems:
    """Take the decisions of a filled worksheet; rows without one are left open.

    Raises InputError naming line, column and remedy for the first row that cannot be taken; then none is.
    """
    with reviewing(workspace, clock) as (log, inventory):
        state = state_of(workspace, log, inventory, campaign)
    refuse_closed(state, reviewer)
    mine = {item.id: item for item in state.items_of(reviewer)}
    judged: dict[str, tuple[Item, Judgement]] = {}
    for line, row in _rows(path):
        item = _item(path, line, row, mine, state)
        if item.id in judged:
            raise InputError(path, f"line {line}", f"{item.label} stands twice", "decide each item once")
        judgement = _judgement(path, line, row)
        if judgement is not None:
            judged[item.id] = (item, judgement)
    if not judged:
        raise InputError(path, "", "has no decision in it", f"write one of {_choices()} into the column decision")
    return record(workspace, state, reviewer, list(judged.values()), clock, together=len(judged))


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """(line number, column -> cell as it was before it was made harmless) of every row."""
    if path.stat().st_size > LARGEST:
        raise InputError(path, "", "is larger than any worksheet", "hand in the file that Observant wrote")
    if path.suffix.lower() == XLSX:
        return _sheet_rows(path)
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(path, "", f"is not UTF-8: {error}", "save it as CSV UTF-8") from error
    lines = content.splitlines(keepends=True)
    start = next((at for at, line in enumerate(lines) if not line.lstrip('"').startswith("#")), len(lines))
    if start == len(lines):
        raise InputError(path, "", "has no row of column names", "hand in the file that Observant wrote, filled in")
    separator = max((",", ";", "\t"), key=lines[start].count)
    reader = csv.reader(io.StringIO("".join(lines[start:]), newline=""), delimiter=separator, strict=True)
    try:
        names = _names(path, start + 1, next(reader))
        found = []
        for cells in reader:
            if any(cells):
                if len(cells) != len(names):
                    problem = f"has {len(cells)} cells under {len(names)} columns"
                    raise InputError(path, f"line {start + reader.line_num}", problem, "do not add or remove cells")
                found.append((start + reader.line_num, dict(zip(names, map(original, cells), strict=True))))
    except csv.Error as error:
        raise InputError(path, "", f"is not CSV: {error}", "save it as CSV UTF-8") from error
    return found


def _names(path: Path, line: int, cells: list[str]) -> list[str]:
    """The names of the columns, none of ours missing and none twice."""
    names = [original(name) for name in cells]
    wrong = next((name for name in COLUMNS if names.count(name) != 1), None)
    if wrong is not None:
        problem = f"the column {wrong} is missing" if wrong not in names else f"the column {wrong} stands twice"
        raise InputError(path, f"line {line}", problem, "keep every column of the worksheet")
    return names


def _sheet_rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """The same of a sheet; cells that a row leaves out at its end are empty."""
    try:
        names_row, *rows = read_sheet(path) or [[]]
    except SheetError as error:
        raise InputError(path, "", str(error), "hand in the file that Observant wrote, filled in") from error
    names = _names(path, 1, names_row)
    found = []
    for line, cells in enumerate(rows, 2):
        if any(cells):
            if len(cells) > len(names):
                problem = f"has {len(cells)} cells under {len(names)} columns"
                raise InputError(path, f"line {line}", problem, "do not add or remove cells")
            whole = [*cells, *[""] * (len(names) - len(cells))]
            found.append((line, dict(zip(names, map(original, whole), strict=True))))
    return found


def _item(path: Path, line: int, row: dict[str, str], mine: dict[str, Item], state: State) -> Item:
    item = mine.get(row["item"])
    if item is None:
        known = {each.id for each in state.population.items}
        problem = "belongs to another reviewer" if row["item"] in known else "is no item of this campaign"
        raise InputError(path, f"line {line}, item", f"{row['item']!r} {problem}", "leave the column item as it was")
    for name in _SAME:
        if row[name] != getattr(item, name):
            problem = f"is {row[name]!r} where the item has {getattr(item, name)!r}"
            raise InputError(path, f"line {line}, {name}", problem, "sort whole rows only, and change decisions only")
    return item


def _judgement(path: Path, line: int, row: dict[str, str]) -> Judgement | None:
    written = row["decision"].strip().lower().replace(" ", "_")
    if not written:
        return None
    try:
        choice = Choice(written)
    except ValueError:
        raise InputError(
            path, f"line {line}, decision", f"{row['decision']!r} is none", f"write {_choices()}"
        ) from None
    problem = problem_of(choice, row["reason"])
    if problem:
        raise InputError(path, f"line {line}, reason", problem, "say why, for whoever reads it in a year")
    return Judgement(choice, row["reason"], row["ticket"])


def _choices() -> str:
    return ", ".join(choice.value for choice in Choice)
