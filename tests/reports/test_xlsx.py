"""Sheets come back as they went out, stock programs read them, and what is hostile is refused before it grows."""

import re
import zipfile
from pathlib import Path

import pytest

from observant.reports.cells import original
from observant.reports.xlsx import SheetError, read_sheet, write_sheet

COLUMNS = ("item", "decision")
CHOICES = ("decision", ("keep", "revoke"))
HOSTILE = ("=1+1", "a & <b>", " led ", "ann\u202enimda", "line\nbreak", "'quoted", "")


def written(path: Path) -> Path:
    write_sheet(path, COLUMNS, [(one, "keep") for one in HOSTILE], ["about it"], CHOICES)
    return path


def changed(path: Path, part: str, change: "tuple[str, str]") -> Path:
    """The same file with one part changed, as somebody with a text editor would."""
    out = path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.replace(change[0].encode(), change[1].encode(), 1) if name == part else content)
    return out


def test_every_cell_comes_back_and_none_is_a_formula(tmp_path: Path) -> None:
    path = written(tmp_path / "sheet.xlsx")

    names, *rows = read_sheet(path)

    assert list(COLUMNS) == names
    assert list(HOSTILE) == [original(row[0]) for row in rows]
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "about it" in archive.read("xl/worksheets/sheet2.xml").decode()
    assert "<f>" not in sheet
    assert not re.search(r"preserve\">[=+@-]", sheet)
    assert '<formula1>"keep,revoke"</formula1>' in sheet.replace("&quot;", '"')


def test_shared_texts_numbers_and_holes_are_read_as_spreadsheets_write_them(tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "xl/sharedStrings.xml",
            f'<sst xmlns="{main}"><si><t>plain</t></si><si><r><t>two </t></r><r><t>runs</t></r></si></sst>',
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{main}"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c>'
            '<c r="AA1"><v>12</v></c></row></sheetData></worksheet>',
        )

    (row,) = read_sheet(path)

    assert ("plain", "", "two runs", "12", 27) == (row[0], row[1], row[2], row[26], len(row))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("<worksheet", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet'), "document type"),
        (("<is>", "<f>1+1</f><is>"), "has a formula"),
        (("</worksheet>", ""), "malformed"),
        (('t="inlineStr"', 't="s"'), "names a text that is not there"),
        (('r="A1"', 'r="ZZ1"'), None),
        (('r="A1"', 'r="ZZZ1"'), "wider than any"),
        (("keep</t>", "k" * 40_000 + "</t>"), "longer than a cell"),
    ],
)
def test_what_is_wrong_is_named(change: tuple[str, str], complaint: str | None, tmp_path: Path) -> None:
    path = changed(written(tmp_path / "sheet.xlsx"), "xl/worksheets/sheet1.xml", change)
    if complaint is None:
        assert 702 == len(read_sheet(path)[0])
        return

    with pytest.raises(SheetError, match=complaint):
        read_sheet(path)


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("observant.reports.xlsx._LARGEST_PART", 1_000_000)
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 50_000_000)

    with pytest.raises(SheetError, match="larger than any worksheet"):
        read_sheet(path)


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"item,decision\r\n"])
def test_no_sheet_at_all(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "none.xlsx"
    path.write_bytes(content)

    with pytest.raises(SheetError, match="no sheet"):
        read_sheet(path)
