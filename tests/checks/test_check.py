"""The SQL of checks, without running it."""

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify

from observant.analysis.derive import DERIVED
from observant.checks.check import COMMITMENT_PREFIX, Check, spelled_out, tables_in
from observant.checks.commitments import columns as commitment_columns
from observant.checks.coverage import EVIDENCE_COLUMNS, EVIDENCE_TABLES
from observant.checks.registry import CHECKS
from observant.frameworks.criteria import CRITERIA
from observant.inventory.projection import TABLES
from observant.inventory.table import COMMON
from observant.model.kinds import KINDS

SCHEMA = (
    {name: COMMON | table.columns for name, table in TABLES.items()}
    | {name: table.columns for name, table in DERIVED.items()}
    | dict.fromkeys(EVIDENCE_TABLES, EVIDENCE_COLUMNS)
    | {f"{COMMITMENT_PREFIX}{name}": commitment_columns(kind) for name, kind in KINDS.items()}
)

ANSWERS = [
    ["scope", "member", "label", "valid_from", "valid_to", "earliest", "record", "applies", "violated", "because"],
    ["scope", "member", "label", "valid_from", "valid_to", "earliest", "record", "applies", "violated_from", "because"],
    [
        *("scope", "member", "label", "valid_from", "valid_to", "earliest", "record"),
        *("applies", "violated_from", "violated_to", "because"),
    ],
    [
        *("scope", "member", "label", "valid_from", "valid_to", "earliest", "record"),
        *("applies", "violated", "witnessed", "because"),
    ],
]


def test_overlaps_and_during_are_spelled_out() -> None:
    assert "a.valid_from < b.valid_to and b.valid_from < a.valid_to" == spelled_out("overlaps(a, b)")
    assert "a.valid_from, a.valid_to, a.earliest, a.record" == " ".join(spelled_out("during(a)").split())
    assert (
        "greatest(a.valid_from, b.valid_from) as valid_from, least(a.valid_to, b.valid_to) as valid_to, "
        "greatest(a.earliest, b.earliest) as earliest, a.record" == " ".join(spelled_out("during(a, b)").split())
    )


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_every_column_exists(check: Check) -> None:
    tree = sqlglot.parse_one(check.sql, dialect="duckdb")

    qualified = qualify(tree, schema=SCHEMA, dialect="duckdb")

    assert isinstance(qualified, exp.Query)
    assert qualified.named_selects in ANSWERS
    assert [check.answers] == [name for name in qualified.named_selects if name.startswith("violated")][-1:]


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_the_tables_named_are_the_tables_read(check: Check) -> None:
    tree = sqlglot.parse_one(check.sql, dialect="duckdb")

    assert {table.name for table in tree.find_all(exp.Table)} == set(check.reads) == set(tables_in(check.sql))
    assert check.judges in SCHEMA


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_the_subset_of_sql_that_every_engine_has(check: Check) -> None:
    tree = sqlglot.parse_one(check.sql, dialect="duckdb")

    assert not list(tree.find_all(exp.With)) or not any(one.args.get("recursive") for one in tree.find_all(exp.With))
    assert not [join for join in tree.find_all(exp.Join) if join.args.get("kind") in ("ANTI", "SEMI")]
    sqlglot.transpile(check.sql, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_the_page_tells_what_an_auditor_needs(check: Check) -> None:
    for heading in ("What it judges.", "Why.", "How to re-perform it by hand.", "What it cannot see."):
        assert f"**{heading}**" in check.page
    assert check.criteria
    assert set(check.criteria) <= set(CRITERIA)
