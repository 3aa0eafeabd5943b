"""Exports of people: read as mapped, and wrong rows named by file, row, column and remedy."""

import json
from datetime import UTC, datetime

import pytest

from observant.collect.people import Mapping, read_people
from observant.evidence.snapshot import Snapshot
from worlds.people import mapping

ADA = ["1", "Ada", "ada@example.com", "2024-01-02", "", ""]


def read(given: Mapping) -> Snapshot:
    return read_people(given, lambda: datetime(2026, 1, 1, tzinfo=UTC), "ana@host")


def collections(snapshot: Snapshot) -> dict:
    return {one.name: one for one in snapshot.collections}


def test_days_are_days_of_the_company(tmp_path):
    snapshot = read(mapping(tmp_path, [[*ADA[:3], "2024-01-02", "2026-06-12", ""]], []))
    (person,) = collections(snapshot)["people.persons"].entities

    assert "people:hr" == snapshot.scope
    assert ("2024-01-01T23:00:00Z", "2026-06-12T22:00:00Z") == (
        person.configuration["start"],
        person.configuration["end"],
    )


@pytest.mark.parametrize("wrapped", [True, False])
def test_json_is_read_as_well(tmp_path, wrapped):
    given = mapping(tmp_path, [], [], file=tmp_path / "people.json")
    rows = [
        dict(zip(given.columns.values(), [*ADA[:4], *[None] * (len(given.columns) - 4)], strict=True)) | {"Salary": 1}
    ]
    (tmp_path / "people.json").write_text(json.dumps({"total": 1, "data": rows} if wrapped else rows))

    (person,) = collections(read(given))["people.persons"].entities

    assert ("1", "Ada", None) == (person.urn, person.configuration["name"], person.configuration["end"])
    assert "Salary" not in str(person.configuration)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (["", *ADA[1:]], "row 3, column Employee ID: is empty"),
        (["2", "", *ADA[2:]], "row 3, column Name: is empty"),
        (["2", "Bob", "", "", "", ""], "row 3, column Start: is empty"),
        (["2", "Bob", "", "02.01.2024", "", ""], "row 3, column Start: '02.01.2024' is not a day written %Y-%m-%d"),
        (["2", "Bob", "", "2024-01-02", "2023-01-02", ""], "row 3, column Last day: ends before it starts"),
        (ADA, "row 3, column Employee ID: '1' stands in row 2 too"),
        ([*ADA, *["more"] * 3], "row 3 has more cells than the header"),
    ],
)
def test_a_wrong_row_is_named_and_nobody_is_left_out_silently(tmp_path, row, told):
    persons = collections(read(mapping(tmp_path, [ADA, row], [])))["people.persons"]

    assert persons.gap is not None
    assert told in persons.gap.detail
    assert persons.gap.detail.startswith("people.csv")
    assert [] == persons.entities


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (["", "*", "service", "1", ""], "column account: is empty"),
        (["robot", "*", "service", "", ""], "column owner: is empty"),
        (["robot", "*", "robot", "1", ""], "column kind: 'robot' is not one of"),
    ],
)
def test_a_wrong_declaration_is_named(tmp_path, row, told):
    accounts = collections(read(mapping(tmp_path, [ADA], [row])))["people.accounts"]

    assert accounts.gap is not None
    assert f"row 2, {told}" in accounts.gap.detail


def test_many_errors_are_counted(tmp_path):
    gap = collections(read(mapping(tmp_path, [["", *ADA[1:]] for _ in range(9)], [])))["people.persons"].gap

    assert gap is not None
    assert "and 4 more" in gap.detail


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"Name\nAda\n", b'"open'])
def test_a_file_that_is_no_such_export_is_a_gap(tmp_path, content):
    given = mapping(tmp_path, [ADA], [])
    given.file.write_bytes(content)

    assert collections(read(given))["people.persons"].gap is not None


def test_a_file_that_is_not_there_is_a_gap(tmp_path):
    given = mapping(tmp_path, [ADA], [], file=tmp_path / "other.csv")

    assert collections(read(given))["people.persons"].gap is not None
