"""Answers that are shared, and questions that are not put, against every question put afresh to whole policies."""

import random
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import pytest

from observant.analysis.iam.access import NO, Access, Can
from observant.analysis.iam.administrator import administrator
from observant.analysis.iam.context import Special, Value
from observant.analysis.iam.document import Policy, policy
from observant.analysis.iam.escalation import escalation
from observant.analysis.iam.estate import Estate, Held
from observant.analysis.iam.exposure import exposure
from observant.analysis.iam.layers import policies
from observant.analysis.iam.leftover import may
from observant.analysis.iam.mfa import ENROLMENT, WITHOUT_MFA, mfa_enforced
from observant.analysis.iam.principal import principal
from observant.analysis.iam.refine import refine
from observant.analysis.iam.sensitive import CREDENTIALS, DATA, routine
from observant.analysis.iam.statements import names_action, targets
from observant.analysis.iam.weigh import Question, weigh
from observant.analysis.kleene import Kleene, both

ACCOUNT = "111122223333"
ARN = f"arn:aws:iam::{ACCOUNT}:"
USERS = [f"{ARN}user/{name}" for name in ("ann", "bob", "team/dee")]
ROLES = [f"{ARN}role/{name}" for name in ("ops-a", "app-a", "app-b", "svc/app-c")]
GROUPS = [f"{ARN}group/g", f"{ARN}group/h"]


class Plain(Access):
    """Asks everything, of everybody, of whole policies."""

    bits = routine().every  # type: ignore[assignment]
    unlimited = False  # type: ignore[assignment]

    def may(self, action: str) -> bool:
        return True

    def allowing(self, action: str) -> Any:
        for document in self.policies.identity:  # type: ignore[union-attr]
            yield from (each for each in document.statements if each.allows and names_action(each, action.lower()))

    def pinned(self, known: Mapping[str, Value | Special]) -> Access:
        return Plain(self.who, self.policies, context=self.context.with_values(known))

    def _can(self, action: str, resource: str | None, known: Mapping[str, Any], policy: Policy | None) -> Can:
        held = type(self.policies)(
            self.policies.identity, self.policies.boundary, None, self.policies.scps, None, policy
        )
        context, answers = self.context.with_values(known), []
        for asked in targets(action, resource, ACCOUNT):
            one = Question(self.who, asked, held, ACCOUNT)
            verdict = weigh(one, context)
            answer: Kleene = verdict.answer
            if answer is None and not verdict.unread:
                answer = refine(one, context, verdict).answer
            answers.append(answer)
        return Can(both(answers)) if False not in answers else NO


class Everybody:
    def __init__(self, listed: list[str]) -> None:
        self._listed = listed

    def __contains__(self, arn: str) -> bool:
        return True

    def everybody(self) -> list[str]:
        return self._listed


class PlainEstate(Estate):
    """Leaves nobody out."""

    @cached_property
    def examples(self) -> dict[str, list[str]]:
        return {"user": self.of_kind("user"), "role": self.of_kind("role")}

    def reach(self, access: Access, action: str, kind: str) -> Any:
        return Everybody(self.of_kind(kind))

    def naming(self, arn: str) -> list[str]:
        return self.of_kind("role")


# -- estates that nobody would build

ACTIONS = [
    "*", "iam:*", "iam:Put*", "iam:Attach*Policy", "iam:PassRole", "iam:CreateAccessKey", "iam:UpdateAssumeRolePolicy",
    "iam:CreatePolicyVersion", "iam:AddUserToGroup", "iam:UpdateLoginProfile", "iam:PutUserPolicy", "sts:AssumeRole",
    "lambda:*", "lambda:CreateFunction", "lambda:InvokeFunction", "ec2:RunInstances", "s3:GetObject", "s3:*",
    "secretsmanager:GetSecretValue", "kms:Decrypt", "ssm:Get*", "glue:CreateJob", "glue:StartJobRun", "foo:Bar",
]  # fmt: skip
RESOURCES = [
    "*", "*", "*", f"{ARN}*", f"{ARN}role/ops-*", f"{ARN}role/*", f"{ARN}user/${{aws:username}}", f"{ARN}user/*",
    "arn:aws:iam", ROLES[0], USERS[1], "arn:aws:s3:::bucket/*", "arn:aws:secretsmanager:*:*:secret:x*", f"{ARN}group/g",
    "arn:aws:lambda:eu-west-1:*:function:f*", "arn:aws:iam::*:role/*-a", f"{ARN}policy/*",
]  # fmt: skip
CONDITIONS: list[Any] = [
    None,
    None,
    None,
    None,
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    {"StringEquals": {"iam:PassedToService": ["lambda.amazonaws.com", "glue.amazonaws.com"]}},
    {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}},
    {"ArnLike": {"aws:PrincipalArn": f"{ARN}*/ops-*"}},
    {"StringEquals": {"aws:username": ["ann", "bob"]}},
    {"ArnNotEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}},
]


def statement(dice: random.Random, denying: float) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": "Deny" if dice.random() < denying else "Allow"}
    made["NotAction" if dice.random() < 0.1 else "Action"] = dice.sample(ACTIONS, dice.randint(1, 4))
    made["NotResource" if dice.random() < 0.1 else "Resource"] = dice.sample(RESOURCES, dice.randint(1, 2))
    condition = dice.choice(CONDITIONS)
    return made | ({"Condition": condition} if condition else {})


def document(dice: random.Random, denying: float = 0.12) -> Policy:
    listed = [statement(dice, denying) for _ in range(dice.randint(1, 3))]
    return policy({"Version": "2012-10-17", "Statement": listed}, f"document {dice.randint(0, 999)}")


def trust(dice: random.Random) -> Policy:
    principals = [{"AWS": ACCOUNT}, {"AWS": "*"}, {"AWS": dice.choice(USERS)}, {"AWS": dice.choice(ROLES)}]
    principals += [{"Service": "lambda.amazonaws.com"}, {"Service": ["glue.amazonaws.com", "ec2.amazonaws.com"]}]
    made = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": dice.choice(principals)}
    condition = dice.choice([None, None, {"StringEquals": {"aws:PrincipalOrgID": "o-x"}}])
    return policy({"Statement": [made | ({"Condition": condition} if condition else {})]}, "trust policy")


def estate(seed: int) -> tuple[Estate, PlainEstate]:
    dice = random.Random(seed)
    everything = policy({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, "SCP everything")
    levels = dice.choice([None, None, [[everything]], [[everything, document(dice, 0.9)], [everything]]])
    pool = [document(dice) for _ in range(5)]
    fast: dict[str, Held] = {}
    slow: dict[str, Held] = {}
    for arn in USERS + ROLES:
        own = dice.sample(pool, dice.randint(0, 2)) + [document(dice, 0.0)] * (dice.random() < 0.5)
        boundary = document(dice) if dice.random() < 0.2 else None
        held = policies(own, boundary=boundary, scps=levels)
        more: dict[str, Any] = {
            "groups": tuple(dice.sample(GROUPS, 1)) if arn in USERS else (),
            "policies": tuple(dice.sample([f"{ARN}policy/p", f"{ARN}policy/q"], 1)),
            "boundary": f"{ARN}policy/limit" if boundary else "",
            "trust": trust(dice) if arn in ROLES else None,
        }
        fast[arn] = Held(Access(principal(arn), held), **more)
        slow[arn] = Held(Plain(principal(arn), held), **more)
    holders = {arn: found for arn, each in slow.items() if (found := administrator(each).answer) is not False}
    return Estate(fast, GROUPS, holders | {GROUPS[0]: True}), PlainEstate(slow, GROUPS, holders | {GROUPS[0]: True})


@pytest.mark.parametrize("seed", range(10))
def test_the_short_ways_lead_to_the_same_answers(seed: int) -> None:
    fast, slow = estate(seed)

    for arn in USERS + ROLES:
        own, plain = fast.held[arn], slow.held[arn]
        assert administrator(plain).answer == administrator(own).answer, arn
        expected = {each.id: each.certain for each in escalation(plain, slow).routes}
        assert expected == {each.id: each.certain for each in escalation(own, fast).routes}, arn
        found = escalation(own, fast, every=False)
        assert set(expected.items()) >= {(each.id, each.certain) for each in found.routes}
        assert escalation(plain, slow).answer == found.answer
        assert exposed(plain.access) == {(each.action, each.certain) for each in exposure(own.access)}, arn
        for kind, each in mfa_enforced(own.access).kinds.items():
            pinned = plain.access.pinned(WITHOUT_MFA[kind])
            tried = set(ASKED) - ENROLMENT if each.enforced else {each.left[0].lower()}
            assert {not each.enforced} == {may(pinned, action) for action in tried}, (arn, kind)


def exposed(access: Access) -> set[tuple[str, bool]]:
    """Granted on everything, if need be under some condition: tried on resources that nobody has named."""
    found = set()
    for action in CREDENTIALS | DATA:
        whole = access.can(action).answer
        tried = [access.can(action, each).answer for each in unnamed(action)] if whole is None else []
        if whole is not False and (not tried or any(each is not False for each in tried)):
            found.add((action, whole is True))
    return found


def unnamed(action: str) -> list[str]:
    fixed = {"${Partition}": "aws", "${Account}": ACCOUNT}
    templates = [template for each in targets(action, None, ACCOUNT) for template in each.templates]
    return [re.sub(r"\$\{\w+\}", lambda found: fixed.get(found[0], "zz"), each) for each in templates]


ASKED = [each.lower() for each in ACTIONS if "*" not in each]
ASKED += [
    "iam:putrolepolicy",
    "iam:attachuserpolicy",
    "lambda:updatefunctioncode",
    "ec2:startinstances",
    "s3:putobject",
]
ASKED += ["ssm:getparameter", "zz:zz", "iam:getgroup", "iam:deleteuser", "glue:getjob"]


def test_a_statement_about_oneself_is_not_shared() -> None:
    own = policy(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Action": "iam:PutUserPolicy",
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:username": "ann"}},
            },
        }
    )

    answers = [Access(principal(arn), policies([own])).can("iam:PutUserPolicy", arn).answer for arn in USERS[:2]]

    assert [True, False] == answers


def test_an_answer_names_the_statements_of_who_asks() -> None:
    same = {"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}

    found = [
        Access(principal(USERS[0]), policies([policy(same, name)])).can("s3:GetObject").because for name in ("p", "q")
    ]

    assert [("p, statement 1",), ("q, statement 1",)] == found
