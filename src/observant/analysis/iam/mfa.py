"""Does a user need MFA for anything but enrolling it?

Asked for each kind of credential, with the keys that a request has when MFA was not used:

- a console sign-in without MFA carries `aws:MultiFactorAuthPresent` = false
- a request signed with an access key carries none of the MFA keys at all, so `Bool` without IfExists does not see it

If nothing beyond self-enrolment is allowed then, MFA is enforced for that kind. What is still allowed is either what a
guard (a Deny of everything but some actions) leaves out, or there is no guard at all. Where the guard leaves out a way
to lift it, it can be removed without MFA.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_iam_mfa-selfmanage.html
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain

import msgspec

from observant.analysis.iam.access import Access
from observant.analysis.iam.arn import is_every_resource
from observant.analysis.iam.catalogue import catalogue
from observant.analysis.iam.context import ABSENT, Special, Value
from observant.analysis.iam.document import ByIdentity, Policy, Statement
from observant.analysis.iam.glob import is_literal, is_star
from observant.analysis.iam.layers import Policies, Unread
from observant.analysis.iam.statements import conditions_hold, names_action, targets
from observant.analysis.iam.weigh import Question

_DIRECT: dict[str, Value | Special] = {"aws:ViaAWSService": "false", "aws:MultiFactorAuthAge": ABSENT}

WITHOUT_MFA: dict[str, dict[str, Value | Special]] = {
    "console": {**_DIRECT, "aws:MultiFactorAuthPresent": "false"},
    "access key": {**_DIRECT, "aws:MultiFactorAuthPresent": ABSENT, "aws:TokenIssueTime": ABSENT},
}
"""Kind of credential -> what the request says when MFA was not used."""

ENROLMENT = frozenset(
    name.lower()
    for name in (
        "iam:ChangePassword",
        "iam:CreateVirtualMFADevice",
        "iam:DeleteVirtualMFADevice",
        "iam:EnableMFADevice",
        "iam:GetAccountPasswordPolicy",
        "iam:GetAccountSummary",
        "iam:GetMFADevice",
        "iam:GetUser",
        "iam:ListAccountAliases",
        "iam:ListMFADevices",
        "iam:ListUsers",
        "iam:ListVirtualMFADevices",
        "iam:ResyncMFADevice",
        "sts:GetCallerIdentity",
        "sts:GetSessionToken",
    )
)
"""What somebody must be able to do before they have MFA. A device that is in use cannot be deleted by the fourth."""

REMOVES = frozenset(
    name.lower()
    for name in (
        "iam:AddUserToGroup",
        "iam:AttachUserPolicy",
        "iam:CreatePolicyVersion",
        "iam:DeactivateMFADevice",
        "iam:DeleteGroupPolicy",
        "iam:DeletePolicyVersion",
        "iam:DeleteUserPolicy",
        "iam:DetachGroupPolicy",
        "iam:DetachUserPolicy",
        "iam:PutGroupPolicy",
        "iam:PutUserPolicy",
        "iam:RemoveUserFromGroup",
        "iam:SetDefaultPolicyVersion",
    )
)
"""What lifts a guard that hangs on the user or its groups, or replaces the device."""

_KEYS = frozenset({"aws:multifactorauthpresent", "aws:multifactorauthage"})
_MOST = 3

_TELLING = ("iam:createuser", "s3:getobject", "ec2:runinstances")
"""Named first where everything is allowed."""


class Guarded(msgspec.Struct, frozen=True):
    """One kind of credential without MFA."""

    enforced: bool
    guard: tuple[str, ...]
    """Statements that deny everything but some actions without MFA."""
    left: tuple[str, ...]
    """Some actions that are allowed all the same."""
    removable: bool
    """Whether the guard can be lifted without MFA."""


class Enforcement(msgspec.Struct, frozen=True):
    """`word`: yes, partial, no, or unknown where service control policies were not read and would matter."""

    word: str
    kinds: dict[str, Guarded]
    because: str


def mfa_enforced(access: Access, kinds: Sequence[str] = tuple(WITHOUT_MFA)) -> Enforcement:
    """Whether a user with these kinds of credentials needs MFA."""
    unread = isinstance(access.policies.scps, Unread)
    policies = msgspec.structs.replace(access.policies, scps=None) if unread else access.policies
    if mentions_mfa(_documents(policies)):
        found = {kind: _guarded(access, policies, kind) for kind in kinds}
    else:  # then nothing tells the kinds apart
        found = dict.fromkeys(kinds, _guarded(access, policies, kinds[0]))
    if all(each.enforced for each in found.values()):
        word = "yes"
    elif not any(each.enforced or each.guard for each in found.values()):
        word = "no"
    else:
        word = "partial"
    if unread and word != "yes":
        because = f"{_because(found)}; the service control policies, which could enforce it, were not read"
        return Enforcement("unknown", found, because)
    return Enforcement(word, found, _because(found))


def _guarded(access: Access, policies: Policies, kind: str) -> Guarded:
    context = access.context.with_values(WITHOUT_MFA[kind])
    pinned = Access(access.who, policies, management_account=access.management_account, context=context)
    guards = [each for each in _denials(pinned) if any(test.key in _KEYS for test in each.tests)]
    broad = [each for each in guards if each.not_action or any(map(is_star, each.actions))]
    left = _first(_left(pinned), _MOST if broad else 1)
    lifting = [each for each in sorted(REMOVES) if pinned.can(each).answer is not False] if broad and left else []
    return Guarded(
        enforced=not left,
        guard=tuple(each.label for each in (broad or ([] if left else guards))),
        left=tuple(dict.fromkeys([*map(_shown, lifting[:2]), *left])),
        removable=bool(lifting),
    )


def _first(found: Iterator[str], most: int) -> list[str]:
    taken: list[str] = []
    for each in found:
        if each not in taken:
            taken.append(each)
        if len(taken) == most:
            break
    return taken


def _documents(policies: Policies) -> Iterable[Policy]:
    yield from () if isinstance(policies.identity, Unread) else policies.identity
    if isinstance(policies.boundary, Policy):
        yield policies.boundary
    if not isinstance(policies.scps, Unread):
        for level in policies.scps or ():
            yield from level


def _denials(access: Access) -> list[Statement]:
    """Denials that hold whatever else the request says, on every resource."""
    bind = Question(access.who, targets("iam:x", None)[0], access.policies, "", access.management_account).scps_bind
    held = access.policies if bind else msgspec.structs.replace(access.policies, scps=None)
    return [
        each
        for document in _documents(held)
        for each in document.statements
        if not each.allows
        and not each.not_resource
        and any(one.constant is not None and is_every_resource(one.constant) for one in each.resources)
        and conditions_hold(each.tests, access.context) is True
    ]


def _left(access: Access) -> Iterator[str]:
    """Actions beyond enrolment that are, or may be, allowed."""
    denials = _denials(access)
    identity = access.policies.identity
    for document in () if isinstance(identity, Unread) else identity:
        if document.problem:
            yield f"whatever {document.name} allows"
        for statement in document.statements:
            if statement.allows and conditions_hold(statement.tests, access.context) is not False:
                yield from _beyond(access, statement, denials)


def _beyond(access: Access, statement: Statement, denials: list[Statement]) -> Iterator[str]:
    plain = _nothing_limits(access) and not statement.not_action and conditions_hold(statement.tests, access.context)
    for action in _named(statement, denials):
        if action in ENROLMENT or any(names_action(each, action) for each in denials):
            continue
        if plain or (names_action(statement, action) and access.can(action).answer is not False):
            yield _shown(action)


def _shown(action: str) -> str:
    known = catalogue().action(action)
    return known.name if known else action


def _nothing_limits(access: Access) -> bool:
    """Whether no boundary, organization policy or Deny could take away what some statement allows."""
    held = access.policies
    return (
        held.boundary is None
        and held.scps is None
        and isinstance(held.identity, tuple)
        and not any(_denies(ByIdentity(each)) for each in held.identity)
    )


@lru_cache(maxsize=100_000)
def _denies(document: ByIdentity) -> bool:
    return bool(document.policy.problem) or any(not each.allows for each in document.policy.statements)


def _named(statement: Statement, denials: list[Statement]) -> Iterator[str]:
    """Actions of a statement that the denials may leave; only those that they spare need a look."""
    spared = next((each for each in denials if each.not_action), None)
    if any(any(map(is_star, each.actions)) and not each.not_action for each in denials):
        return
    if spared is not None:
        for pattern in spared.actions:
            yield from [pattern] if is_literal(pattern) else _expanded(pattern)
        return
    patterns = statement.actions if not statement.not_action else ("\ue000",)
    for pattern in patterns:
        yield from [pattern] if is_literal(pattern) else _expanded(pattern)


def _expanded(pattern: str) -> Iterable[str]:
    """Known actions of a pattern, or the pattern itself as an action nobody knows."""
    if is_star(pattern):
        return chain(_TELLING, catalogue().matching(pattern))
    return catalogue().matching(pattern) or [pattern.replace("\ue000", "x").replace("\ue001", "x")]


def _because(found: dict[str, Guarded]) -> str:
    parts = []
    for kind, each in found.items():
        if each.enforced:
            by = f" by {', '.join(each.guard)}" if each.guard else ": nothing else is allowed"
            parts.append(f"{kind}: enforced{by}")
        elif each.guard:
            lifted = ", and the guard can be removed without MFA" if each.removable else ""
            parts.append(f"{kind}: {', '.join(each.guard)} leaves out {', '.join(each.left[:3])}{lifted}")
        else:
            parts.append(f"{kind}: {', '.join(each.left[:3])} needs no MFA")
    return "; ".join(parts)


def mentions_mfa(documents: Iterable[Policy]) -> bool:
    """Whether any statement tests a key of MFA: where none does, nothing can enforce it."""
    return any(_mentions(ByIdentity(document)) for document in documents)


@lru_cache(maxsize=100_000)
def _mentions(document: ByIdentity) -> bool:
    keys = _KEYS | {"aws:tokenissuetime"}
    return any(test.key in keys for each in document.policy.statements for test in each.tests)
