"""`observant sample`: who has the population and the seed draws the same items, also without the program."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from observant.cli.program import run
from observant.period.sample import draw
from observant.reports.csv import read_table, write_lines


@pytest.fixture
def population(tmp_path: Path) -> Path:
    rows = [[f"m{number // 2}", number, "fail" if number % 5 == 0 else "pass"] for number in range(40)]
    path = tmp_path / "population.csv"
    write_lines(path, ["title: Population of x", "log: example", "query:"], ["member", "number", "verdict"], rows)
    return path


def drawn(capsys, *arguments: str) -> dict:
    assert 0 == run(["sample", *arguments, "--json"])
    return json.loads(capsys.readouterr().out)


def test_anybody_can_draw_it_again(population, capsys):
    found = drawn(capsys, str(population), "--size", "5", "--seed", "2026-Q3")
    digest = read_table(population).sha256

    def rank(number: int) -> str:
        return sha256(f"2026-Q3\n{digest}\n{number}".encode()).hexdigest()

    assert digest == found["population_sha256"]
    assert sorted(range(1, 41), key=rank)[:5] == [row[2] for row in found["rows"]]
    assert [f"m{(row[3] - 1) // 2}" for row in found["rows"]] == [row[4] for row in found["rows"]]


def test_seed_and_population_decide_and_a_larger_sample_holds_the_smaller(population):
    numbers = range(1, 41)

    assert draw(numbers, 5, 0, "a", "00") != draw(numbers, 5, 0, "b", "00")
    assert draw(numbers, 5, 0, "a", "00") != draw(numbers, 5, 0, "a", "01")
    assert [one.number for one in draw(numbers, 5, 2, "a", "00")] == [
        one.number for one in draw(numbers, 7, 0, "a", "00")
    ]
    assert [False] * 3 == [one.spare for one in draw(range(1, 4), 25, 9, "a", "00")]


def test_the_file_says_how_it_was_drawn(population, tmp_path, capsys):
    out = tmp_path / "sample.csv"

    assert 0 == run(["sample", str(population), "--size", "2", "--spare", "1", "--seed", "s", "--out", str(out)])

    table = read_table(out)
    assert {"title: sample of Population of x", "log: example", "seed: s", "sample size: 2", "spares: 1"} <= set(
        table.header
    )
    assert f"population sha256: {read_table(population).sha256}" in table.header
    assert ["sample", "sample", "spare"] == [row[1] for row in table.rows]


def test_members_and_strata(population, capsys):
    by_member = drawn(capsys, str(population), "--size", "3", "--seed", "s", "--by", "member")
    failed = drawn(capsys, str(population), "--size", "9", "--seed", "s", "--where", "verdict=fail")

    assert (20, 6) == (by_member["items"], len(by_member["rows"]))
    assert ({"fail"}, 8) == ({row[-1] for row in failed["rows"]}, failed["items"])


def test_a_file_of_somebody_else(tmp_path, capsys):
    path = tmp_path / "hr.csv"
    path.write_text("name\nana\nbob\n")

    found = drawn(capsys, str(path), "--size", "1", "--seed", "s")

    assert (sha256(path.read_bytes()).hexdigest(), 2) == (found["population_sha256"], found["items"])


@pytest.mark.parametrize(
    ("damage", "arguments", "code"),
    [
        (lambda text: text.replace('"fail"', '"pass"', 1), [], 4),
        (lambda text: text, ["--by", "nobody"], 2),
        (lambda text: text, ["--where", "verdict"], 2),
        (lambda _: '"a"\n"b","c"\n', [], 2),
    ],
)
def test_what_cannot_be_drawn_from(population, damage, arguments, code, capsys):
    population.write_bytes(damage(population.read_bytes().decode()).encode())

    assert code == run(["sample", str(population), "--size", "1", "--seed", "s", *arguments])
    assert capsys.readouterr().err
