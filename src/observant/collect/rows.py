"""Tables that somebody exported: CSV with a header, or JSON, as rows of text with the place of each."""

import csv
import io
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec

from observant.collect.unread import Unread
from observant.evidence.snapshot import GapReason, Request

LARGEST = 256 << 20
TOLD = 5
"""Errors that a gap spells out; of the others it gives the number."""

Row = tuple[int, dict[str, str]]
"""(row as counted in a spreadsheet or list, cells)."""


class RowError(Exception):
    """One cell is wrong."""


def read_rows(path: Path, operation: str, requests: list[Request]) -> Iterator[Row]:
    """The rows of a file, which is noted among the requests. Raises Unread."""
    try:
        if path.stat().st_size > LARGEST:
            raise Unread(GapReason.FAILED, f"{path.name} is larger than {LARGEST} bytes")
        content = path.read_bytes()
    except OSError as error:
        raise Unread(GapReason.FAILED, f"{path.name} cannot be opened: {error.strerror}") from error
    requests.append(Request(operation, {"name": path.name}, 200, body_sha256=sha256(content).hexdigest()))
    try:
        yield from _json(content) if path.suffix == ".json" else _csv(content)
    except (ValueError, csv.Error, msgspec.MsgspecError, RecursionError) as error:
        raise Unread(GapReason.FAILED, f"{path.name} cannot be read: {error}") from error


def refuse_rows(source: str, problems: list[str]) -> None:
    """Raises Unread when there are any: a list with holes in it would hide what is missing."""
    if problems:
        more = f"; and {len(problems) - TOLD} more" if len(problems) > TOLD else ""
        raise Unread(GapReason.FAILED, f"{source}: {'; '.join(problems[:TOLD])}{more}")


def refuse_header(path: Path, rows: list[Row], columns: dict[str, str]) -> None:
    """Raises Unread for a file without rows, or without a column that it should have."""
    header = set(rows[0][1]) if rows else set()
    missing = [column for column in columns.values() if column not in header]
    if not rows or missing:
        problem = f"has no column {missing[0]!r}" if missing else "has no row"
        raise Unread(GapReason.FAILED, f"{path.name}: {problem}; say in observant.toml what the column is called")


def _csv(content: bytes) -> Iterator[Row]:
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), restval="")
    for number, row in enumerate(reader, start=2):
        if None in row:
            raise ValueError(f"row {number} has more cells than the header")
        yield number, row


def _json(content: bytes) -> Iterator[Row]:
    read = msgspec.json.decode(content)
    if isinstance(read, dict):
        lists = [value for value in read.values() if isinstance(value, list)]
        read = lists[0] if len(lists) == 1 else None
    if not isinstance(read, list) or not all(isinstance(one, dict) for one in read):
        raise ValueError("it is neither a list of objects nor an object with one such list")
    for number, row in enumerate(read, start=1):
        yield number, {key: "" if value is None else str(value) for key, value in row.items()}
