"""A signed table of an access review as a page that people read: made from the very bytes that were signed."""

import base64
import csv
import hashlib
import io

import msgspec

from observant.reports.cells import original
from observant.reports.csv import DEMO
from observant.reports.html import environment
from observant.reports.review import COLUMNS


class SignedTable(msgspec.Struct, frozen=True):
    """What the bytes say. `notes`: the lines of the header; `rows`: column -> cell."""

    title: str
    notes: list[str]
    columns: list[str]
    rows: list[dict[str, str]]
    demo: bool
    sha256: str


def read_signed(content: bytes) -> SignedTable:
    """Of a table that Observant wrote. Raises ValueError for anything else."""
    lines = content.decode().splitlines(keepends=True)
    notes = [line[2:].rstrip("\r\n") for line in lines if line.startswith("# ")]
    body = "".join(line for line in lines if not line.startswith("#"))
    reader = csv.reader(io.StringIO(body, newline=""), strict=True)
    try:
        columns = [original(name) for name in next(reader, [])]
        # An older table has fewer columns: what it does not say is empty.
        blank = dict.fromkeys(COLUMNS, "")
        rows = [blank | dict(zip(columns, map(original, cells), strict=True)) for cells in reader]
    except csv.Error as error:
        raise ValueError("not a table of an access review") from error
    titles = [note.removeprefix("title: ") for note in notes if note.startswith("title: ")]
    if "decision" not in columns or not titles:
        raise ValueError("not a table of an access review")
    return SignedTable(
        title=original(titles[0]),
        notes=[original(note) for note in notes if not note.startswith("title: ")],
        columns=columns,
        rows=rows,
        demo=DEMO in notes,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def readable(content: bytes) -> str:
    """One HTML file without scripts, to be opened or printed beside the table and its signature."""
    table = read_signed(content)
    style = environment().get_template("report.css").render(demo=table.demo)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment().get_template("signed_table.html").render(table=table, style=style, style_digest=digest)
