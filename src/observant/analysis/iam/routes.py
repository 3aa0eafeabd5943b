"""Routes to more rights that need nothing but IAM itself: who may write policies on itself is what the policies say.

Each route asks for actions on concrete targets (its own ARN, its groups, a role it could create), after boundary and
service control policies, with the keys that the caller chooses (`iam:PolicyARN`) set to what an attacker would choose.
"""

from collections.abc import Iterator
from functools import cache

import msgspec

from observant.analysis.iam.access import NO, Access, Can
from observant.analysis.iam.arn import is_every_resource
from observant.analysis.iam.context import ABSENT, Special, Value
from observant.analysis.iam.document import Policy, policy
from observant.analysis.iam.estate import Held, candidates, new_names
from observant.analysis.iam.glob import is_star
from observant.analysis.iam.layers import Policies
from observant.analysis.iam.sensitive import routine
from observant.analysis.kleene import Kleene, both

ADMINISTRATOR = {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}
_EVERYTHING = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'


class Route(msgspec.Struct, frozen=True):
    """One way to more rights."""

    id: str
    """Of pathfinding.cloud where it has the path, else `observant-…`."""
    does: str
    """In words: what is done to what."""
    certain: Kleene
    """True; None where it depends on `needs` or `keys`."""
    because: tuple[str, ...]
    """The statements that allow it."""
    keys: tuple[str, ...] = ()
    """Condition keys that it depends on."""
    needs: str = ""
    """What must exist and is not known to."""
    target: str = ""
    """ARN of who or what is taken over."""
    capped: bool = False
    """True where what is gained stays within the permissions boundary."""


def route(id_: str, does: str, *steps: Can, needs: str = "", target: str = "", capped: bool = False) -> Iterator[Route]:
    """The route when none of its steps is denied."""
    answer = both(each.answer for each in steps)
    if answer is False:
        return
    yield Route(
        id=id_,
        does=does,
        certain=None if needs else answer,
        because=tuple(dict.fromkeys(label for each in steps for label in each.because)),
        keys=tuple(dict.fromkeys(key for each in steps for key in each.keys)),
        needs=needs,
        target=target,
        capped=capped,
    )


@cache
def _asked() -> int:
    """Bits of the actions one of which every route below begins with."""
    kinds = ("User", "Role")
    own = {f"iam:{verb}{kind}Policy" for verb in ("Put", "Attach") for kind in (*kinds, "Group")}
    limits = {f"iam:{verb}{kind}PermissionsBoundary" for verb in ("Put", "Delete") for kind in kinds}
    versions = {"iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"}
    return routine().bits(own | limits | versions | {"iam:CreateRole", "iam:CreateUser"})


def self_routes(held: Held) -> Iterator[Route]:
    """Routes by which a principal gives rights to itself, to its groups, or to somebody it makes up."""
    if not held.access.bits & _asked():  # it may do nothing of what is asked below
        return
    yield from _own_policies(held)
    yield from _own_groups(held)
    yield from _versions(held)
    yield from _boundary(held)
    yield from _new_role(held.access)
    yield from _new_user(held.access)


def _limits(held: Held) -> dict[str, Value | Special]:
    """What `iam:PermissionsBoundary` is when it changes its own policies."""
    return {"iam:PermissionsBoundary": held.boundary} if held.boundary else {}


def _own_policies(held: Held) -> Iterator[Route]:
    access, capped = held.access, held.access.policies.boundary is not None
    limits = _limits(held) if capped else {"iam:PermissionsBoundary": ABSENT}
    ids = {"user": ("iam-007", "iam-008", "User"), "role": ("iam-005", "iam-009", "Role")}
    if access.who.kind not in ids:
        return
    put, attach, kind = ids[access.who.kind]
    own = access.can(f"iam:Put{kind}Policy", held.arn, limits)
    yield from route(put, "writes an inline policy on itself", own, target=held.arn, capped=capped)
    own = access.can(f"iam:Attach{kind}Policy", held.arn, {**limits, **ADMINISTRATOR})
    yield from route(attach, "attaches AdministratorAccess to itself", own, target=held.arn, capped=capped)


def _own_groups(held: Held) -> Iterator[Route]:
    access, capped = held.access, held.access.policies.boundary is not None
    if access.who.kind != "user":
        return
    known = held.groups is not None
    groups = held.groups if held.groups is not None else tuple(candidates(access, "iam:PutGroupPolicy", "group"))
    needs = "" if known else "that it is a member of the group"
    for group in groups:
        put = access.can("iam:PutGroupPolicy", group)
        does = "writes an inline policy on its group"
        yield from route("iam-011", does, put, needs=needs, target=group, capped=capped)
    if not known:
        groups = tuple(candidates(access, "iam:AttachGroupPolicy", "group"))
    for group in groups:
        attach = access.can("iam:AttachGroupPolicy", group, ADMINISTRATOR)
        does = "attaches AdministratorAccess to its group"
        yield from route("iam-010", does, attach, needs=needs, target=group, capped=capped)


def _versions(held: Held) -> Iterator[Route]:
    """Rewriting a customer managed policy that hangs on itself.

    Where nobody knows what hangs on it, a grant on every policy of the account is taken to reach one that does: the
    grant itself may be it. A grant on some of them is not.
    """
    access, capped = held.access, held.access.policies.boundary is not None
    for action, id_, does in (
        ("iam:CreatePolicyVersion", "iam-001", "writes a new version of a policy attached to it"),
        ("iam:SetDefaultPolicyVersion", "observant-default-version", "returns to an older version of its policy"),
    ):
        older = "an older version that grants more" if id_ != "iam-001" else ""
        if held.policies is not None:
            for arn in held.policies:
                can = access.can(action, arn)
                yield from route(id_, does, can, needs=older, target=arn, capped=capped)
            continue
        every = access.can(action)
        for arn in candidates(access, action, "policy"):
            can = access.can(action, arn)
            needs = older or ("" if every.answer is not None or every.keys else "that the policy is attached to it")
            yield from route(id_, does, can, needs=needs, target=arn, capped=capped)


def _boundary(held: Held) -> Iterator[Route]:
    access = held.access
    if access.policies.boundary is None or access.who.kind not in ("user", "role"):
        return
    kind = access.who.kind.capitalize()
    for verb in ("Delete", "Put"):
        can = access.can(f"iam:{verb}{kind}PermissionsBoundary", held.arn, _limits(held) if verb == "Delete" else None)
        yield from route(
            "observant-boundary",
            f"{'removes' if verb == 'Delete' else 'replaces'} its permissions boundary",
            can,
            target=held.arn,
        )


def _new_role(access: Access) -> Iterator[Route]:
    """A role that trusts its maker by name needs no further permission to be assumed."""
    if not access.may("iam:CreateRole"):
        return
    for write, known in (("iam:PutRolePolicy", {}), ("iam:AttachRolePolicy", ADMINISTRATOR)):
        for arn in new_names(access, ("iam:CreateRole", write), "role"):
            free: dict[str, Value | Special] = {"iam:PermissionsBoundary": ABSENT, **known}
            steps = access.can("iam:CreateRole", arn, free), access.can(write, arn, free)
            does = "creates a role with every right that it may assume"
            yield from route("observant-new-role", does, *steps, target=arn)


def _new_user(access: Access) -> Iterator[Route]:
    if not access.may("iam:CreateUser"):
        return
    for write, known in (("iam:PutUserPolicy", {}), ("iam:AttachUserPolicy", ADMINISTRATOR)):
        for credential in ("iam:CreateAccessKey", "iam:CreateLoginProfile"):
            for arn in new_names(access, ("iam:CreateUser", write, credential), "user"):
                free: dict[str, Value | Special] = {"iam:PermissionsBoundary": ABSENT, **known}
                made = access.can("iam:CreateUser", arn, free), access.can(write, arn, free)
                does = "creates a user with every right and its credentials"
                yield from route("observant-new-user", does, *made, access.can(credential, arn), target=arn)


def boundary_leaves_all(held: Held) -> bool:
    """Whether the boundary by itself allows every action on every resource, so that what is gained is not capped."""
    boundary = held.access.policies.boundary
    return boundary is None or (
        isinstance(boundary, Policy)
        and any(
            each.allows
            and not each.tests
            and not each.not_action
            and any(is_star(pattern) or pattern == "\ue000:\ue000" for pattern in each.actions)
            and not each.not_resource
            and any(one.constant is not None and is_every_resource(one.constant) for one in each.resources)
            for each in boundary.statements
        )
    )


@cache
def _full() -> tuple[Policy, ...]:
    return (policy(_EVERYTHING, "every right"),)


def removable_boundary(held: Held) -> Can:
    """Whether it could remove its boundary once it had given itself everything that the boundary leaves."""
    access = held.access
    if access.who.kind not in ("user", "role"):
        return NO
    raised = Access(
        access.who,
        Policies(_full(), access.policies.boundary, access.policies.session, access.policies.scps),
        management_account=access.management_account,
        context=access.context,
    )
    kind = access.who.kind.capitalize()
    for action in (f"iam:Delete{kind}PermissionsBoundary", f"iam:Put{kind}PermissionsBoundary"):
        found = raised.can(action, held.arn)
        if found.answer is not False:
            return found
    made = next(_new_role(raised), None)
    return Can(made.certain, made.because, made.keys) if made else NO
