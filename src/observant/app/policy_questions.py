"""`observant explain | who-can`: one question to the collected policies, answered layer by layer."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from observant.analysis.aws.facts import Facts
from observant.analysis.aws.timeline import timeline
from observant.analysis.iam.canary import check_canaries
from observant.analysis.iam.context import Context
from observant.analysis.iam.decision import Answer, Decision
from observant.analysis.iam.document import Policy
from observant.analysis.iam.evaluate import decide, questions
from observant.analysis.iam.layers import UNREAD, Unread
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
"""Services whose resources may have policies of their own, which are not collected."""


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
    known: Mapping[str, str],
    at: datetime | None,
) -> Explained:
    """Why a user or role may do something or not. Raises UsageError for a principal nobody has collected."""
    everybody = _everybody(workspace, clock, at)
    facts = chosen(principal, everybody)
    decision = _decided(facts, everybody, action, resource, known)
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
    workspace: Workspace, clock: Clock, action: str, resource: str | None, known: Mapping[str, str], at: datetime | None
) -> Holders:
    """Everybody who may do something, or of whom nobody can say that they may not."""
    everybody = _everybody(workspace, clock, at)
    found: list[Holder] = []
    for facts in everybody:
        one = _decided(facts, everybody, action, resource, known)
        if one.answer is not Answer.DENIED:
            found.append(Holder(facts.arn, facts.scope, one.answer, one.so_far, one.by, one.conditional_on, one.unread))
    return Holders(action, resource, sorted(found, key=lambda each: (each.answer, each.principal)), len(everybody))


def _everybody(workspace: Workspace, clock: Clock, at: datetime | None) -> list[Facts]:
    check_canaries()
    moment = naive(at or clock())
    with open_inventory(workspace, open_log(workspace, clock)) as inventory:
        return [
            facts
            for facts in timeline(inventory.connection)
            if facts.kind != "group" and facts.valid_from <= moment < facts.valid_to
        ]


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


def _decided(
    facts: Facts, everybody: list[Facts], action: str, resource: str | None, known: Mapping[str, str]
) -> Decision:
    if ":" not in action:
        raise UsageError(f"{action!r} is not an action", "write it with its service, such as s3:GetObject")
    held = facts.held().access.policies
    policies = msgspec.structs.replace(held, resource=_resource_policy(everybody, action, resource))
    asked = questions(facts.arn, action, resource, policies, management_account=facts.bound.management)
    return decide(asked, Context(dict(known)))


def _resource_policy(everybody: list[Facts], action: str, resource: str | None) -> Policy | Unread | None:
    """The trust policy of a role that was collected; of other resources none is collected."""
    service = action.partition(":")[0].lower()
    if service == "sts" and resource is not None:
        role = next((each for each in everybody if each.arn == resource and each.trust is not None), None)
        return UNREAD if role is None else role.held().trust
    return UNREAD if service in _OWN_POLICIES | {"sts"} else None
