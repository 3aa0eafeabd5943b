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

import msgspec

from observant.analysis.iam.access import Access
from observant.analysis.iam.context import ABSENT, Special, Value
from observant.analysis.iam.document import Policy
from observant.analysis.iam.glob import is_star
from observant.analysis.iam.layers import Unread
from observant.analysis.iam.leftover import denials, documents, left_over, shown_action

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
    if unread or isinstance(access.policies.rcps, Unread):
        # Policies of resources cover some services only: what the others allow stays.
        policies = msgspec.structs.replace(access.policies, rcps=None)
        policies = msgspec.structs.replace(policies, scps=None) if unread else policies
        context, management = access.context, access.management_account
        access = Access(access.who, policies, management_account=management, context=context)
    if mentions_mfa(documents(access.policies)):
        found = {kind: _guarded(access, kind) for kind in kinds}
    else:  # then nothing tells the kinds apart
        found = dict.fromkeys(kinds, _guarded(access, kinds[0]))
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


def _guarded(access: Access, kind: str) -> Guarded:
    known = WITHOUT_MFA[kind]
    if access.unlimited:
        left = _first(left_over(access, known, ENROLMENT), 1)
        return Guarded(enforced=not left, guard=(), left=tuple(left), removable=False)
    pinned = access.pinned(known)
    guards = [each for each in denials(pinned) if any(test.key in _KEYS for test in each.tests)]
    broad = [each for each in guards if each.not_action or any(map(is_star, each.actions))]
    left = _first(left_over(access, known, ENROLMENT), _MOST if broad else 1)
    lifting = [each for each in sorted(REMOVES) if pinned.can(each).answer is not False] if broad and left else []
    return Guarded(
        enforced=not left,
        guard=tuple(each.label for each in (broad or ([] if left else guards))),
        left=tuple(dict.fromkeys([*map(shown_action, lifting[:2]), *left])),
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


def mentions_mfa(held: Iterable[Policy]) -> bool:
    """Whether any statement tests a key of MFA: where none does, nothing can enforce it."""
    return any(_mentions(document) for document in held)


@lru_cache(maxsize=100_000)
def _mentions(document: Policy) -> bool:
    keys = _KEYS | {"aws:tokenissuetime"}
    return any(test.key in keys for each in document.statements for test in each.tests)
