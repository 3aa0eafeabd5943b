"""Printing: tables for people, exact JSON and CSV for programs.

Results go to standard output, everything else to standard error.
"""

import csv
import shutil
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

COLOURS = {
    "fail": "red",
    "unknown": "yellow",
    "pass": "green",
    "missing": "red",
    "damaged": "red",
    "wrong": "red",
    "warning": "yellow",
    "ok": "green",
}


def as_json(result: object) -> None:
    """The machine form. Moments are RFC 3339 with Z, lengths of time ISO 8601."""
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(result), indent=2))


def as_csv(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """RFC 4180 with a header row, moments to the second.

    Cells are written as in every table of ours: text that a spreadsheet would run as a formula is made harmless.
    """
    from observant.reports.cells import written as exact

    writer = csv.writer(sys.stdout, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(columns)
    writer.writerows([[exact(_single(cell)) for cell in row] for row in rows])


def as_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, color: bool, title: str = "") -> None:
    """A table as wide as the terminal; when it is no terminal, as wide as its content."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    terminal = sys.stdout.isatty()
    console = Console(no_color=not color, highlight=False, width=None if terminal else 400, soft_wrap=not terminal)
    table = Table(box=box.SIMPLE_HEAD, title=title or None, title_justify="left", pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(shown := written(cell), style=COLOURS.get(shown, "")) for cell in row))
    console.print(table)


def show(
    form: str,
    machine: object,
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    color: bool,
    nothing: str,
) -> None:
    """Print one result in the form that was asked for; `nothing` is what people read when there is no row."""
    if form == "json":
        as_json(machine)
    elif form == "csv":
        as_csv(columns, rows)
    elif rows:
        as_table(columns, rows, color=color)
    else:
        click.echo(nothing)


def progress(message: str) -> None:
    """One line of progress, for people who wait: nothing when standard error is no terminal."""
    if sys.stderr.isatty():
        click.echo(written(message), err=True)


def terminal_width() -> int:
    """Columns of the terminal; 100 where there is none."""
    return shutil.get_terminal_size((100, 24)).columns


def written(cell: object) -> str:
    """One cell for people: moments to the minute in UTC, and no character that a terminal would obey."""
    from observant.reports.cells import one_line

    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%MZ")
    return one_line(str(_single(cell)))


def _single(cell: object) -> Any:  # noqa: ANN401 (whatever a cell may be)
    """Lists as one text, everything else as it is."""
    return ", ".join(str(each) for each in cell) if isinstance(cell, list | tuple | set | frozenset) else cell
