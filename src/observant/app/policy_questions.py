"""`observant explain | who-can`: one question to the collected policies, answered layer by layer."""

from collections.abc import Mapping
from datetime import datetime

import duckdb
import msgspec

from observant.analysis.aws.facts import Facts
from observant.analysis.aws.timeline import timeline
from observant.analysis.iam.canary import check_canaries
from observant.analysis.iam.context import Context
from observant.analysis.iam.decision import Answer, Decision
from observant.analysis.iam.document import Policy, policy
from observant.analysis.iam.evaluate import decide, questions
from observant.analysis.iam.layers import UNREAD, Levels, Unread
from observant.app.evaluate import open_inventory
from observant.app.opening import open_log
from observant.app.workspace import Workspace
from observant.errors import UsageError
from observant.model.time import FOREVER, Clock
from observant.period.evaluate import naive, utc

_OWN_POLICIES = frozenset(
    {
        "backup", "ecr", "elasticfilesystem", "es", "events", "glacier", "glue", "kms", "lambda", "logs", "mediastore",
        "s3", "secretsmanager", "ses", "sns", "sqs", "dynamodb", "kinesis", "codeartifact", "acm-pca",
    }
)  # fmt: skip
"""Services whose resources may have policies of their own, of which few are collected."""


class Asked(msgspec.Struct, frozen=True):
    """What is known of the request: keys with values, and the policies that a session was begun with."""

    known: Mapping[str, str] = {}
    session: tuple[Policy, ...] | None = None


class Explained(msgspec.Struct, frozen=True):
    """The answer of `observant explain`."""

    principal: str
    scope: str
    action: str
    resource: str | None
    since: datetime
    """From when on it has been so; not before the first snapshot."""
    until: datetime | None
    record: int
    decision: Decision


class Holder(msgspec.Struct, frozen=True):
    """One principal that may, or might, do it."""

    principal: str
    scope: str
    answer: Answer
    so_far: Answer
    by: str
    conditional_on: tuple[str, ...]
    unread: tuple[str, ...]


class Holders(msgspec.Struct, frozen=True):
    """The answer of `observant who-can`."""

    action: str
    resource: str | None
    holders: list[Holder]
    asked: int
    """How many users and roles were asked about."""


def explain(
    workspace: Workspace,
    clock: Clock,
    principal: str,
    action: str,
    resource: str | None,
    asked: "Asked",
    at: datetime | None,
) -> Explained:
    """Why a user or role may do something or not. Raises UsageError for a principal nobody has collected."""
    world = _world(workspace, clock, at)
    facts = chosen(principal, world.everybody)
    decision = _decided(facts, world, action, resource, asked)
    return Explained(
        principal=facts.arn,
        scope=facts.scope,
        action=action,
        resource=resource,
        since=utc(facts.valid_from),
        until=None if utc(facts.valid_to) >= FOREVER else utc(facts.valid_to),
        record=facts.record,
        decision=decision,
    )


def who_can(
    workspace: Workspace, clock: Clock, action: str, resource: str | None, asked: "Asked", at: datetime | None
) -> Holders:
    """Everybody who may do something, or of whom nobody can say that they may not."""
    world = _world(workspace, clock, at)
    found: list[Holder] = []
    for facts in world.everybody:
        one = _decided(facts, world, action, resource, asked)
        if one.answer is not Answer.DENIED:
            found.append(Holder(facts.arn, facts.scope, one.answer, one.so_far, one.by, one.conditional_on, one.unread))
    return Holders(
        action, resource, sorted(found, key=lambda each: (each.answer, each.principal)), len(world.everybody)
    )


def _world(workspace: Workspace, clock: Clock, at: datetime | None) -> "World":
    check_canaries()
    moment = naive(at or clock())
    with open_inventory(workspace, open_log(workspace, clock)) as inventory:
        everybody = [
            facts
            for facts in timeline(inventory.connection)
            if facts.kind != "group" and facts.valid_from <= moment < facts.valid_to
        ]
        return World(everybody, _buckets(inventory.connection, moment))


def chosen(principal: str, everybody: list[Facts]) -> Facts:
    """The one that is meant by an ARN or a name. Raises UsageError where that is none or several."""
    found = [each for each in everybody if principal in (each.arn, each.label)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"{principal!r} is the name of {len(found)} principals",
            f"name one: {', '.join(each.arn for each in found)}",
        )
    raise UsageError(
        f"no user or role {principal!r} was there at that moment",
        "give its ARN; `observant status` shows what was read",
    )


class World:
    """Everybody and every resource policy at one moment."""

    def __init__(self, everybody: list[Facts], buckets: Mapping[str, tuple[str, str | None]]) -> None:
        self.everybody = everybody
        self._buckets = buckets
        """Name of a bucket -> the account that it is in, and its policy."""

    def policy_of(self, action: str, resource: str | None) -> tuple[Policy | Unread | None, str]:
        """The policy of a resource, and its account; UNREAD where it may have one that was not collected."""
        service = action.partition(":")[0].lower()
        account = (resource or "").split(":")[4] if (resource or "").count(":") > 4 else ""
        if service == "sts" and resource is not None:
            role = next((each for each in self.everybody if each.arn == resource and each.trust is not None), None)
            return (UNREAD if role is None else role.held().trust), account
        bucket = (resource or "").partition(":::")[2].partition("/")[0]
        if service == "s3" and bucket in self._buckets:
            account, text = self._buckets[bucket]
            if text is not None:
                return (policy(text, f"policy of bucket {bucket}") if text else None), account
        return (UNREAD if service in _OWN_POLICIES | {"sts"} else None), account

    def limits_of(self, account: str) -> Levels | Unread | None:
        """Resource control policies of an account, where anybody of it was collected."""
        other = next((each for each in self.everybody if each.account == account), None)
        return UNREAD if other is None else other.held().access.policies.rcps


def _decided(facts: Facts, world: World, action: str, resource: str | None, asked: Asked) -> Decision:
    if ":" not in action:
        raise UsageError(f"{action!r} is not an action", "write it with its service, such as s3:GetObject")
    access = facts.held().access
    held = access.policies
    own, account = world.policy_of(action, resource)
    policies = msgspec.structs.replace(held, resource=own, session=asked.session)
    if account not in ("", facts.account):
        policies = msgspec.structs.replace(policies, rcps=world.limits_of(account))
    put = questions(
        access.who,
        action,
        resource,
        policies,
        resource_account=account,
        management_account=facts.bound.management,
    )
    own_organization = facts.bound.organization
    known: dict[str, str] = {"aws:PrincipalOrgID": own_organization} if own_organization else {}
    if own_organization and account in ("", facts.account):
        known["aws:ResourceOrgID"] = own_organization
    return decide(put, Context({**known, **asked.known}))


def _buckets(connection: duckdb.DuckDBPyConnection, moment: datetime) -> dict[str, tuple[str, str | None]]:
    rows = connection.execute(
        "SELECT name, scope, policy FROM aws_trail_bucket WHERE owned AND valid_from <= ? AND ? < valid_to",
        [moment, moment],
    ).fetchall()
    return {name: (scope.partition(":")[2], text) for name, scope, text in rows if name}
