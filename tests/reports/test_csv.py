import csv
import os
import subprocess
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observant.errors import DamagedEvidence, InputError
from observant.evidence.snapshot import Reconciliation
from observant.model.verdict import Verdict
from observant.reports.cells import original
from observant.reports.csv import DEMO, read_table, write_table
from observant.reports.tables import PopulationRow, header_of, population_table, standard_tables
from reports.sample import HOSTILE, result

_TEXT = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("#=+-@'\"\n\r\t,;\\\u202e")))
_ROWS = st.lists(st.tuples(_TEXT, _TEXT, st.integers()), max_size=6)


def _coreutils(path: Path, command: str, locale: str = "C") -> str:
    shell = command.replace("FILE", path.name)
    run = subprocess.run(
        ["sh", "-c", shell], cwd=path.parent, capture_output=True, check=True, env=os.environ | {"LC_ALL": locale}
    )
    return run.stdout.decode().split()[0]


def _header(**more):
    return header_of(result(), "Title", **more)


@given(_ROWS)
def test_any_text_comes_back(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"

        written = write_table(path, _header(), ("a", "=b", "n"), rows)

        read = read_table(path)
        assert (["a", "=b", "n"], [[a, b, str(n)] for a, b, n in rows]) == (read.columns, read.rows)
        assert (len(rows), read.sha256) == (written.rows, written.sha256)


@given(_ROWS)
def test_any_csv_reader_comes_to_the_same(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        write_table(path, _header(), ("a", "b", "n"), rows)

        with path.open(newline="", encoding="utf-8") as file:
            cells = list(csv.reader(line for line in file if not line.startswith("#")))

        assert [["a", "b", "n"], *([a, b, str(n)] for a, b, n in rows)] == [
            [original(one) for one in row] for row in cells
        ]


@pytest.mark.parametrize(
    ("command", "locale"),
    [
        ("LC_ALL=C grep -av '^#' FILE | sha256sum", "C.UTF-8"),
        ("grep -v '^#' FILE | sha256sum", "C.UTF-8"),
        ("grep -v '^#' FILE | sha256sum", "C"),
    ],
)
@pytest.mark.parametrize("rows", [[], [("#", "\n# rows: 0", -1), (HOSTILE, "é\x00\x85", 2)]])
def test_stock_tools_recompute_the_digest(tmp_path, rows, command, locale):
    written = write_table(tmp_path / "t.csv", _header(query="select 1\n# no\n\x00 --"), ("#a", "b", "n"), rows)

    assert written.sha256 == _coreutils(tmp_path / "t.csv", command, locale)
    assert f"# sha256: {written.sha256}\r\n".encode() in (tmp_path / "t.csv").read_bytes()


def test_the_header_says_how_to_re_perform_it(tmp_path):
    header = _header(
        query="select *\nfrom aws_account\twhere x = '\u202e'",
        parameters=["Policy 4.2: every 90 days"],
        collected_by=["arn:aws:sts::111122223333:assumed-role/audit/observant"],
        supplied_by=[f"-{HOSTILE}"],
        reconciled=[
            Reconciliation("GetAccountSummary Users", 12, 12),
            Reconciliation("report rows", 13, 12),
        ],
        notes=["a note"],
    )

    write_table(tmp_path / "t.csv", header, ("a",), [["x"]])

    assert (
        """# Observant table, format 1
# DEMO DATA: a fictional company; evidence of nothing real
# title: Title
# period: 2026-01-01 to 2026-12-31 (UTC, both days included)
# as of: 2027-01-04T09:30:00Z
# source: evidence log; scopes: aws:111122223333, aws:444455556666
# collected by: arn:aws:sts::111122223333:assumed-role/audit/observant
# supplied by: '-<script>alert("x")</script>\\u202egnp.exe\\u000a# rows: 0\\u002c=cmd|'/c calc'!A0
# log: example.com/evidence
# log size: 368
# log root: 3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f
# tool: observant 0.1.0
# parameter: Policy 4.2: every 90 days
# query:
#   select *
#   from aws_account\twhere x = '\\u202e'
# reconciled: GetAccountSummary Users: 12 expected, 12 read: agree
# reconciled: report rows: 13 expected, 12 read: DIFFER
# note: a note
# rows: 1
""".splitlines()
        == (tmp_path / "t.csv").read_text().splitlines()[:20]
    )


def test_only_demo_data_is_called_so(tmp_path):
    header = header_of(result(demo=False), "Title")

    write_table(tmp_path / "t.csv", header, ("a",), [])

    assert DEMO not in (tmp_path / "t.csv").read_text()


def test_numbers_moments_and_nothing(tmp_path):
    moment = datetime(2026, 3, 1, 4, 5, 6, tzinfo=UTC)

    write_table(tmp_path / "t.csv", _header(), tuple("abcdef"), [(-1, 2.5, True, None, moment, date(2026, 3, 1))])

    last = (tmp_path / "t.csv").read_bytes().splitlines()[-1]
    assert b'-1,2.5,"true","","2026-03-01T04:05:06Z","2026-03-01"' == last


def test_a_row_of_another_width_leaves_no_file(tmp_path):
    with pytest.raises(ValueError, match="a row of 1 cells under 2 columns"):
        write_table(tmp_path / "t.csv", _header(), ("a", "b"), [("x",)])

    assert [] == list(tmp_path.iterdir())


def test_a_failing_source_leaves_the_earlier_file(tmp_path):
    def rows():
        yield ("new",)
        raise OSError("gone")

    write_table(tmp_path / "t.csv", _header(), ("a",), [("old",)])

    with pytest.raises(OSError, match="gone"):
        write_table(tmp_path / "t.csv", _header(), ("a",), rows())

    assert [["old"]] == read_table(tmp_path / "t.csv").rows
    assert ["t.csv"] == [path.name for path in tmp_path.iterdir()]


def test_changed_rows_are_damage(tmp_path):
    path = tmp_path / "t.csv"
    write_table(path, _header(), ("a",), [("old",)])
    path.write_bytes(path.read_bytes().replace(b'"old"', b'"new"'))

    with pytest.raises(DamagedEvidence, match="sha256"):
        read_table(path)


def test_another_csv_file_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")

    with pytest.raises(InputError, match="line 1"):
        read_table(tmp_path / "t.csv")


def test_the_standard_tables(tmp_path):
    written = [
        write_table(tmp_path / table.name, table.header, table.columns, table.rows)
        for table in standard_tables(result())
    ]

    assert [
        ("controls.csv", 4),
        ("checks.csv", 3),
        ("exceptions.csv", 2),
        ("gaps.csv", 2),
        ("occurrences.csv", 1),
        ("coverage.csv", 4),
    ] == [(one.name, one.rows) for one in written]


def test_a_check_of_two_controls_is_listed_once(tmp_path):
    table = next(one for one in standard_tables(result()) if one.name == "checks.csv")

    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]

    assert ["AC-01 AC-02"] == [row["controls"] for row in rows if row["check"] == "aws-root-mfa"]


def test_a_population_is_streamed_and_forever_is_an_empty_end():
    asked = []

    def rows():
        asked.append(True)
        start, forever = datetime(2026, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
        yield PopulationRow("arn", "ann", "aws:1", start, forever, Verdict.PASS, "", 7)

    table = population_table("aws-root-mfa", _header(), rows())

    assert ("populations/aws-root-mfa.csv", []) == (table.name, asked)
    assert [("arn", "ann", "aws:1", datetime(2026, 1, 1, tzinfo=UTC), None, "pass", "", 7)] == list(table.rows)
