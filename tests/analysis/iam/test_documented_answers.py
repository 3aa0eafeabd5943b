"""Answers that AWS documents for its check for new access, put to `no_new_access`.

Each case is a reference and candidates with the documented answer, of `aws-samples/iam-access-analyzer-custom-policy-
check-samples` (MIT-0), written anew: names, accounts and the shape of the documents are ours, what is asked is theirs.
"""

from typing import Any

import pytest

from observant.analysis.iam import api

Statement = dict[str, Any]
OWN, OTHER, STRANGE = "111122223333", "444455556666", "777788889999"
VAULT, SHELF = "arn:aws:s3:::vault", "arn:aws:s3:::shelf"


def allow(action: Any, resource: Any = "*", **more: Any) -> Statement:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> Statement:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def trusts(principal: Any, action: str = "sts:AssumeRole", **more: Any) -> Statement:
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


def all_but(action: Any) -> Statement:
    """Everything else is no matter of the reference's."""
    return {"Effect": "Allow", "Principal": "*", "NotAction": action}


def key(operator: str, name: str, value: Any) -> dict[str, Any]:
    return {"Condition": {operator: {name: value}}}


def role(name: str, account: str = OWN) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


EVERYTHING = allow("*")
OBJECTS = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:GetObjectAcl", "s3:RestoreObject"]
BUCKET = ["s3:DeleteBucketPolicy", "s3:PutBucketPolicy", "s3:ListBucket", "s3:DeleteBucket", "s3:GetBucketAcl"]
RESOURCE_TAG, REQUEST_TAG = "aws:ResourceTag/cost-centre", "aws:RequestTag/cost-centre"
UNTAGGED = key("Null", RESOURCE_TAG, "true")
UNTAGGED_REQUEST = key("Null", REQUEST_TAG, "true")
PROVIDER = f"arn:aws:iam::{OWN}:oidc-provider/pipelines.example"
ELSEWHERE = f"arn:aws:iam::{OWN}:oidc-provider/elsewhere.example"
SAML = f"arn:aws:iam::{OWN}:saml-provider/staff"
WEB, WITH_SAML = "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"
CLIMBING = ["iam:CreateUser", "iam:PutRolePolicy", "iam:AttachUserPolicy", "iam:UpdateAssumeRolePolicy"]
WRITERS = [role("writer"), role("mover")]

REFERENCES: dict[str, list[Statement]] = {
    "objects": [EVERYTHING, deny(OBJECTS, f"{VAULT}/*")],
    "bucket": [EVERYTHING, deny(BUCKET, VAULT)],
    "climbing": [
        EVERYTHING,
        {"Effect": "Deny", "Action": ["iam:PassRole"], "NotResource": role("handed/*", "*")},
        {"Effect": "Deny", "Action": ["sts:AssumeRole"], "NotResource": role("open/*", "*")},
        deny(CLIMBING),
    ],
    "resource tag": [EVERYTHING, deny("ec2:TerminateInstances", **UNTAGGED)],
    "request tag": [EVERYTHING, deny("ec2:RunInstances", **UNTAGGED_REQUEST)],
    "writers": [
        trusts({"AWS": WRITERS}, "s3:PutObject", Resource="*"),
        trusts({"AWS": "*"}, "s3:PutObject", Resource="*", **key("ArnLike", "aws:PrincipalArn", WRITERS)),
        {**all_but("s3:PutObject"), "Resource": "*"},
    ],
    "accounts": [trusts({"AWS": [OWN, OTHER]}), all_but("sts:AssumeRole")],
    "services": [trusts({"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}), all_but("sts:AssumeRole")],
    "provider": [trusts({"Federated": PROVIDER}, WEB), all_but([WITH_SAML, WEB])],
}

CASES: dict[str, tuple[str, list[Statement], bool]] = {
    "objects elsewhere": ("objects", [allow(OBJECTS[:3], f"{SHELF}/*")], True),
    "objects denied": ("objects", [allow("s3:*"), deny("*", f"{VAULT}/*")], True),
    "objects written": ("objects", [allow("s3:PutObject", f"{VAULT}/*")], False),
    "objects by a wildcard": ("objects", [allow("s3:GetObject", "arn:aws:s3:*:*:*aul*/*")], False),
    "objects among all": ("objects", [allow("s3:*")], False),
    "another bucket": ("bucket", [allow(BUCKET[:2], SHELF)], True),
    "the bucket denied": ("bucket", [allow("s3:*"), deny("*", VAULT)], True),
    "the bucket's policy": ("bucket", [allow("s3:DeleteBucketPolicy", VAULT)], False),
    "the bucket by a wildcard": ("bucket", [allow("s3:PutBucketPolicy", "arn:aws:s3:*:*:*aul*")], False),
    "the bucket among all": ("bucket", [allow("s3:*")], False),
    "a role that may be passed": ("climbing", [allow("iam:PassRole", role("handed/app"))], True),
    "machines": ("climbing", [allow("ec2:RunInstances")], True),
    "all but one role denied": (
        "climbing",
        [
            allow("sts:AssumeRole"),
            {"Effect": "Deny", "Action": "sts:AssumeRole", "NotResource": role("open/app", "*")},
        ],
        True,
    ),
    "a role that may not be passed": ("climbing", [allow("iam:PassRole", role("closed/app"))], False),
    "another role's policy": ("climbing", [allow("iam:PutRolePolicy", role("powerful"))], False),
    "tagged machines": (
        "resource tag",
        [allow("ec2:TerminateInstances", **key("StringEquals", RESOURCE_TAG, "red"))],
        True,
    ),
    "other actions on machines": ("resource tag", [allow("ec2:RunInstances")], True),
    "machines denied unless tagged": (
        "resource tag",
        [
            allow("ec2:TerminateInstances"),
            deny("ec2:TerminateInstances", **key("StringNotEquals", RESOURCE_TAG, "red")),
        ],
        True,
    ),
    "any machine": ("resource tag", [allow("ec2:TerminateInstances")], False),
    "everything with machines": ("resource tag", [allow("ec2:*")], False),
    "a tag asked for": ("request tag", [allow("ec2:RunInstances", **key("StringEquals", REQUEST_TAG, "red"))], True),
    "looking at machines": ("request tag", [allow("ec2:DescribeInstanceAttribute")], True),
    "denied without the tag": (
        "request tag",
        [allow("ec2:RunInstances"), deny("ec2:RunInstances", **key("StringNotEquals", REQUEST_TAG, "red"))],
        True,
    ),
    "whatever the tag is": ("request tag", [allow("ec2:RunInstances", **key("Null", REQUEST_TAG, "false"))], True),
    "no tag asked for": ("request tag", [allow("ec2:RunInstances")], False),
    "all of EC2": ("request tag", [allow("ec2:*")], False),
    "another action for somebody else": (
        "writers",
        [trusts({"AWS": "*"}, "s3:GetObject", Resource=f"{VAULT}/*", **key("ArnLike", "aws:PrincipalArn", role("x")))],
        True,
    ),
    "a writer by name": ("writers", [trusts({"AWS": WRITERS[0]}, "s3:PutObject", Resource=f"{VAULT}/*")], True),
    "a writer by key": (
        "writers",
        [trusts({"AWS": "*"}, "s3:PutObject", Resource=f"{VAULT}/*", **key("ArnLike", "aws:PrincipalArn", WRITERS[0]))],
        True,
    ),
    "everybody": ("writers", [trusts({"AWS": "*"}, "s3:*", Resource=f"{VAULT}/*")], False),
    "somebody else by name": ("writers", [trusts({"AWS": role("x")}, "s3:PutObject", Resource=f"{VAULT}/*")], False),
    "somebody else by key": (
        "writers",
        [trusts({"AWS": "*"}, "s3:PutObject", Resource=f"{VAULT}/*", **key("ArnLike", "aws:PrincipalArn", role("x")))],
        False,
    ),
    "an account of the list": ("accounts", [trusts({"AWS": OWN})], True),
    "somebody of an account of the list": ("accounts", [trusts({"AWS": role("app", OTHER)})], True),
    "a provider where accounts are asked about": ("accounts", [trusts({"Federated": PROVIDER}, WEB)], True),
    "a service where accounts are asked about": ("accounts", [trusts({"Service": "glue.amazonaws.com"})], False),
    "an account that is not on the list": ("accounts", [trusts({"AWS": STRANGE})], False),
    "somebody of an account that is not": ("accounts", [trusts({"AWS": role("app", STRANGE)})], False),
    "a service of the list": ("services", [trusts({"Service": "ec2.amazonaws.com"})], True),
    "a provider where services are asked about": ("services", [trusts({"Federated": PROVIDER}, WEB)], True),
    "a service that is not on the list": ("services", [trusts({"Service": "glue.amazonaws.com"})], False),
    "an account where services are asked about": ("services", [trusts({"AWS": OWN})], False),
    "somebody where services are asked about": ("services", [trusts({"AWS": role("app")})], False),
    "the provider": ("provider", [trusts({"Federated": PROVIDER}, WEB)], True),
    "a service where providers are asked about": ("provider", [trusts({"Service": "ec2.amazonaws.com"})], True),
    "SAML": ("provider", [trusts({"Federated": SAML}, WITH_SAML)], False),
    "a public provider": ("provider", [trusts({"Federated": "graph.facebook.com"}, WEB)], False),
    "all providers but one": (
        "provider",
        [
            trusts({"Federated": "*"}, WEB),
            {"Effect": "Deny", "Principal": {"Federated": ELSEWHERE}, "Action": WEB},
        ],
        False,
    ),
}


def doc(statements: list[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}


@pytest.mark.parametrize("name", CASES)
def test_as_aws_documents(name: str) -> None:
    reference, candidate, expected = CASES[name]

    found = api.no_new_access([doc(candidate)], doc(REFERENCES[reference]))

    assert (expected, "") == (found.included, found.reason)
    assert (found.witness is None) is expected
