"""Cells of a CSV table: exact, one line each, and harmless when a spreadsheet opens them.

The rule, which can be undone without loss:

- A number is written bare. Nothing is an empty cell. Everything else is text, always quoted.
- Text is written as it is, unless it is *risky*. Risky text is written with a leading apostrophe; after it `\\` stands
  for a backslash and `\\uXXXX` for the UTF-16 code unit XXXX.
- To read a cell back: when it begins with an apostrophe, drop it and undo those two escapes; else take it as it is.

Risky is text that a spreadsheet could run as a formula (`=`, `+`, `-`, `@`, their look-alikes, also after blanks or
after a semicolon, which separates cells in some languages), text that begins with an apostrophe, and text with
characters that do not show: control characters, line ends, direction overrides. So no cell holds a line end, and no
line of rows can begin with `#`.
"""

import re
from datetime import date, datetime

from observant.model.time import text as moment_text

Cell = str | int | float | bool | date | datetime | None

# Full-width, small, superscript and subscript forms: some spreadsheets fold them to the plain character.
_FORMULA = "=+\\-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋−"
_UNSEEN = (
    "\x00-\x1f\x7f-\x9f"  # controls
    "\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u00ad"  # no width, or changes the direction
    "\u2028\u2029"  # line and paragraph separator
    "\ud800-\udfff"  # lone surrogates have no UTF-8
    "\ufff9-\ufffb\U000e0000-\U000e007f"  # annotation anchors, tags
)
_RISKY = re.compile(rf"\A\s*['{_FORMULA}]|[{_UNSEEN}]|;[\s\"']*[{_FORMULA}]")
_ESCAPED = re.compile(rf"[\\{_UNSEEN}]|;(?=[\s\"']*[{_FORMULA}])")
_RISKY_LINE = re.compile(rf",(?=[\s\"']*[{_FORMULA}])")
_UNSEEN_ONE = re.compile(f"[{_UNSEEN}]")
_ESCAPE = re.compile(r"\\(?:\\|u([0-9a-f]{4}))")


def written(cell: Cell) -> str | int | float:
    """What is put into the file: a number, or text that is to be quoted."""
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return cell
    if cell is None:
        return ""
    return moment_text(cell) if isinstance(cell, datetime) else cell.isoformat()


def harmless(text: str) -> str:
    """Text as it is written; see the rule at the top."""
    if _RISKY.search(text) is None:
        return text
    return "'" + _ESCAPED.sub(_escape, text)


def harmless_line(text: str) -> str:
    """Text for a line of a header, which is not quoted: there a comma begins a cell, too. `original` undoes it."""
    if _RISKY.search(text) is None and _RISKY_LINE.search(text) is None:
        return text
    return "'" + _RISKY_LINE.sub(_escape, _ESCAPED.sub(_escape, text))


def one_line(text: str) -> str:
    """Text for a line of a header, where only characters that do not show must go (tabs may stay)."""
    return _UNSEEN_ONE.sub(lambda match: match[0] if match[0] == "\t" else _escape(match), text)


def original(text: str) -> str:
    """Undo `harmless`."""
    if not text.startswith("'"):
        return text
    units = _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else "\\", text[1:])
    # Two escaped halves of one character above U+FFFF become that character again.
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character == "\\":
        return "\\\\"
    units = character.encode("utf-16-le", "surrogatepass")
    return "".join(f"\\u{units[at + 1]:02x}{units[at]:02x}" for at in range(0, len(units), 2))
