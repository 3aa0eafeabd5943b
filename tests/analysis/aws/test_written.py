"""The written statement beside the attached policies."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from observant.analysis.aws.bound import Bound
from observant.analysis.aws.facts import Facts
from observant.analysis.aws.written import compare
from observant.model.access_statement import access_statement
from observant.model.time import BEGINNING, FOREVER

TRUST = json.dumps({"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}})
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


OUTSIDE = "arn:aws:iam::*:role/developer-* may s3:Get*"


def test_an_excess_hides_behind_nothing_that_aws_has_no_use_for() -> None:
    iam = [f"arn:aws:iam::111122223333:user/{name}" for name in ("x", "y")]
    # Everything but s3:Get* is one class of actions; that the first of them has no use for a user means nothing.
    assert compared(facts("*", iam[0]), OUTSIDE)[0] is True
    useless = [f"ec2:{verb}Instances" for verb in ("Stop", "Start", "Run", "Reboot", "Terminate", "Monitor")]
    useless += [
        f"sqs:{verb}" for verb in ("SendMessage", "DeleteMessage", "PurgeQueue", "DeleteQueue", "AddPermission")
    ]
    useless += [f"sns:{verb}" for verb in ("Publish", "Subscribe", "DeleteTopic", "AddPermission")]
    assert compared(facts(useless, iam), OUTSIDE)[0] is False
    assert compared(facts([*useless, "iam:DeleteUser"], iam), OUTSIDE)[0] is True
    assert compared(facts("iam:DeleteUser", ["arn:aws:s3:::data/*", *iam]), OUTSIDE)[0] is True
    assert compared(facts("iam:DeleteUser", [*iam, "arn:aws:s3:::data/*"]), OUTSIDE)[0] is True
    assert compared(facts("newservice:*", iam), OUTSIDE)[0] is True  # nobody knows what it has a use for


def test_a_resource_is_in_use_by_the_pattern_that_means_it() -> None:
    user, data = "arn:aws:iam::111122223333:user/x", "arn:aws:s3:::data/*"
    may = f"arn:aws:iam::*:role/developer-* may s3:*, iam:* on {user}, {data}"

    # iam:* on objects is written nowhere, and grants nothing.
    assert compared(facts(["iam:*", "s3:*"], [user, data]), may)[0] is False
    narrower = f"arn:aws:iam::*:role/developer-* may iam:* on {user}"
    assert compared(facts(["iam:*"], [user, data]), narrower)[0] is False
    assert compared(facts(["iam:*", "s3:*"], [user, data]), narrower)[0] is True


def test_a_promise_that_nobody_could_use_is_kept() -> None:
    may = "arn:aws:iam::*:role/developer-* may s3:Get*, logs:Get* on arn:aws:s3:::prod/*, arn:aws:logs:*"
    one = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::prod/*"}
    other = {"Effect": "Allow", "Action": "logs:Get*", "Resource": "arn:aws:logs:*"}

    def unused(*statements: dict[str, str]) -> bool | None:
        text = json.dumps({"Version": "2012-10-17", "Statement": statements})
        return compared(replace(facts("s3:GetObject"), documents=(("policy p", text),)), may)[1]

    assert unused(one, other) is False
    assert unused(one) is True


def test_what_is_known_of_the_principal_decides() -> None:
    red = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    tagged, blue, unread = (
        replace(facts("s3:PutObject", **red), tags=tags, trust=TRUST) for tags in ((("team", "red"),), (), None)
    )

    assert compared(tagged, OUTSIDE)[0] is True
    assert compared(blue, OUTSIDE)[0] is False
    assert compared(unread, OUTSIDE)[0] is True  # a tag that it may have
    own = "arn:aws:s3:::${aws:PrincipalTag/team}/*"
    may = "arn:aws:iam::*:role/developer-* may s3:Get* on arn:aws:s3:::red/*"
    assert compared(replace(facts("s3:GetObject", own), tags=(("team", "red"),), trust=TRUST), may)[0] is False
    assert compared(replace(facts("s3:GetObject", own), tags=(("team", "blue"),), trust=TRUST), may)[0] is True
    assert compared(replace(facts("s3:GetObject", own), tags=(), trust=TRUST), may)[0] is False
    # Whoever may bring tags to a session chooses them.
    brings = replace(facts("s3:PutObject", **red), tags=(), trust=TRUST.replace("sts:AssumeRole", "sts:*"))
    assert compared(brings, OUTSIDE)[0] is True


def test_a_policy_attached_at_several_levels_is_one() -> None:
    """Told apart by its copies, no action of the catalogue would be like the one that is asked for."""
    everything = json.dumps({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    levels = ((("FullAWSAccess", everything),),) * 3
    bucket = replace(facts("*", "arn:aws:s3:::data/*"), bound=Bound(levels=levels))

    assert compared(bucket, "only arn:aws:iam::*:role/platform-* may iam:CreateUser")[0] is False
    assert (
        compared(
            replace(bucket, documents=facts("iam:*").documents),
            "only arn:aws:iam::*:role/platform-* may iam:CreateUser",
        )[0]
        is True
    )
