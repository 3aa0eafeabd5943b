"""Files handed in by somebody: read within limits, decoded, and refused with the place when anything is odd."""

import hashlib
import json
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from observant.errors import InputError

MOST_BYTES = 256 * 1024 * 1024
"""Above all accounts we know of (8 MB for 5,000 users), and still read in seconds."""

EXPORTED = frozenset({".json", ".csv"})
"""Endings of files that exports are saved to; whatever else lies beside them is not ours to complain about."""

DEEPEST = 100
"""Policy documents nest five levels; canonical JSON is written recursively."""

_EXACT = 2**53 - 1  # RFC 8785 writes numbers as doubles


class Loaded(NamedTuple):
    """A file as text, with what the request log needs."""

    path: Path
    text: str
    size: int
    sha256: str
    modified: datetime

    def wrong(self, place: str, problem: str, remedy: str = "") -> InputError:
        return InputError(self.path, place, problem, remedy)


def load(path: Path) -> Loaded:
    """The whole file. UTF-8, with or without a byte order mark, or UTF-16 (as PowerShell's `>` writes).

    What is not text, and by its name no export, has an empty text. Raises InputError when it is too large, empty or
    unreadable.
    """
    try:
        about = path.stat()
        if about.st_size > MOST_BYTES:
            limit = MOST_BYTES // 2**20
            raise InputError(
                path, "", f"larger than {limit} MiB", "export page by page (--max-items, --starting-token)"
            )
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(path, "", f"cannot be read: {error.strerror}", "check the path and its permissions") from error
    export = path.suffix.lower() in EXPORTED
    if not raw.strip() and export:
        raise InputError(path, "", "is empty", "run the export again; an export that failed leaves an empty file")
    modified = datetime.fromtimestamp(about.st_mtime, UTC).replace(microsecond=0)
    try:
        text = raw.decode(json.detect_encoding(raw))
    except UnicodeDecodeError as error:
        if not export:
            return Loaded(path, "", len(raw), hashlib.sha256(raw).hexdigest(), modified)
        raise InputError(path, f"byte {error.start}", "is not text in UTF-8 or UTF-16", "save it as UTF-8") from error
    return Loaded(path, text.removeprefix("\ufeff"), len(raw), hashlib.sha256(raw).hexdigest(), modified)


class _Refused(ValueError):
    """Raised from the decoder's hooks, which do not know the position."""


def values(file: Loaded) -> Iterator[Any]:
    """The JSON values of a file, one after another (pages are often appended to one file).

    Raises InputError for what is not JSON, and for what JSON parsers disagree about: duplicate names, NaN, numbers
    beyond exact doubles, half surrogate pairs.
    """
    position = _skip(file.text, 0)
    while position < len(file.text):
        try:
            value, position = _DECODER.raw_decode(file.text, position)
        except json.JSONDecodeError as error:
            cut = error.msg.startswith("Unterminated") or error.pos >= len(file.text.rstrip())
            remedy = "the file is cut off: run the export again" if cut else "save the command's output unchanged"
            raise file.wrong(f"line {error.lineno} column {error.colno}", error.msg, remedy) from error
        except RecursionError as error:
            raise file.wrong("", "nested too deeply", _UNCHANGED) from error
        except ValueError as error:
            raise file.wrong("", str(error), _UNCHANGED) from error
        _check(file, value)
        yield value
        position = _skip(file.text, position)


_UNCHANGED = "save the command's output unchanged"


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def _check(file: Loaded, value: object) -> None:
    """Depth and encodability, without recursion."""
    surrogates = "\\ud" in file.text or "\\uD" in file.text
    level: list[object] = [value]
    for _ in range(DEEPEST):
        below: list[object] = []
        for each in level:
            if isinstance(each, dict):
                below.extend(each.values())
                if surrogates:
                    below.extend(each)
            elif isinstance(each, list):
                below.extend(each)
            elif surrogates and isinstance(each, str) and not _encodable(each):
                raise file.wrong("", "holds half of a surrogate pair", _UNCHANGED)
        if not below:
            return
        level = below
    raise file.wrong("", f"nested deeper than {DEEPEST} levels", _UNCHANGED)


def _encodable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Refused(f"the name {twice!r} stands twice in one object")
    return made


def _constant(name: str) -> NoReturn:
    raise _Refused(f"{name} is not JSON")


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > _EXACT:
        raise _Refused(f"the number {digits[:20]} is too large to be exact")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _Refused(f"the number {digits[:20]} is too large")
    return number


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant, parse_int=_integer, parse_float=_float)
