"""Service control policies judged by what they deny: each trap is a policy that looks like a guard and is none."""

import json
from pathlib import Path

import pytest

from observant.analysis.aws.bound import Bound
from observant.analysis.organization.guards import Levels, keys_without_mfa, leaving, root, sessions_without_mfa, trails

ACCOUNT = "222233334444"
ALLOW = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
EXAMPLES = Path(__file__).parents[3] / "shared" / "data" / "aws" / "scp_examples.json"


def levels(*statements, allow=ALLOW, hidden=False):
    documents = [
        ("full", json.dumps({"Version": "2012-10-17", **allow})),
        ("guard", json.dumps({"Version": "2012-10-17", "Statement": list(statements)})),
    ]
    return Levels(Bound((tuple(documents + [("hidden", None)] * hidden),)), ACCOUNT)


def deny(action, resource="*", **condition):
    one = {"Effect": "Deny", "Action": action, "Resource": resource}
    return {**one, "Condition": condition} if condition else one


LEAVE = "organizations:LeaveOrganization"
STOP = ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail", "cloudtrail:PutEventSelectors"]
ROOT = {"aws:PrincipalArn": "arn:aws:iam::*:root"}


@pytest.mark.parametrize(
    ("statement", "denied"),
    [
        (deny(LEAVE), True),
        (deny("organizations:Leave*"), True),
        (deny("ORGANIZATIONS:leaveorganization"), True),
        ({"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}, True),
        ({"Effect": "Deny", "NotAction": "organizations:*", "Resource": "*"}, False),
        (deny("organizations:DeleteOrganization"), False),
        (deny(LEAVE, StringLike=ROOT), False),
        (deny(LEAVE, ArnNotLike={"aws:PrincipalArn": "arn:aws:iam::*:role/Ops"}), True),
        (deny(LEAVE, ArnNotLike={"aws:PrincipalArn": "arn:aws:iam::*:role/*"}), False),
        (deny(LEAVE, BoolIfExists={"aws:MultiFactorAuthPresent": "false"}), False),
        (deny(LEAVE, StringEquals={"aws:PrincipalTag/team": "dev"}), False),
    ],
)
def test_leaving(statement, denied):
    assert denied is leaving(levels(statement)).denied


def test_two_statements_that_complete_each_other_guard():
    halves = [deny(LEAVE, **{op: {"aws:RequestedRegion": "eu-west-1"}}) for op in ("StringEquals", "StringNotEquals")]

    assert leaving(levels(*halves)).denied is True
    assert leaving(levels(halves[0])).denied is False


def test_what_no_policy_allows_is_denied_too():
    only_s3 = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}

    assert "no service control policy allows it" == leaving(levels(deny("ec2:*"), allow=only_s3)).because


@pytest.mark.parametrize(
    ("statement", "denied"),
    [
        (deny(STOP), True),
        (deny("cloudtrail:*"), True),
        (deny(STOP[:2]), False),
        (deny(STOP, "arn:aws:cloudtrail:*:*:trail/*"), True),
        (deny(STOP, "arn:aws:cloudtrail:*:*:trail/aws-controltower-*"), None),
        (deny(STOP, ArnNotLike={"aws:PrincipalArn": "arn:aws:iam::*:role/AWSControlTowerExecution"}), True),
    ],
)
def test_trails(statement, denied):
    assert denied is trails(levels(statement)).denied


@pytest.mark.parametrize(
    ("statement", "denied"),
    [
        (deny("*", StringLike=ROOT), True),
        (deny("*", ArnLike={"aws:PrincipalArn": ["arn:aws:iam::*:root"]}), True),
        (deny("*", StringEquals=ROOT), False),  # a star is no wildcard there
        (deny("ec2:*", StringLike=ROOT), False),
        (deny("iam:*", StringLike=ROOT), False),
    ],
)
def test_root(statement, denied):
    assert denied is root(levels(statement)).denied


@pytest.mark.parametrize(
    ("operator", "sessions", "keys"),
    [("Bool", True, False), ("BoolIfExists", True, True)],
)
def test_mfa_with_and_without_access_keys(operator, sessions, keys):
    found = levels(deny("*", **{operator: {"aws:MultiFactorAuthPresent": "false"}}))

    assert (sessions, keys) == (sessions_without_mfa(found).denied, keys_without_mfa(found).denied)


def test_mfa_demanded_for_one_service_is_not_enforced():
    found = levels(deny("ec2:*", BoolIfExists={"aws:MultiFactorAuthPresent": "false"}))

    assert sessions_without_mfa(found).denied is False


def test_a_hidden_policy_leaves_open_what_no_other_denies():
    assert leaving(levels(deny(LEAVE), hidden=True)).denied is True
    assert leaving(levels(deny("ec2:*"), hidden=True)).denied is None


def test_what_is_not_switched_on_or_not_known():
    assert leaving(Levels(Bound(None), ACCOUNT)).denied is False
    assert leaving(Levels(Bound(read=False), ACCOUNT)).denied is None


@pytest.mark.skipif(not EXAMPLES.exists(), reason="AWS's example policies are not beside this checkout")
def test_the_examples_that_aws_publishes():
    documents = json.loads(EXAMPLES.read_text())
    found = {name.rpartition("/")[2]: levels(*_listed(one["Statement"])) for name, one in documents.items()}

    def answered(ask, denied):
        return {name for name, one in found.items() if ask(one).denied is denied}

    assert 56 == len(found)
    assert {"Deny-member-accounts-from-leaving-your-AWS-organization.json"} == answered(leaving, denied=True)
    assert {"Deny-the-root-user-from-performing-actions-except-S3-bucketpolicy-changes.json"} == answered(
        root, denied=True
    )
    assert set() == answered(trails, denied=True)
    assert {"Deny-modifications-to-specific-CloudTrail-trails.json"} == answered(trails, denied=None)


def _listed(statements):
    return statements if isinstance(statements, list) else [statements]
