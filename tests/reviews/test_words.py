"""Policies in words: nothing is hidden behind them, and what they leave out changes the digits at their end."""

import json
import re
from typing import Any

import pytest

from observant.reviews.words import policy_in_words, trust_in_words


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Statement": [{"Effect": "Allow", "Resource": "*", **one} for one in statements]})


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Action": "*"}, "p: everything"),
        ({"Action": ["s3:GetObject", "S3:PutObject"]}, "p: s3 (PutObject, GetObject)"),
        ({"Action": ["iam:*", "iam:GetUser"]}, "p: all of iam"),
        ({"Effect": "Deny", "Action": "ec2:*"}, "p: never all of ec2"),
        ({"NotAction": "iam:*"}, "p: everything but all of iam"),
        ({"Action": "s3:*", "Resource": "arn:aws:s3:::a"}, "p: all of s3 on arn:aws:s3:::a"),
    ],
)
def test_what_a_statement_says(statement: dict[str, Any], expected: str) -> None:
    assert expected == policy_in_words("p", policy(statement))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"Action": [f"ec2:A{n}" for n in range(9)]}, {"Action": [f"ec2:B{n}" for n in range(9)]}),
        ({"Condition": {"Bool": {"a": "true"}}}, {"Condition": {"Bool": {"a": "false"}}}),
        ({"Resource": ["a", "b", "c"]}, {"Resource": ["a", "b", "d"]}),
        ({"Resource": "*", "NotResource": ["a"]}, {"NotResource": ["b"]}),
    ],
)
def test_a_change_that_the_words_leave_out_is_still_a_change(before: dict[str, Any], after: dict[str, Any]) -> None:
    words = [policy_in_words("p", policy({"Action": "ec2:*", **one})) for one in (before, after)]

    assert all(re.search(r"\[[0-9a-f]{6}\]$", one) for one in words)
    assert words[0] != words[1]


@pytest.mark.parametrize("document", ["", "[]", "{", '{"Statement": 3}', "[" * 100_000, '{"Statement": [1]}'])
def test_a_document_that_is_none_is_told(document: str) -> None:
    assert "cannot be read" in policy_in_words("p", document)
    assert "cannot be read" in trust_in_words(document)[0]


def test_a_document_that_was_not_shown_claims_nothing() -> None:
    assert "p" == policy_in_words("p", None)
    assert ["who may assume it: not shown"] == trust_in_words(None)


def test_who_may_assume_a_role() -> None:
    trust = policy(
        {"Principal": {"AWS": ["arn:aws:iam::1:root"], "Service": "ec2.amazonaws.com"}},
        {"Principal": "*", "Condition": {"Bool": {"a": "true"}}},
        {"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::2:root"}},
    )

    everybody, account, service = trust_in_words(trust)
    assert everybody.startswith("may be assumed by arn:aws:iam::1:root")
    assert account.startswith("may be assumed by everybody under conditions [")
    assert "may be assumed by service ec2.amazonaws.com" == service
