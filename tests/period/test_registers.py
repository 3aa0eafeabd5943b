"""Registers: their columns exist and are what they say, and their rows are the ones an auditor would make by hand."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot.optimizer.qualify import qualify

from checks.test_check import SCHEMA
from observant.model.interval import Interval
from observant.period.evaluate import Evaluation
from observant.period.registers import REGISTERS, Register, rows_of, unread
from observant_clouds.aws import Account, statement
from worlds import aws
from worlds.directory import GLOBAL_ADMINISTRATOR, Directory
from worlds.judging import START, judged
from worlds.workbench import Workbench, policy


@pytest.mark.parametrize("register", REGISTERS.values(), ids=REGISTERS)
def test_the_columns_are_those_of_the_query(register: Register) -> None:
    tree = sqlglot.parse_one(register.sql, dialect="duckdb")

    readings = {"reading": {"scope": "VARCHAR", "started": "TIMESTAMP"}}
    qualified = qualify(tree, schema=SCHEMA | readings, dialect="duckdb")

    assert list(register.columns) == qualified.named_selects
    assert "evidence_record" == register.columns[-1]
    assert tree.args.get("order"), "the same rows in the same order, however they were found"
    assert register.collections


DAY = timedelta(days=1)


def secret(name: str, start: str) -> dict[str, str]:
    return {"keyId": name, "displayName": name, "startDateTime": start, "endDateTime": "2026-01-01T00:00:00Z"}


def application(tenant: Directory, name: str, *secrets: dict[str, str], **more: Any) -> None:
    tenant.keep(
        "entra.applications", name, {"displayName": name, "appId": name, "passwordCredentials": secrets, **more}
    )


def first(tenant: Directory, subscription: Directory) -> None:
    application(tenant, "shop", secret("old", "2025-01-01T00:00:00Z"))
    application(tenant, "pipeline", federatedIdentityCredentials=[{"id": "f", "name": "github"}])
    tenant.user("ada", signed_in="2025-05-01T08:00:00Z")
    tenant.user("bob", signed_in=None)
    tenant.user("mute")
    tenant.keep("entra.user_activity", "mute", {"id": "mute"}, {"signInActivity": {}})
    guest = {"userType": "Guest", "creationType": "Invitation", "externalUserState": "Accepted"}
    for name in ("gil", "idle"):
        tenant.user(name, signed_in="2025-05-20T08:00:00Z", **guest)
    definition, instance = {"id": "d"}, {"status": "Applied", "startDateTime": "2025-05-01T00:00:00Z"}
    tenant.keep("entra.access_reviews", "i", {"definition": definition, "instance": instance})
    decided = {"decision": "Approve", "reviewedDateTime": "2025-06-02T09:00:00Z", "reviewedBy": {"id": "ada"}}
    ids = {"definitionId": "d", "instanceId": "i"}
    tenant.keep("entra.access_review_decisions", "x", {**ids, "principal": {"id": "gil"}, **decided})
    passed_over = {"decision": "NotReviewed", "principal": {"id": "idle"}}
    tenant.keep("entra.access_review_decisions", "y", {**ids, **passed_over})
    tenant.group("admins", "ada")
    tenant.assign("admins", GLOBAL_ADMINISTRATOR)
    tenant.eligible("bob", GLOBAL_ADMINISTRATOR)


def rotated(tenant: Directory, subscription: Directory) -> None:
    application(tenant, "shop", secret("old", "2025-01-01T00:00:00Z"), secret("new", "2025-06-03T05:00:00Z"))


def cleaned(tenant: Directory, subscription: Directory) -> None:
    application(tenant, "shop", secret("new", "2025-06-03T05:00:00Z"))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return judged(tmp_path_factory.mktemp("registers"), first, rotated, cleaned)


def rows(found: Evaluation, name: str, *columns: str) -> list[tuple[Any, ...]]:
    register = REGISTERS[name]
    places = [register.columns.index(one) for one in columns]
    listed = rows_of(register, found, Interval(START, found.as_of))
    return [
        tuple(f"{cell:%m-%d}" if isinstance(cell := row[place], datetime) else cell for place in places)
        for row in listed
    ]


def test_the_last_rotation_of_every_principal(found: Evaluation) -> None:
    columns = ("name", "credentials", "last_rotated", "made_in_period", "held_at_the_end", "oldest_age_in_days")

    # From the first of January to the reading of 4 June that no longer showed it.
    assert [
        ("pipeline", "federated", None, 0, 1, None),
        ("shop", "secret", "06-03", 1, 1, 154),
    ] == rows(found, "last-rotation", *columns)


def test_the_end_of_every_credential(found: Evaluation) -> None:
    columns = ("credential", "made_at", "ends_at", "seen_until", "age_in_days", "days_left")

    assert [
        ("secret old of shop", "01-01", "01-01", "06-04", 154, 211),
        ("secret new of shop", "06-03", "01-01", None, 1, 211),
    ] == rows(found, "credential-expiry", *columns)[1:]


def test_every_guest_with_its_review(found: Evaluation) -> None:
    assert [
        ("gil@example.com", "Approve", "ada@example.com", "yes"),
        ("idle@example.com", None, None, "no"),
    ] == rows(found, "guests", "name", "decision", "reviewed_by", "review_in_period")


def test_the_last_activity_of_every_account(found: Evaluation) -> None:
    found_rows = rows(found, "activity", "name", "kind", "last_activity", "activity", "idle_days")

    assert ("ada@example.com", "user", "05-01", "known", 34) == found_rows[0]
    assert ("bob@example.com", "user", None, "never", 520) == found_rows[1]
    assert ("mute@example.com", "user", None, "not known", None) == found_rows[-1]


def test_who_held_which_privilege(found: Evaluation) -> None:
    assert [
        ("ada@example.com", "Global Administrator", "standing", "admins"),
        ("bob@example.com", "Global Administrator", "eligible", None),
    ] == rows(found, "privileged-access", "name", "privilege", "how", "through")


def test_what_was_not_read_is_said(found: Evaluation) -> None:
    before = Interval(START - 2 * DAY, found.as_of)
    (sentence,) = (one for one in unread(REGISTERS["guests"], found, before) if "azure" not in one)

    assert sentence.startswith("not known: entra:")
    assert "from 2025-05-31 06:00 to 2025-06-02 06:00" in sentence


def bucket_readers(account: Account) -> None:
    account.user("ada", inline={"more": statement(["s3:GetObject", "s3:PutObject"])})
    account.user("bob", inline={"less": statement("s3:Get*", "arn:aws:s3:::releases/*")})


def test_what_is_granted_and_promised_beside_what_is_written(tmp_path: Path) -> None:
    bench = Workbench(tmp_path, START)
    bench.record(aws.read(bucket_readers, START))
    sentence = "arn:aws:iam::*:user/* may s3:Get* on arn:aws:s3:::releases/*, arn:aws:s3:::payroll/*"
    written = policy(START.date(), access_statements={"statements": [sentence]})
    evaluation = bench.evaluate(written)
    within = Interval(START, evaluation.as_of)

    written_access = [row[2:7] for row in rows_of(REGISTERS["written-access"], evaluation, within)]
    sensitive = [row[2:5] for row in rows_of(REGISTERS["sensitive-access"], evaluation, within)]

    assert [("ada", "yes", "yes"), ("bob", "no", "yes")] == [
        (name, more, less) for name, more, _, less, _ in written_access
    ]
    (_, _, excess, _, _), (_, _, _, _, promise) = written_access
    assert "s3:GetObject on arn:aws:s3:::example/example by inline policy more" in excess
    assert "s3:Get" in promise
    assert "on arn:aws:s3:::payroll/" in promise
    assert [("ada", "yes")] == [row[:2] for row in sensitive]
    assert "on arn:aws:s3:::payroll-" in sensitive[0][2]
