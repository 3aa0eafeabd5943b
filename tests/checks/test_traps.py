"""Accounts that look one way and are another, read by the real collector from the test cloud."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from observant.collect.aws import AwsSession, collect_account
from observant.period.evaluate import Evaluation, Standing
from observant.period.forecast import forecast
from observant_clouds.aws import Account, Cloud, Key, cloud, statement
from worlds.workbench import Workbench, policy

START = datetime(2025, 6, 2, 6, tzinfo=UTC)


@pytest.fixture
def judge(tmp_path: Path) -> Callable[[Callable[[Account], None]], Evaluation]:
    """Build an account, read it once, judge it an hour later."""

    def judged(build: Callable[[Account], None]) -> Evaluation:
        bench = Workbench(tmp_path, START)
        with cloud(start=START) as aws:
            build(aws.account())
            bench.record(collect_account(AwsSession(aws.session()), aws.now))
        return bench.evaluate(policy(date(2025, 1, 1)))

    return judged


def told(evaluation: Evaluation, check: str) -> dict[str, str]:
    """Label -> verdict, without those it does not concern."""
    return {
        one.label: one.verdict.value
        for one in evaluation.now()
        if one.check == check and one.member and one.verdict.value != "not_applicable"
    }


def of(evaluation: Evaluation, check: str, label: str) -> Standing:
    (one,) = (one for one in evaluation.now() if one.check == check and one.label == label)
    return one


Judge = Callable[[Callable[[Account], None]], Evaluation]


def test_keys_that_were_never_used(judge: Judge) -> None:
    def build(account: Account) -> None:
        account.user("old", created=400, keys=[Key(100)])
        account.user("new", created=400, keys=[Key(10)])
        account.user("off", created=400, keys=[Key(100, active=False)])

    found = judge(build)

    assert {"access key 1 of old": "fail", "access key 1 of new": "pass"} == told(found, "aws-access-key-unused")
    assert {"old": "fail", "new": "pass"} == told(found, "aws-credential-never-used")
    assert {"old": "fail", "new": "fail"} == told(found, "aws-user-inactive")  # counted from the user's creation
    assert "never used since" in of(found, "aws-access-key-unused", "access key 1 of old").because


def test_console_users_who_never_signed_in(judge: Judge) -> None:
    def build(account: Account) -> None:
        account.user("ghost", created=200, password=True, mfa="virtual")
        account.user("newcomer", created=5, password=True, mfa="virtual")

    found = judge(build)

    assert {"ghost": "fail", "newcomer": "pass"} == told(found, "aws-user-inactive")
    assert {"ghost": "fail", "newcomer": "pass"} == told(found, "aws-credential-never-used")


def test_a_root_key_in_use_while_the_password_date_is_old(judge: Judge) -> None:
    found = judge(lambda account: account.root(mfa=True, password_last_used=900, keys=[Key(300, 0.25)]))
    root = "root user of account 111122223333"

    assert {root: "fail"} == told(found, "aws-root-use")
    assert "used access key 1 of root" in of(found, "aws-root-use", root).because
    assert {root: "fail"} == told(found, "aws-root-access-keys")
    assert {"account 111122223333": "pass"} == told(found, "aws-root-mfa")


def test_an_inactive_root_key_is_no_active_root_key(judge: Judge) -> None:
    found = judge(lambda account: account.root(mfa=True, keys=[Key(300, active=False)]))

    assert ["pass"] == list(told(found, "aws-root-access-keys").values())


def test_root_without_credentials_needs_no_mfa(judge: Judge) -> None:
    found = judge(lambda account: account.root(mfa=False, password=False))

    assert ["pass"] == list(told(found, "aws-root-mfa").values())


def test_shapes_of_policies_that_allow_everything(judge: Judge) -> None:
    def build(account: Account) -> None:
        account.aws_policy("AdministratorAccess", statement("*"))
        documents = {
            "colon": statement("*:*"),
            "listed": statement(["s3:Get*", "*"], ["arn:aws:s3:::x", "*"]),
            "all-but-one": {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "NotAction": "x:Y", "Resource": "*"}],
            },
            "spared": {"Statement": {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::x"}},
            "object": {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}},
            "no-iam": {"Statement": {"Effect": "Allow", "NotAction": "IAM:*", "Resource": "*"}},
            "bucket": statement("*", "arn:aws:s3:::x/*"),
            "denied": {
                "Statement": [statement("*")["Statement"][0], {"Effect": "Deny", "Action": "*", "Resource": "*"}]
            },
        }
        for name, document in documents.items():
            account.group(name, inline={"p": document})
        account.group("aws", policies=["arn:aws:iam::aws:policy/AdministratorAccess"])

    found = told(judge(build), "aws-full-access-policy")

    failing = {"colon", "listed", "all-but-one", "spared", "object"}
    assert {f"inline policy p of group {name}": "fail" for name in failing} | {
        f"inline policy p of group {name}": "pass" for name in ("no-iam", "bucket", "denied")
    } | {"policy AdministratorAccess on group aws": "fail"} == found


def test_named_administrators_may(judge: Judge, tmp_path: Path) -> None:
    def build(account: Account) -> None:
        for name in ("admin", "admin-not"):
            account.role(name, inline={"all": statement("*")})

    bench = Workbench(tmp_path / "own", START)
    with cloud(start=START) as aws:
        build(aws.account())
        bench.record(collect_account(AwsSession(aws.session()), aws.now))
    allowed: dict[str, object] = {"allowed": ["arn:aws:iam::*:role/admin"]}

    found = told(bench.evaluate(policy(date(2025, 1, 1), administrators=allowed)), "aws-full-access-policy")

    assert {"inline policy all of role admin": "pass", "inline policy all of role admin-not": "fail"} == found


def test_cells_that_say_nothing_are_unknown(judge: Judge) -> None:
    def build(account: Account) -> None:
        account.root(mfa=True, access_key_1_active="not_supported", password_last_used=None)
        account.extra.root["password_last_used"] = "not_supported"

    found = judge(build)

    assert ["unknown"] == list(told(found, "aws-root-access-keys").values())
    assert ["unknown"] == list(told(found, "aws-root-use").values())


def test_unicode_and_commas_in_names(judge: Judge) -> None:
    def build(account: Account) -> None:
        account.user("Zoë, Ltd", created=10, password=True)
        account.user("=cmd|x", created=10, password=True, mfa="virtual")

    assert {"Zoë, Ltd": "fail", "=cmd|x": "pass"} == told(judge(build), "aws-console-mfa")


def test_trails_that_do_not_count(judge: Judge) -> None:
    def build(account: Account) -> None:
        account.bucket("logs")
        account.trail("stopped", "logs", logging=False)
        account.trail("regional", "logs", multi_region=False)
        account.trail("writes", "logs", selectors=[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}])
        named = [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "readOnly", "Equals": ["false"]}]
        account.trail("narrowed", "logs", advanced_selectors=[{"Name": "Management events", "FieldSelectors": named}])

    found = judge(build)

    assert ["fail"] == list(told(found, "aws-cloudtrail-coverage").values())
    because = of(found, "aws-cloudtrail-coverage", "account 111122223333").because
    assert "trail stopped: it is not recording" in because
    assert "trail regional: it does not cover every region" in because


def test_a_user_made_after_the_report_is_in_the_next_one(tmp_path: Path) -> None:
    """The report is cached: somebody may be in the listing and not yet in the report."""
    bench = Workbench(tmp_path, START)
    with cloud(start=START) as aws:
        account = aws.account()
        account.user("ada", created=30, password=True, password_last_used=1, mfa="virtual")
        session = AwsSession(aws.session())
        bench.record(collect_account(session, aws.now))
        aws.shift(minutes=30)
        account.user("late", password=True)
        bench.record(collect_account(session, aws.now))
        early = told(bench.evaluate(policy(date(2025, 1, 1))), "aws-console-mfa")
        aws.shift(hours=5)
        bench.record(collect_account(session, aws.now))

    assert {"ada": "pass"} == early
    assert {"ada": "pass", "late": "fail"} == told(bench.evaluate(policy(date(2025, 1, 1))), "aws-console-mfa")


def _day(aws: Cloud, session: AwsSession, bench: Workbench) -> None:
    bench.record(collect_account(session, aws.now))
    aws.shift(days=1)


def test_the_policy_in_force_at_the_time_judges(tmp_path: Path) -> None:
    """What was promised in June is asked from June on, also when it is written down later."""
    bench = Workbench(tmp_path, START)
    with cloud(start=START) as aws:
        aws.account().user("ci", created=400, keys=[Key(70, 0.1)])
        session = AwsSession(aws.session())
        for _ in range(5):
            _day(aws, session, bench)
    before = policy(date(2025, 1, 1), access_key_max_age={"max_age": "90 days"})
    (old,) = (one for one in before if one.name == "access_key_max_age")
    (new,) = (
        one for one in policy(date(2025, 6, 4), access_key_max_age={"max_age": "60 days"}) if one.name == old.name
    )
    changed = [one for one in before if one is not old] + [replace(old, until=date(2025, 6, 3)), new]
    one = of(bench.evaluate(changed), "aws-access-key-rotation", "access key 1 of ci")

    assert ("fail", datetime(2025, 6, 4, tzinfo=UTC)) == (one.verdict.value, one.interval.start)
    assert one.because.endswith("older than the documented 60 days")


def test_what_a_key_will_be(judge: Judge) -> None:
    found = judge(lambda account: account.user("ci", created=400, keys=[Key(70, 0.1)]) and None)

    ahead = forecast(found, timedelta(days=30))
    (key,) = (one for one in ahead if one.check == "aws-access-key-rotation")
    assert START + timedelta(days=20) == key.at
    assert "evidence-cadence" in {one.check for one in ahead}  # the next snapshot falls due
