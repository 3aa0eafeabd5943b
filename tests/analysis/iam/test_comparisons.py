"""What AWS documents of its policy checks: access that is not granted, and access of the public."""

import doctest
from pathlib import Path
from typing import Any

import pytest

from observant.analysis.iam import api

ACCOUNT = "111122223333"
PHOTOS = "arn:aws:s3:::photos/*"


def doc(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


NOT_GRANTED = {
    "only other actions": (doc(allow(["s3:Get*", "ec2:Describe*"])), {"actions": ["s3:PutObject"]}, True),
    "a wildcard means it": (doc(allow("s3:P?tObj*")), {"actions": ["s3:PutObject"]}, False),
    "one of several actions": (doc(allow("s3:GetObject")), {"actions": ["s3:PutObject", "s3:GetObject"]}, False),
    "an action of a pattern": (doc(allow("iam:CreateUser")), {"actions": ["iam:*"]}, False),
    "all but the action": (doc({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}), {"actions": ["s3:*"]}, True),
    "granted under a condition": (
        doc(allow("s3:GetObject", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})),
        {"actions": ["s3:GetObject"]},
        False,
    ),
    "granted and denied": (
        doc(allow("s3:*"), {"Effect": "Deny", "Action": "s3:Put*", "Resource": "*"}),
        {"actions": ["s3:PutObject"]},
        True,
    ),
    "denied elsewhere": (
        doc(allow("s3:*"), {"Effect": "Deny", "Action": "s3:*", "NotResource": PHOTOS}),
        {"actions": ["s3:PutObject"], "resources": ["arn:aws:s3:::payroll/*"]},
        True,
    ),
    "only other resources": (doc(allow("s3:*", PHOTOS)), {"resources": ["arn:aws:s3:::payroll/*"]}, True),
    "any action on a resource": (doc(allow("s3:*", PHOTOS)), {"resources": ["arn:aws:s3:::photos/a.jpg"]}, False),
    "resources that overlap": (
        doc(allow("s3:GetObject", "arn:aws:s3:::*/public/*")),
        {"actions": ["s3:GetObject"], "resources": [PHOTOS]},
        False,
    ),
    "the action elsewhere": (
        doc(allow("s3:GetObject", "arn:aws:s3:::a/*"), allow("s3:PutObject", PHOTOS)),
        {"actions": ["s3:GetObject"], "resources": [PHOTOS]},
        True,
    ),
}


@pytest.mark.parametrize("name", NOT_GRANTED)
def test_access_not_granted(name: str) -> None:
    document, asked, expected = NOT_GRANTED[name]

    found = api.access_not_granted([document], **asked)

    assert expected is found.included
    assert (found.witness is None) is expected


def test_two_documents_that_limit_each_other_grant_nothing() -> None:
    deny = doc({"Effect": "Deny", "Action": "*", "Resource": "*"})

    assert api.access_not_granted([doc(allow("*")), deny]).included is True
    assert api.access_not_granted(["{"], ["s3:GetObject"]).included is None


def to(principal: Any, **condition: Any) -> dict[str, Any]:
    return doc(allow("s3:GetObject", PHOTOS, Principal=principal, Condition=condition))


PUBLIC = {
    "everybody": (to("*"), True),
    "everybody of AWS": (to({"AWS": "*"}), True),
    "one account": (to({"AWS": "444455556666"}), False),
    "a service": (to({"Service": "cloudtrail.amazonaws.com"}), False),
    "the organization": (to("*", StringEquals={"aws:PrincipalOrgID": "o-mine"}), False),
    "any organization": (to("*", StringLike={"aws:PrincipalOrgID": "o-*"}), True),
    "an address": (to("*", IpAddress={"aws:SourceIp": "203.0.113.0/24"}), False),
    "half of all addresses": (to("*", IpAddress={"aws:SourceIp": "0.0.0.0/1"}), True),
    "an endpoint": (to("*", StringEquals={"aws:SourceVpce": "vpce-0a1b2c3d"}), False),
    "all but an endpoint": (to("*", StringNotEquals={"aws:SourceVpce": "vpce-0a1b2c3d"}), True),
    "a resource of the account": (to("*", ArnLike={"aws:SourceArn": f"arn:aws:sns:*:{ACCOUNT}:*"}), False),
    "a resource of anybody": (to("*", ArnLike={"aws:SourceArn": "arn:aws:sns:*:*:topic"}), True),
    "an account's resources": (to("*", StringEquals={"aws:SourceAccount": ACCOUNT}), False),
    "an own access point": (to("*", StringEquals={"s3:DataAccessPointAccount": ACCOUNT}), False),
    "a tag that anybody can have": (to("*", StringEquals={"aws:PrincipalTag/team": "red"}), True),
    "over TLS": (to("*", Bool={"aws:SecureTransport": "true"}), True),
    "everybody but one": (doc(allow("s3:*", PHOTOS, NotPrincipal={"AWS": "444455556666"})), True),
    "a damaged policy": ({"Statement": [{"Effect": "Maybe"}]}, None),
    "denied to all outside": (
        doc(
            allow("s3:GetObject", PHOTOS, Principal="*"),
            {
                "Effect": "Deny",
                "Action": "s3:*",
                "Resource": PHOTOS,
                "Principal": "*",
                "Condition": {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}},
            },
        ),
        False,
    ),
    "partly denied": (
        doc(
            allow("s3:GetObject", PHOTOS, Principal="*"),
            {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::photos/private/*", "Principal": "*"},
        ),
        True,
    ),
    "any pipeline": (
        doc(
            {
                "Effect": "Allow",
                "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"},
                "Action": "sts:AssumeRoleWithWebIdentity",
            }
        ),
        True,
    ),
}


@pytest.mark.parametrize("name", PUBLIC)
def test_public_access(name: str) -> None:
    document, expected = PUBLIC[name]

    found = api.no_public_access(document, ACCOUNT, organization="o-mine")

    assert expected is found.answer
    if expected:
        assert found.because


def test_the_guide_and_the_docstrings_are_right() -> None:
    guide = Path(__file__).parents[3] / "docs/guide/policy-evaluation.md"

    assert doctest.testfile(str(guide), module_relative=False).failed == 0
    assert doctest.testmod(api).failed == 0
