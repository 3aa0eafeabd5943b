"""Tables for auditors: RFC 4180, UTF-8, with a header that says where the rows come from and a digest over them.

    # Observant table, format 1
    # title: Exceptions
    # …
    # rows: 2
    # sha256: 5c8e…
    "check","scope",…
    "aws-access-key-rotation","aws:111122223333",…

Every line of the header begins with `#` and no line of the rows can (`observant.reports.cells`). The digest is the
SHA-256 of exactly the bytes from the row of column names to the end of the file, line ends (CRLF) included; stock
tools recompute it: `LC_ALL=C grep -av '^#' FILE | sha256sum`.

Rows are streamed: memory does not grow with their number. A file appears whole or not at all.
"""

import csv
import hashlib
import io
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO

import msgspec

from observant.errors import DamagedEvidence, InputError
from observant.evidence.snapshot import Reconciliation
from observant.model.period import Period
from observant.model.time import text as moment_text
from observant.period.conclusion import Provenance
from observant.reports.cells import Cell, harmless, harmless_line, one_line, original, written

FORMAT = "Observant table, format 1"
DEMO = "DEMO DATA: a fictional company; evidence of nothing real"
_CHUNK = 2_000


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a table says about itself."""

    title: str
    source: str
    """The system, and the scopes of it, that the rows are about."""
    period: Period
    provenance: Provenance
    through: str = ""
    """The moment up to which was judged, as text; empty when it is the end of the period."""
    query: str = ""
    """The SQL that was run, so that it can be re-performed."""
    parameters: tuple[str, ...] = ()
    """The documented sentences that were applied."""
    collected_by: tuple[str, ...] = ()
    """Caller identities that read the source."""
    supplied_by: tuple[str, ...] = ()
    """Who handed in exports, where the source was not read directly."""
    reconciled: tuple[Reconciliation, ...] = ()
    notes: tuple[str, ...] = ()


class Table(msgspec.Struct, frozen=True):
    """A table that is still to be written; `rows` may be a generator and is read once."""

    name: str
    """Path below the folder that gets it, `/` between parts, such as `populations/aws-root-mfa.csv`."""
    header: Header
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]


class WrittenFile(msgspec.Struct, frozen=True):
    """A table that was written. `sha256` is over the rows part, as in its header."""

    name: str
    rows: int
    sha256: str


def write_table(path: Path, header: Header, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> WrittenFile:
    """Write one table; `path` appears when it is complete. Raises ValueError when a row has another width."""
    return write_lines(path, [*_origin(header), *_method(header)], columns, rows)


def write_lines(
    path: Path, lines: Sequence[str], columns: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> WrittenFile:
    """As `write_table`, with the lines of the header given: each harmless, and without line end."""
    part = path.with_name(f".{path.name}.part")
    # The header tells count and digest of the rows, so the rows wait in a temporary file beside the target.
    try:
        with tempfile.TemporaryFile(dir=path.parent) as body:
            count, digest = _write_rows(body, columns, rows)
            with part.open("wb") as file:
                file.write(_header_text(lines, path.name, count, digest).encode())
                body.seek(0)
                shutil.copyfileobj(body, file, 1 << 20)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return WrittenFile(path.name, count, digest)


def _write_rows(body: IO[bytes], columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> tuple[int, str]:
    digest, count, width = hashlib.sha256(), 0, len(columns)
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([harmless(column) for column in columns])
    waiting = iter(rows)
    while True:
        chunk = list(islice(waiting, _CHUNK))
        for row in chunk:
            if len(row) != width:
                raise ValueError(f"a row of {len(row)} cells under {width} columns: {row!r}")
            writer.writerow([written(cell) for cell in row])
        encoded = text.getvalue().encode()
        digest.update(encoded)
        body.write(encoded)
        text.seek(0)
        text.truncate()
        count += len(chunk)
        if len(chunk) < _CHUNK:
            return count, digest.hexdigest()


def header_lines(header: Header) -> list[str]:
    """What a table says about itself, one line each; also where it is written as something else than CSV."""
    return [FORMAT, *_origin(header), *_method(header)]


def _header_text(told: Sequence[str], name: str, rows: int, digest: str) -> str:
    lines = [
        FORMAT,
        *told,
        f"rows: {rows}",
        f"sha256: {digest}",
        f"sha256 is over every line that does not begin with #: LC_ALL=C grep -av '^#' {name} | sha256sum",
        r"cells: one that begins with ' was made harmless for spreadsheets: drop it, read \\ as \ and \uXXXX as U+XXXX",
    ]
    return "".join(f"# {line}\r\n" for line in lines)


def _origin(header: Header) -> Iterator[str]:
    provenance = header.provenance
    if provenance.demo:
        yield DEMO
    yield f"title: {harmless_line(header.title)}"
    yield f"period: {header.period} (UTC, both days included)"
    if header.through:
        yield f"judged up to: {header.through}"
    yield f"as of: {moment_text(provenance.as_of)}"
    yield f"source: {harmless_line(header.source)}"
    yield from (f"collected by: {harmless_line(who)}" for who in header.collected_by)
    yield from (f"supplied by: {harmless_line(who)}" for who in header.supplied_by)
    yield f"log: {harmless_line(provenance.origin)}"
    yield f"log size: {provenance.size}"
    yield f"log root: {harmless_line(provenance.root)}"
    yield f"tool: {harmless_line(provenance.tool)}"


def _method(header: Header) -> Iterator[str]:
    yield from (f"parameter: {harmless_line(sentence)}" for sentence in header.parameters)
    if header.query:
        yield "query:"
        yield from (f"  {one_line(line.rstrip())}" for line in header.query.strip().split("\n"))
    for one in header.reconciled:
        outcome = "agree" if one.expected == one.actual else "DIFFER"
        yield f"reconciled: {harmless_line(one.source)}: {one.expected} expected, {one.actual} read: {outcome}"
    yield from (f"note: {harmless_line(note)}" for note in header.notes)


class ReadTable(msgspec.Struct, frozen=True):
    """A table read back. Cells are text as it was before it was made harmless; numbers are text, too."""

    header: list[str]
    """Lines of the header without `# `."""
    columns: list[str]
    rows: list[list[str]]
    sha256: str
    """As the header states it, and as it was found to be."""


def read_table(path: Path) -> ReadTable:
    """Read a table that `write_table` wrote. Raises InputError when it is none, DamagedEvidence when rows changed."""
    head, body = [], hashlib.sha256()
    with path.open("rb") as file:
        content = []
        for line in file:
            if line.startswith(b"#"):
                head.append(line.decode().removeprefix("# ").rstrip("\r\n"))
            else:
                body.update(line)
                content.append(line.decode())
    if not head or head[0] != FORMAT:
        raise InputError(path, "line 1", f"does not begin with '# {FORMAT}'", "hand in a table that Observant wrote")
    stated = next((line.removeprefix("sha256: ") for line in head if line.startswith("sha256: ")), "")
    if stated != body.hexdigest():
        raise DamagedEvidence(str(path), "the rows are not those that its header's sha256 was made over")
    cells = [[original(cell) for cell in row] for row in csv.reader(content, strict=True)]
    return ReadTable(header=head, columns=cells[0], rows=cells[1:], sha256=stated)
