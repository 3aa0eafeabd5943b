"""Policies that look one way and are another."""

import time
from typing import Any

import pytest

from observant.analysis.iam import api
from observant.analysis.iam.conditions import operator_of

ACCOUNT = "111122223333"
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"
NO_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
ENROL = ["iam:EnableMFADevice", "iam:CreateVirtualMFADevice", "iam:ListMFADevices", "sts:GetSessionToken"]
PIPELINES = "token.actions.githubusercontent.com"


def doc(*statements: Any, version: str = "2012-10-17") -> dict[str, Any]:
    return {"Version": version, "Statement": list(statements)}


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(**more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Resource": "*", **more}


ADMINISTRATORS = {
    "two stars": (doc(allow("*:*")), "yes"),
    "more stars": (doc(allow("**")), "yes"),
    "an ARN of stars": (doc(allow("*", "arn:*")), "yes"),
    "all of IAM by ARN": (doc(allow("iam:*", "arn:aws:iam::*:*")), "yes"),
    "all but one bucket": (doc({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::x"}), "yes"),
    "a wildcard for one letter": (doc(allow("iam:CreatePolicyVersio?")), "yes"),
    "all but an action that does not exist": (doc({"Effect": "Allow", "NotAction": "iam:No", "Resource": "*"}), "yes"),
    "a condition everybody meets": (
        doc(allow("iam:CreatePolicyVersion", Condition={"StringLike": {"aws:PrincipalArn": "*"}})),
        "yes",
    ),
    "a moment that is past": (
        doc(allow("iam:PutUserPolicy", Condition={"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}})),
        "yes",
    ),
    "a denial of one role": (
        doc(allow("*"), {"Effect": "Deny", "Action": "iam:*", "Resource": f"arn:aws:iam::{ACCOUNT}:role/x"}),
        "yes",
    ),
    "everything with MFA": (doc(allow("*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})), "conditional"),
    "everything from one address": (
        doc(allow("*", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})),
        "conditional",
    ),
    "everything for somebody else": (doc(allow("*", Condition={"StringEquals": {"aws:username": "eve"}})), "no"),
    "a denial without MFA": (doc(allow("*"), deny(Action="*", Condition=NO_MFA)), "conditional"),
    "a denial of all but reading IAM": (doc(allow("*"), deny(NotAction="iam:Get*")), "no"),
    "everything but IAM": (doc({"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}), "no"),
    "a new role with every right": (doc(allow(["iam:CreateRole", "iam:AttachRolePolicy"])), "yes"),
    "only a harmless policy may be attached": (
        doc(
            allow(
                "iam:AttachUserPolicy",
                Condition={"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}},
            )
        ),
        "no",
    ),
    "its own access keys": (doc(allow("iam:*AccessKey*", f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}")), "no"),
    "itself by a variable": (doc(allow("iam:PutUserPolicy", f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}")), "yes"),
    "a variable that is none": (
        doc(allow("iam:PutUserPolicy", f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}"), version="2008-10-17"),
        "no",
    ),
    "a space before the action": (doc(allow(" iam:*")), "no"),
}


@pytest.mark.parametrize("name", ADMINISTRATORS)
def test_administrators(name: str) -> None:
    document, expected = ADMINISTRATORS[name]

    assert expected == api.admin_equivalent(BOB, [document]).word


def test_a_boundary_that_cannot_be_removed_makes_no_administrator() -> None:
    boundary = doc(allow(["s3:*", "iam:PutUserPolicy"]))

    assert api.admin_equivalent(BOB, [doc(allow("*"))], boundary=boundary).word == "no"
    assert api.admin_equivalent(BOB, [doc(allow("*"))], boundary=doc(allow("iam:*"))).word == "yes"


ESCALATIONS = {
    "the role goes to another service": (
        doc(
            allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}),
            allow("ec2:RunInstances"),
        ),
        "no",
    ),
    "an instance without an image": (
        doc(allow("iam:PassRole"), allow("ec2:RunInstances", "arn:aws:ec2:*:*:instance/*")),
        "no",
    ),
    "commands on instances": (doc(allow("ssm:SendCommand")), "conditional"),
    "keys of others": (doc(allow("iam:CreateAccessKey")), "conditional"),
    "keys of its own": (doc(allow("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}")), "no"),
    "two halves in two policies": (doc(allow("iam:PassRole"), allow("cloudformation:CreateStack")), "conditional"),
}


@pytest.mark.parametrize("name", ESCALATIONS)
def test_escalation(name: str) -> None:
    document, expected = ESCALATIONS[name]
    halves = [doc(each) for each in document["Statement"]]

    assert expected == api.privilege_escalation(BOB, [document]).word
    assert expected == api.privilege_escalation(BOB, halves).word


def guard(operator: str = "BoolIfExists", spared: list[str] = ENROL) -> dict[str, Any]:
    return deny(NotAction=spared, Condition={operator: {"aws:MultiFactorAuthPresent": "false"}})


MFA = {
    "the guard does not see keys": (doc(allow("*"), guard("Bool")), "partial"),
    "the guard can be lifted": (doc(allow("*"), guard(spared=["iam:*", "sts:*"])), "partial"),
    "the device can be replaced": (doc(allow("*"), guard(spared=[*ENROL, "iam:DeactivateMFADevice"])), "partial"),
    "only one service is guarded": (doc(allow("*"), deny(Action="ec2:*", Condition=NO_MFA)), "no"),
    "allowed with MFA only": (doc(allow("*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})), "yes"),
    "allowed with MFA if there is any": (
        doc(allow("*", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}})),
        "partial",
    ),
    "by the age of MFA": (
        doc(allow("*"), deny(NotAction=ENROL, Condition={"Null": {"aws:MultiFactorAuthAge": "true"}})),
        "yes",
    ),
}


@pytest.mark.parametrize("name", MFA)
def test_mfa(name: str) -> None:
    document, expected = MFA[name]

    assert expected == api.mfa_enforcement(BOB, [document]).word


def test_mfa_by_the_organization() -> None:
    everything = doc(allow("*"))
    levels = [[everything, doc(guard())]]

    assert api.mfa_enforcement(BOB, [everything], scps=levels).word == "yes"
    assert api.mfa_enforcement(BOB, [everything], scps=levels, management_account=True).word == "no"
    assert api.mfa_enforcement(BOB, [everything], scps=api.UNREAD).word == "unknown"
    assert api.mfa_enforcement(BOB, [everything, doc(guard())], scps=api.UNREAD).word == "yes"


def trusting(principal: Any, action: str = "sts:AssumeRole", **condition: Any) -> dict[str, Any]:
    return doc({"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition})


def pipeline(**condition: Any) -> dict[str, Any]:
    provider = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{PIPELINES}"}
    return trusting(provider, "sts:AssumeRoleWithWebIdentity", **condition)


TRUST = {
    "the own organization": (trusting("*", StringEquals={"aws:PrincipalOrgID": "o-mine"}), "none"),
    "another organization": (trusting("*", StringEquals={"aws:PrincipalOrgID": "o-other"}), "external"),
    "any organization": (trusting("*", StringLike={"aws:PrincipalOrgID": "*"}), "public"),
    "the own one, if there is one": (trusting("*", StringEqualsIfExists={"aws:PrincipalOrgID": "o-mine"}), "public"),
    "every address": (trusting("*", IpAddress={"aws:SourceIp": "0.0.0.0/0"}), "public"),
    "some addresses": (trusting("*", IpAddress={"aws:SourceIp": "203.0.113.0/24"}), "external"),
    "all values of a key that may be missing": (
        trusting("*", **{"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-mine/*"}}),
        "public",
    ),
    "all values of a key that must be there": (
        trusting(
            "*",
            **{
                "ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-mine/*"},
                "Null": {"aws:PrincipalOrgPaths": "false"},
            },
        ),
        "none",
    ),
    "only an external id": (trusting({"AWS": "*"}, StringEquals={"sts:ExternalId": "x"}), "public"),
    "another account of the organization": (
        trusting({"AWS": "444455556666"}, StringEquals={"aws:PrincipalOrgID": "o-mine"}),
        "none",
    ),
    "somebody who was deleted": (trusting({"AWS": "AIDAXXXXXXXXXXXXXXXXX"}), "none"),
    "everybody but one": (
        doc({"Effect": "Allow", "NotPrincipal": {"AWS": BOB}, "Action": "sts:AssumeRole"}),
        "public",
    ),
    "a pipeline without a subject": (pipeline(StringEquals={f"{PIPELINES}:aud": "sts.amazonaws.com"}), "public"),
    "a pipeline of one owner": (pipeline(StringLike={f"{PIPELINES}:sub": "repo:acme/*"}), "external"),
    "a pipeline of owners that begin alike": (pipeline(StringLike={f"{PIPELINES}:sub": "repo:acme*"}), "public"),
}


@pytest.mark.parametrize("name", TRUST)
def test_trust(name: str) -> None:
    document, expected = TRUST[name]

    assert expected == api.role_trust(document, ACCOUNT, organization="o-mine").word


def test_a_star_at_the_end_of_a_segment_has_two_readings() -> None:
    resource = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:api"

    found = api.decision(
        BOB, "lambda:InvokeFunction", resource, identity=[doc(allow("lambda:*", "arn:aws:lambda:*:api"))]
    )

    assert found.answer == "conditional"


def test_what_two_statements_leave_open_may_be_closed_together() -> None:
    true = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    not_true = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}
    both = doc(allow("s3:GetObject", Condition=true), allow("s3:GetObject", Condition=not_true))

    assert api.decision(BOB, "s3:GetObject", "arn:aws:s3:::b/k", identity=[both]).answer == "allowed"


def test_a_resource_policy_that_names_the_user_escapes_the_boundary() -> None:
    queue = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"

    def sent(principal: str, who: str) -> str:
        policy = doc(
            {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sqs:SendMessage", "Resource": queue}
        )
        return api.decision(
            who, "sqs:SendMessage", queue, identity=[], boundary=doc(allow("s3:*")), resource_policy=policy
        ).answer.value

    session, role = f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s", f"arn:aws:iam::{ACCOUNT}:role/r"
    assert ["allowed", "denied", "denied", "allowed"] == [
        sent(BOB, BOB),
        sent(f"arn:aws:iam::{ACCOUNT}:root", BOB),
        sent(role, session),
        sent(session, session),
    ]


def test_keys_need_their_own_policy() -> None:
    key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k"
    policy = doc({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"})

    def decrypts(**more: Any) -> str:
        return api.decision(BOB, "kms:Decrypt", key, identity=[doc(allow("kms:*"))], **more).answer.value

    assert ["denied", "allowed", "unknown"] == [
        decrypts(),
        decrypts(resource_policy=policy),
        decrypts(resource_policy=api.UNREAD),
    ]


def test_a_damaged_policy_is_unknown_and_never_empty() -> None:
    for damaged in ("{", "[]", '{"Statement": [{"Effect": "Maybe", "Action": "*", "Resource": "*"}]}', "{}"):
        assert api.decision(BOB, "s3:GetObject", "arn:aws:s3:::b/k", identity=[damaged]).answer == "unknown"
        assert api.no_new_access([damaged], doc(allow("*"))).included is None


def test_every_documented_operator_is_known() -> None:
    from analysis.iam import literal

    names = [*literal.OPERATORS, *literal.NEGATED, "Null"]

    assert len(names) == 27
    assert all(operator_of(name).compares for name in names)
    assert not operator_of("StringAlmostEquals").compares


SECRET = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:app"
REGION = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
READS = "secretsmanager:GetSecretValue"
EXPOSURES = {
    "every secret": ([doc(allow(READS))], None, True),
    "every secret under a condition": ([doc(allow(READS, Condition=REGION))], None, True),
    "one secret under a condition": ([doc(allow(READS, SECRET, Condition=REGION))], None, False),
    "one secret, and a denial elsewhere": (
        [doc(allow(READS, SECRET), deny(NotAction="iam:*", Condition=NO_MFA))],
        None,
        False,
    ),
    "all secrets but one": ([doc(allow(READS), {"Effect": "Deny", "Action": READS, "Resource": SECRET})], None, True),
    "no secret but one": ([doc(allow(READS), {"Effect": "Deny", "Action": READS, "NotResource": SECRET})], None, False),
    "all secrets within a boundary of one": ([doc(allow(READS))], doc(allow(READS, SECRET)), False),
    "two halves of a condition": (
        [doc(allow(READS, Condition=REGION)), doc(allow(READS, Condition={"StringNotEquals": REGION["StringEquals"]}))],
        None,
        True,
    ),
}


@pytest.mark.parametrize("name", EXPOSURES)
def test_credentials_within_reach(name: str) -> None:
    documents, boundary, expected = EXPOSURES[name]

    found = api.exposed(BOB, documents, boundary=boundary)

    assert expected == bool(found)


HOSTILE = {
    "a thousand wildcards": allow("*?" * 500 + "a", "arn:aws:s3*:" + "*?" * 500 + "b"),
    "stars that run across colons": allow("s3:GetObject", "arn:aws:s3*:*" + "a*" * 400 + ":*:*b"),
    "a variable of spaces": allow("s3:GetObject", "arn:aws:s3:::${" + " " * 20_000 + "}"),
    "a number without end": allow("s3:GetObject", Condition={"NumericLessThan": {"x": "1e999999999"}}),
    "a moment after the last": allow("s3:GetObject", Condition={"DateLessThan": {"aws:CurrentTime": "9" * 30}}),
    "a moment before the first": allow(
        "s3:GetObject", Condition={"DateGreaterThan": {"aws:CurrentTime": "0001-01-01"}}
    ),
    "a thousand keys": allow(
        "s3:GetObject", Condition={"StringEquals": {f"aws:RequestTag/{n}": "x" for n in range(1000)}}
    ),
    "thousands of actions": allow([f"s3:Get{number}*" for number in range(5_000)]),
    "nothing at all": allow([], []),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_policies_are_answered(name: str) -> None:
    document = doc(HOSTILE[name])
    started = time.process_time()

    found = api.decision(BOB, "s3:GetObject", "arn:aws:s3:::" + "a" * 900, identity=[document])
    api.admin_equivalent(BOB, [document])
    api.mfa_enforcement(BOB, [document])
    api.no_new_access([document], doc(allow("s3:Get?bject", "arn:aws:s3:::x*")))

    assert found.answer in ("allowed", "denied", "conditional")
    assert time.process_time() - started < 4


def test_characters_of_our_own_mean_nothing_in_a_policy() -> None:
    everything = doc(allow("*"), {"Effect": "Deny", "Action": "\ue000", "Resource": "\ue000"})

    assert api.decision(BOB, "s3:GetObject", "arn:aws:s3:::b/k", identity=[everything]).answer == "allowed"
    assert api.decision(BOB, "s3:GetObject", "arn:aws:s3:::b/k", identity=[doc(allow("s3:\ue000"))]).answer == "denied"


@pytest.mark.parametrize("depth", [50, 100_000])
def test_a_deep_document_is_a_problem_and_no_crash(depth: int) -> None:
    assert api.decision(BOB, "s3:GetObject", identity=["[" * depth]).answer == "unknown"
    assert api.decision(BOB, "s3:GetObject", identity=['{"Statement":' * depth + "1" + "}" * depth]).answer == "unknown"
