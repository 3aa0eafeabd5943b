"""The written statement beside the attached policies."""

import json
from typing import Any

import pytest

from observant.analysis.aws.bound import Bound
from observant.analysis.aws.facts import Facts
from observant.analysis.aws.written import compare
from observant.model.access_statement import access_statement
from observant.model.time import BEGINNING, FOREVER

READER = "arn:aws:iam::111122223333:role/developer-reader"


def facts(action: Any, resource: Any = "*", **condition: Any) -> Facts:
    one = {"Effect": "Allow", "Action": action, "Resource": resource} | ({"Condition": condition} if condition else {})
    text = json.dumps({"Version": "2012-10-17", "Statement": [one]})
    return Facts(
        scope="aws:111122223333",
        arn=READER,
        kind="role",
        label="developer-reader",
        valid_from=BEGINNING,
        valid_to=FOREVER,
        earliest=BEGINNING,
        record=1,
        documents=(("policy p", text),),
        boundary=None,
        boundary_arn="",
        groups=(),
        customer_policies=(),
        trust=None,
        bound=Bound(),
    )


def compared(held: Facts, *sentences: str) -> tuple[bool | None, bool | None, str]:
    found = compare(held, tuple(map(access_statement, sentences)), {})
    return found.beyond, found.unused, found.beyond_because


def test_granted_beyond_what_is_written_names_a_request() -> None:
    may = "arn:aws:iam::*:role/developer-* may s3:Get*, logs:* on arn:aws:s3:::prod-*, arn:aws:logs:*"

    beyond, unused, because = compared(facts(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::prod-data/*"), may)

    assert (True, True) == (beyond, unused)
    assert "s3:PutObject on arn:aws:s3:::prod-data/" in because


def test_exactly_what_is_written() -> None:
    may = "arn:aws:iam::*:role/developer-* may s3:Get* on arn:aws:s3:::prod-*"

    assert (False, False) == compared(facts("s3:Get*", "arn:aws:s3:::prod-*"), may)[:2]
    assert (False, True) == compared(facts("s3:GetObject", "arn:aws:s3:::prod-*"), may)[:2]


def test_sentences_add_up_and_only_takes_away() -> None:
    may = "arn:aws:iam::*:role/developer-* may s3:*"
    iam = "arn:aws:iam::*:role/* may iam:*"
    only = "only arn:aws:iam::*:role/platform-* may iam:Create*"

    assert compared(facts(["s3:GetObject", "iam:CreateUser"]), may, iam)[0] is False
    assert compared(facts(["s3:GetObject", "iam:CreateUser"]), may, iam, only)[0] is True
    assert compared(facts(["s3:GetObject", "iam:GetUser"]), may, iam, only)[0] is False


def test_an_action_on_what_it_cannot_have_is_no_excess() -> None:
    only = "only arn:aws:iam::*:role/platform-* may iam:CreateUser"

    assert compared(facts("*", "arn:aws:s3:::data/*"), only)[0] is False
    assert compared(facts("*"), only)[0] is True


def test_a_policy_that_was_not_collected_is_unknown() -> None:
    sentence = access_statement("arn:aws:iam::*:role/* may policy arn:aws:iam::aws:policy/ReadOnlyAccess")

    found = compare(facts("s3:GetObject"), (sentence,), {sentence.policy: None})

    assert found.beyond is None
    assert "was not collected" in found.beyond_because


@pytest.mark.parametrize(
    "written",
    ["developers may s3:*", "arn:aws:iam::*:role/x can s3:*", "arn:a may s3", "arn:a may policy x", "whatever"],
)
def test_a_sentence_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"is not|is followed"):
        access_statement(written)
