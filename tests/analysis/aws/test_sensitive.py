"""Who may take out what the written policy calls sensitive."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from observant.analysis.aws.bound import UNREAD_BOUND, Bound
from observant.analysis.aws.facts import Facts
from observant.analysis.aws.sensitive import reached
from observant.model.time import BEGINNING, FOREVER

PAYROLL = ("arn:aws:s3:::payroll-*", "arn:aws:secretsmanager:*:*:secret:prod/*")
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def one(action: Any, resource: Any = "*", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def doc(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def facts(*statements: dict[str, Any]) -> Facts:
    return Facts(
        scope="aws:111122223333",
        arn="arn:aws:iam::111122223333:user/bob",
        kind="user",
        label="bob",
        valid_from=BEGINNING,
        valid_to=FOREVER,
        earliest=BEGINNING,
        record=1,
        documents=(("policy p", doc(*statements)),),
        boundary=None,
        boundary_arn="",
        groups=(),
        customer_policies=(),
        trust=None,
        bound=Bound(),
        tags=(("team", "red"),),
    )


CASES: dict[str, tuple[Facts, bool, str]] = {
    "objects by name": (facts(one("s3:GetObject", "arn:aws:s3:::payroll-2026/*")), True, "s3:GetObject on arn:aws:s3"),
    "objects by a wildcard inside": (facts(one("s3:Get*", "arn:aws:s3:::p*l-*/*.csv")), True, "s3:GetObject"),
    "all buckets": (facts(one("s3:*")), True, "s3:"),
    "the bucket's policy": (facts(one("s3:PutBucketPolicy", "arn:aws:s3:::payroll-2026")), True, "s3:PutBucketPolicy"),
    "a secret": (facts(one("secretsmanager:*", "*", Condition=MFA)), True, "aws:multifactorauthpresent = true"),
    "all but that": (
        facts({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::payroll-*"}),
        True,
        "secretsmanager:",
    ),
    "other buckets": (facts(one("s3:*", "arn:aws:s3:::releases/*")), False, ""),
    "listing": (facts(one(["s3:ListBucket", "s3:PutObject", "secretsmanager:ListSecrets"])), False, ""),
    "granted and denied": (
        facts(one(["s3:*", "secretsmanager:*"]), one("*", list(PAYROLL), "Deny")),
        False,
        "",
    ),
    "denied without MFA only": (
        facts(
            one("s3:GetObject"), one("s3:*", "*", "Deny", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})
        ),
        True,
        "s3:GetObject",
    ),
    "for another team": (
        facts(one("s3:GetObject", Condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}})),
        False,
        "",
    ),
    # Nothing of a bucket is a secret's: the grant says something that AWS has no use for.
    "an action that a bucket cannot have": (facts(one("secretsmanager:GetSecretValue", "arn:aws:s3:::*")), False, ""),
}


@pytest.mark.parametrize("name", CASES)
def test_what_policies_reach(name: str) -> None:
    held, expected, request = CASES[name]

    found = reached(held, PAYROLL)

    assert expected is found.reaches, found.because
    assert request in found.because


def test_what_limits_it() -> None:
    wide = facts(one("s3:*"))
    below = doc(one("ec2:*"))
    scp = (("full", doc(one("*"))),)
    guard = (("guard", doc(one("*"), one("s3:Get*", "*", "Deny"), one("s3:Put*", "*", "Deny"))),)

    assert reached(replace(wide, boundary=("boundary b", below), boundary_arn="b"), PAYROLL).reaches is False
    assert reached(replace(wide, boundary=("boundary b", None), boundary_arn="b"), PAYROLL).reaches is None
    assert reached(replace(wide, bound=Bound(levels=(scp, guard))), PAYROLL).reaches is False
    assert reached(replace(wide, bound=Bound(levels=(scp, guard), management=True)), PAYROLL).reaches is True
    unread = reached(replace(wide, bound=UNREAD_BOUND), PAYROLL)
    assert unread.reaches is True
    assert "service control policies were not read" in unread.because


def test_a_policy_that_was_not_shown_may_allow_it_or_deny_it() -> None:
    hidden = ("policy q", None)

    assert reached(replace(facts(one("ec2:*")), documents=(hidden,)), PAYROLL).reaches is None
    narrow = facts(one("s3:GetObject", "arn:aws:s3:::releases/*"))
    assert reached(replace(narrow, documents=(*narrow.documents, hidden)), PAYROLL).reaches is None
    wide = facts(one("s3:GetObject"))
    assert reached(replace(wide, documents=(*wide.documents, hidden)), PAYROLL).reaches is None
