"""Documents that look harmless and are not, and the other way round."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observant.analysis.documents import access


def policy(*statements: Any, single: bool = False) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements[0] if single else list(statements)})


def allow(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


UNRESTRICTED = {
    "the plain one": policy(allow()),
    "one statement object instead of a list": policy(allow(), single=True),
    "service wildcard": policy(allow("*:*")),
    "more stars": policy(allow("**")),
    "at least one character": policy(allow("?*:*")),
    "the star among other actions": policy(allow(["s3:GetObject", "*"])),
    "the star among other resources": policy(allow("*", ["arn:aws:s3:::x", "*"])),
    "an ARN of wildcards": policy(allow("*", "arn:aws:*")),
    "an ARN of six wildcards": policy(allow("*", "arn:*:*:*:*:*")),
    "everything but one action that does not matter": policy(
        {"Effect": "Allow", "NotAction": "aws-portal:ViewBilling", "Resource": "*"}
    ),
    "everything but one IAM action": policy({"Effect": "Allow", "NotAction": ["iam:DeleteUser"], "Resource": "*"}),
    "everything but IAM, and IAM": policy(
        {"Effect": "Allow", "NotAction": "IAM:*", "Resource": "*"}, allow("iam:*", ["*"])
    ),
    "everything but one bucket": policy({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::x"}),
    "only under a condition": policy(allow(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})),
    "a denial of something": policy(allow(), {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}),
    "a denial under a condition": policy(
        allow(), {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"x": "y"}}}
    ),
}

RESTRICTED = {
    "one service": policy(allow("s3:*")),
    "all reads of one service": policy(allow("ec2:Describe*")),
    "everything on one bucket": policy(allow("*", "arn:aws:s3:::x/*")),
    "everything on one account's IAM": policy(allow("*", "arn:aws:iam::123456789012:*")),
    "everything denied": policy(allow(), {"Effect": "Deny", "Action": "*", "Resource": "*"}),
    "only a denial": policy({"Effect": "Deny", "Action": "*", "Resource": "*"}),
    "everything but IAM": policy({"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}),
    "everything but everything": policy({"Effect": "Allow", "NotAction": "*", "Resource": "*"}),
    "on nothing": policy({"Effect": "Allow", "Action": "*", "NotResource": "*"}),
    "IAM and S3 without the rest": policy(allow(["iam:*", "s3:*"])),
    "no statement": policy(),
}

UNREADABLE = {
    "not collected": None,
    "not JSON": "{",
    "a list": "[]",
    "no statement element": "{}",
    "a statement that is text": '{"Statement": "Allow"}',
    "statements that are texts": '{"Statement": ["Allow"]}',
}


@pytest.mark.parametrize("name", UNRESTRICTED)
def test_unrestricted(name: str) -> None:
    answer = access(UNRESTRICTED[name])

    assert answer.unrestricted is True, answer
    assert "statement 1" in answer.because


@pytest.mark.parametrize("name", RESTRICTED)
def test_restricted(name: str) -> None:
    assert access(RESTRICTED[name]).unrestricted is False


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable_is_unknown(name: str) -> None:
    answer = access(UNREADABLE[name])

    assert answer.unrestricted is None
    assert answer.because


def test_the_answer_names_the_statement_and_its_condition() -> None:
    document = policy(allow("s3:*"), allow(Sid="Emergency", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))

    assert (
        "statement 2 (Emergency) allows every action on every resource, under a condition on aws:SourceIp"
        == access(document).because
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: (
            st.lists(x)
            | st.dictionaries(
                st.sampled_from(["Statement", "Effect", "Action", "Resource", "NotAction", "Condition", "x"]), x
            )
        ),
    )
)
def test_no_document_crashes_it(document: Any) -> None:
    assert access(json.dumps(document)).because
