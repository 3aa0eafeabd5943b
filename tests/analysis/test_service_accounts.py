"""Service accounts: declared, or taken for one with the reason, and who owns them until when."""

from datetime import UTC, datetime

from observant.collect.people import read_people
from observant.model.verdict import Verdict
from observant_clouds.aws import Key
from worlds import aws
from worlds.people import mapping
from worlds.workbench import Workbench, policy, without

START = datetime(2025, 6, 2, 6, tzinfo=UTC)
ACCOUNTS = [
    ["owned", "*", "service", "1", "deploys"],
    ["orphaned", "*", "service", "2", ""],
    ["lost", "*", "service", "9", ""],
    ["*:role/vendor", "aws:*", "service", "1", ""],
]


def _build(account):
    for name in ("owned", "orphaned", "lost", "robot"):
        account.user(name, created=90, keys=[Key(80, 1)])
    account.user("console", created=90, password=30)
    account.user("ana", created=90, keys=[Key(80, 1)])
    account.role("vendor", aws.trusting({"AWS": aws.VENDOR}))
    account.role("unnamed", aws.trusting({"AWS": [aws.VENDOR, "777788889999"]}))
    account.role("inside", aws.trusting({"Service": "lambda.amazonaws.com"}))


def test_each_with_its_basis_and_its_owner(tmp_path):
    people = [["1", "Ana", "ana@example.com", "2020-01-01", "", ""], ["2", "Bo", "", "2020-01-01", "2025-05-30", "1"]]
    bench = Workbench(tmp_path / "log", START)
    read = read_people(mapping(tmp_path, people, ACCOUNTS), lambda: START, "ana@host")
    bench.record(aws.read(_build, START), read)

    evaluation = bench.evaluate(policy(START.date()))
    rows = evaluation.query("select label, basis, owner from aws_service_account order by label")
    standing = {one.label: one for one in evaluation.now() if one.check == "aws-service-account-owner" and one.member}

    assert [
        ("role unnamed", "third party", None),
        ("role vendor", "third party", "1"),
        ("user lost", "inferred", None),
        ("user orphaned", "declared", "2"),
        ("user owned", "declared", "1"),
        ("user robot", "inferred", None),
    ] == rows
    bad = {"role unnamed", "user lost", "user orphaned", "user robot"}
    assert bad == {label for label, one in standing.items() if one.verdict is Verdict.FAIL}
    assert "no console password, works with access keys" in standing["user robot"].because
    assert "lets in 444455556666, 777788889999" in standing["role unnamed"].because
    assert "its owner Bo leaves at 2025-05-30 22:00:00" in standing["user orphaned"].because


def test_without_the_accounts_file_anybody_may_be_declared(tmp_path):
    bench = Workbench(tmp_path / "log", START)
    people = mapping(tmp_path, [["1", "Ana", "ana@example.com", "2020-01-01", "", ""]], ACCOUNTS)
    bench.record(aws.read(_build, START), without(read_people(people, lambda: START, "ana@host"), ["people.accounts"]))

    standing = {
        one.label: one
        for one in bench.evaluate(policy(START.date())).now()
        if one.check == "aws-service-account-owner" and one.member
    }

    assert {Verdict.UNKNOWN} == {one.verdict for one in standing.values()}
    assert "user console" in standing
