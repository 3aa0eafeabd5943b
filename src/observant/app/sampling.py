"""`observant sample`: a sample of a population of the package, or of any other CSV file with a header."""

import csv
import io
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path

import msgspec

from observant import __version__
from observant.errors import InputError, UsageError
from observant.period.sample import METHOD, draw, items
from observant.reports.cells import harmless_line
from observant.reports.csv import FORMAT, ReadTable, read_table, write_lines

_LARGEST = 1 << 30
_OF_THE_POPULATION = (
    "DEMO DATA",
    "title: ",
    "period: ",
    "judged up to: ",
    "as of: ",
    "log: ",
    "log size: ",
    "log root: ",
)
"""Lines of the population's header that hold for a sample of it."""


class Wanted(msgspec.Struct, frozen=True):
    size: int
    seed: str
    spares: int = 0
    by: str = ""
    """Column whose values are the items; empty when each row is one."""
    where: tuple[str, ...] = ()
    """`COLUMN=GLOB`: only rows that fit all of them can be drawn."""


class Sampled(msgspec.Struct, frozen=True):
    """The answer of `observant sample`."""

    population: str
    population_sha256: str
    """Over the rows part of a table of ours, as in its header; over the whole of another file."""
    population_rows: int
    items: int
    """How many could be drawn."""
    size: int
    spares: int
    seed: str
    method: str
    where: list[str]
    by: str
    columns: list[str]
    rows: list[list[str | int]]


def sample(path: Path, wanted: Wanted) -> Sampled:
    """Draw. Raises InputError for a file that is no table, DamagedEvidence for rows that were changed, UsageError."""
    if wanted.size < 1:
        raise UsageError("a sample has at least one item", "give --size")
    table = _population(path)
    by = _column(table, wanted.by) if wanted.by else None
    fitting = _fitting(table, wanted.where)
    every = items(table.rows, by)
    open_to = [number for number, rows in enumerate(every, start=1) if any(place in fitting for place in rows)]
    drawn = draw(open_to, wanted.size, wanted.spares, wanted.seed, table.sha256)
    rows: list[list[str | int]] = [
        [one.draw, "spare" if one.spare else "sample", one.number, place + 1, *table.rows[place]]
        for one in drawn
        for place in every[one.number - 1]
        if place in fitting
    ]
    return Sampled(
        population=path.name,
        population_sha256=table.sha256,
        population_rows=len(table.rows),
        items=len(open_to),
        size=sum(not one.spare for one in drawn),
        spares=sum(one.spare for one in drawn),
        seed=wanted.seed,
        method=METHOD,
        where=list(wanted.where),
        by=wanted.by,
        columns=["draw", "drawn_as", "item", "population_row", *table.columns],
        rows=rows,
    )


def write_sample(path: Path, population: Path, drawn: Sampled) -> str:
    """Write it as a table with a header that says how to draw it again; returns the SHA-256 of its rows."""
    if path.resolve() == population.resolve():
        raise UsageError(f"{path} is the population", "name another file with --out")
    head = [line for line in _population(population).header if line.startswith(_OF_THE_POPULATION)]
    lines = [
        f"title: sample of {line.removeprefix('title: ')}" if line.startswith("title: ") else line for line in head
    ]
    lines += [
        f"tool: observant {__version__}",
        f"population: {harmless_line(drawn.population)}",
        f"population sha256: {drawn.population_sha256}",
        f"population rows: {drawn.population_rows}",
        f"items that could be drawn: {drawn.items}",
        *(f"only rows where: {harmless_line(each)}" for each in drawn.where),
        f"an item is: {f'all rows with the same {harmless_line(drawn.by)}' if drawn.by else 'a row'}",
        f"sample size: {drawn.size}",
        f"spares: {drawn.spares}",
        f"seed: {harmless_line(drawn.seed)}",
        f"method: {drawn.method}",
        r"to draw it again: printf '%s\n%s\n%d' SEED POPULATION_SHA256 ITEM | sha256sum, the lowest first",
    ]
    return write_lines(path, lines, drawn.columns, drawn.rows).sha256


def _population(path: Path) -> ReadTable:
    try:
        with path.open("rb") as file:
            first = file.readline(len(FORMAT) + 4)
        return read_table(path) if first.startswith(f"# {FORMAT}".encode()) else _foreign(path)
    except OSError as error:
        raise InputError(path, "", f"cannot be opened: {error.strerror}", "name a CSV file") from error
    except (ValueError, csv.Error) as error:
        raise InputError(path, "", f"is no table: {error}", "name a CSV file with a header, in UTF-8") from error


def _foreign(path: Path) -> ReadTable:
    """A CSV file that somebody else wrote."""
    if path.stat().st_size > _LARGEST:
        raise InputError(path, "", f"is larger than {_LARGEST} bytes", "draw from a part of it")
    content = path.read_bytes()
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    if not rows or len(set(map(len, rows))) != 1:
        raise ValueError("its rows are not all as wide as its header" if rows else "it is empty")
    return ReadTable([], rows[0], rows[1:], sha256(content).hexdigest())


def _column(table: ReadTable, name: str) -> int:
    if name not in table.columns:
        raise UsageError(f"there is no column {name!r}", f"there are {', '.join(table.columns)}")
    return table.columns.index(name)


def _fitting(table: ReadTable, where: tuple[str, ...]) -> set[int]:
    tests = []
    for each in where:
        name, sign, pattern = each.partition("=")
        if not sign:
            raise UsageError(f"{each!r} is not COLUMN=GLOB", "write for example verdict=fail")
        tests.append((_column(table, name), pattern))
    return {
        place
        for place, row in enumerate(table.rows)
        if all(fnmatchcase(row[column], pattern) for column, pattern in tests)
    }
