"""Sheets for spreadsheet programs, written and read with the standard library (ECMA-376, the part that sheets need).

Every cell is text, made harmless as in CSV, so nothing that was collected becomes a formula. What is read is untrusted:
sizes are bounded before anything is unpacked further, document types and formulas are refused, and only the first sheet
is looked at.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, fromstring
from xml.sax.saxutils import escape

from observant.reports.cells import Cell, written

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_NS = f"{{{_MAIN}}}"
_LARGEST_PART = 128 << 20
_LARGEST_CELL = 32_767
"""Characters: more is none of ours, and none of any spreadsheet program's."""
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_SHEET, _STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"

_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        '<Override PartName="/xl/worksheets/sheet2.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="Items" sheetId="1" r:id="rId1"/><sheet name="About" sheetId="2" r:id="rId2"/></sheets>'
        "</workbook>"
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.xml"/>'
        '<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet2.xml"/></Relationships>'
    ),
}
_CHOOSE = (
    '<dataValidations count="1"><dataValidation type="list" allowBlank="1" sqref="{cells}">'
    "<formula1>{listed}</formula1></dataValidation></dataValidations>"
)
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class SheetError(ValueError):
    """The file is no sheet that can be taken; the message says why."""


def write_sheet(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    about: Iterable[str],
    choices: tuple[str, Sequence[str]],
) -> int:
    """Write a file with the rows and a second sheet that says where they come from; returns how many rows.

    `choices`: a column, and what may be chosen in its cells.
    """
    found: list[Sequence[Cell]] = [columns, *rows]
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _PARTS.items():
            archive.writestr(name, _XML + content)
        archive.writestr(_SHEET, _sheet(found, _extras(columns, len(found), *choices)))
        archive.writestr("xl/worksheets/sheet2.xml", _sheet([[line] for line in about], ("", "")))
    return len(found) - 1


def read_sheet(path: Path) -> list[list[str]]:
    """The rows of the first sheet, cells as text; rows end with their last cell. Raises SheetError."""
    try:
        with zipfile.ZipFile(path) as archive:
            strings = _strings(_part(archive, _STRINGS)) if _STRINGS in archive.namelist() else []
            return list(_rows(_parsed(_part(archive, _SHEET)), strings))
    except (zipfile.BadZipFile, KeyError, NotImplementedError, EOFError, RuntimeError) as error:
        raise SheetError("it is no sheet of a spreadsheet program") from error


def _sheet(rows: Iterable[Sequence[Cell]], extras: tuple[str, str]) -> str:
    lines = [f'{_XML}<worksheet xmlns="{_MAIN}">{extras[0]}<sheetData>']
    for number, row in enumerate(rows, 1):
        cells = [_cell(f"{_letters(at)}{number}", cell) for at, cell in enumerate(row)]
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    return "".join([*lines, f"</sheetData>{extras[1]}</worksheet>"])


def _cell(place: str, cell: Cell) -> str:
    text = escape(str(written(cell)))
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _extras(columns: Sequence[str], rows: int, column: str, choices: Sequence[str]) -> tuple[str, str]:
    """A first row that stays in sight, and a list to choose from."""
    at = _letters(list(columns).index(column))
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    listed = f'"{",".join(choices)}"'
    return (
        f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>',
        _CHOOSE.format(cells=f"{at}2:{at}{max(rows, 2)}", listed=escape(listed)),
    )


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """One file, unpacked no further than any of ours would go."""
    with archive.open(name) as file:
        content = file.read(_LARGEST_PART + 1)
    if len(content) > _LARGEST_PART:
        raise SheetError("it is larger than any worksheet")
    return content


def _parsed(content: bytes) -> Element:
    # In any encoding that has these as bytes; others are refused: spreadsheet programs write UTF-8.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\0" in content[:200]:
        raise SheetError("it has a document type, which no spreadsheet program writes")
    try:
        return fromstring(content)  # noqa: S314 (no document type, so no entities)
    except (ParseError, LookupError, ValueError) as error:
        raise SheetError(f"its XML is malformed: {error}") from error


def _strings(content: bytes) -> list[str]:
    return [_text(one) for one in _parsed(content).iterfind(f"{_NS}si")]


def _rows(sheet: Element, strings: list[str]) -> Iterator[list[str]]:
    for row in sheet.iterfind(f"{_NS}sheetData/{_NS}row"):
        cells: dict[int, str] = {}
        for at, cell in enumerate(row.iterfind(f"{_NS}c")):
            place = _REFERENCE.fullmatch(cell.get("r", ""))
            column = _number(place[1]) if place else at
            cells[column] = _value(cell, strings)
            if column > 1_000:
                raise SheetError("a row is wider than any worksheet")
        yield [cells.get(at, "") for at in range(max(cells, default=-1) + 1)]


def _value(cell: Element, strings: list[str]) -> str:
    if cell.find(f"{_NS}f") is not None:
        raise SheetError(f"cell {cell.get('r', '?')} has a formula: write what it should say")
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        found = cell.find(f"{_NS}is")
        text = _text(found) if found is not None else ""
    else:
        value = cell.findtext(f"{_NS}v", "")
        text = value
        if kind == "s":
            if not value.isdecimal() or int(value) >= len(strings):
                raise SheetError(f"cell {cell.get('r', '?')} names a text that is not there")
            text = strings[int(value)]
    if len(text) > _LARGEST_CELL:
        raise SheetError(f"cell {cell.get('r', '?')} is longer than a cell can be")
    return text


def _text(element: Element) -> str:
    """Plain text, or the runs of a formatted one, without what is said of its pronunciation."""
    runs = [element, *element.iterfind(f"{_NS}r")]
    return "".join(run.findtext(f"{_NS}t", "") for run in runs)


def _letters(at: int) -> str:
    found = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        found = chr(65 + rest) + found
    return found


def _number(letters: str) -> int:
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found - 1
