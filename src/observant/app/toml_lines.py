"""Reading `observant.toml` with line numbers.

The standard library's parser gives values without places, so places come from a second look at the text: a line scan
for table headers and keys. It only serves messages. A key it cannot find (a dotted or inline table) is placed at the
header of its table.
"""

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from observant.app.located import Located
from observant.errors import ConfigurationError

LARGEST = 1_000_000
_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.\s\"'-]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')\s*=")
_AT = re.compile(r"\(at line (\d+), column \d+\)$")

Lines = dict[tuple[str | int, ...], int]


def read_toml(path: Path, shown: str) -> Located:
    """Read one file; `shown` is its name in messages. Raises ConfigurationError, and nothing else, for bad content."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise ConfigurationError(
            shown,
            0,
            "this file is missing",
            "give the workspace folder with --workspace, or make one with `observant init`",
        ) from None
    except OSError as problem:
        raise ConfigurationError(shown, 0, f"cannot be read: {problem.strerror}", "check its permissions") from None
    return parse_toml(raw, shown)


def parse_toml(raw: bytes, shown: str) -> Located:
    """As `read_toml`, from bytes."""
    if len(raw) > LARGEST:
        raise ConfigurationError(
            shown, 0, f"{len(raw)} bytes are more than a settings file may have", "is this the right file?"
        )
    try:
        written = raw.decode("utf-8-sig")
        read = tomllib.loads(written)
    except UnicodeDecodeError as problem:
        line = raw[: problem.start].count(b"\n") + 1
        raise ConfigurationError(shown, line, "this is not UTF-8 text", "save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as problem:
        said = str(problem)
        at = _AT.search(said)
        line = int(at[1]) if at else written.count("\n") + 1
        raise ConfigurationError(
            shown,
            line,
            f"this is not TOML: {_AT.sub('', said).strip()}",
            "texts need quotes; each key stands on one line",
        ) from None
    except RecursionError:
        raise ConfigurationError(shown, 0, "this is nested too deeply", "settings need three levels") from None
    return _located(read, (), _lines_of(written), shown, 1)


def _lines_of(written: str) -> Lines:
    """Path of every table and key found -> line."""
    found: Lines = {}
    table: tuple[str | int, ...] = ()
    arrays: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(written.splitlines(), 1):
        if header := _HEADER.match(line):
            names = tuple(part.strip().strip("\"'") for part in header[2].split("."))
            table = names
            if header[1] == "[[":
                arrays[names] = arrays.get(names, -1) + 1
                found.setdefault(names, number)
                table = (*names, arrays[names])
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, key[1].strip("\"'")), number)
    return found


def _located(value: Any, at: tuple[str | int, ...], lines: Lines, shown: str, outer: int) -> Located:  # noqa: ANN401
    line = lines.get(at, outer)
    inside: Any = value
    keys: dict[str, int] = {}
    if isinstance(value, dict):
        inside = {key: _located(each, (*at, key), lines, shown, line) for key, each in value.items()}
        keys = {key: each.line for key, each in inside.items()}
    elif isinstance(value, list):
        inside = [_located(each, (*at, index), lines, shown, line) for index, each in enumerate(value)]
    elif not isinstance(value, str | int | float | bool | date):
        inside = str(value)
    return Located(value=inside, path=shown, line=line, key_lines=keys)
