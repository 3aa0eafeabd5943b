"""Whether a role's trust policy lets somebody of its own account in."""

from functools import cache

from observant.analysis.iam.access import Access, Can
from observant.analysis.iam.document import Policy, policy
from observant.analysis.iam.estate import Estate, Held

_PERSONAL = ("aws:principal", "aws:username", "aws:userid")
_SHARED = frozenset({"aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount"})


def opened(access: Access, arn: str, trust: Policy, estate: Estate | None) -> Can:
    """Whether somebody may assume a role. Where the trust policy alone decides, it is asked once for everybody."""
    if estate is None or _decided_elsewhere(access) or _personal(trust):
        return access.can("sts:AssumeRole", arn, None, trust)
    if (arn, access.who.kind) not in estate.opened:
        estate.opened[arn, access.who.kind] = access.can("sts:AssumeRole", arn, None, trust)
    return estate.opened[arn, access.who.kind]


def _decided_elsewhere(access: Access) -> bool:
    held = access.policies
    limited = held.boundary is not None or held.scps is not None or held.session is not None
    return limited or any(True for _ in access.allowing("sts:AssumeRole")) or _denied(access)


def _personal(trust: Policy) -> bool:
    """Whether it depends on who asks: it names single principals, or tests who they are."""
    keys = {test.key for each in trust.statements for test in each.tests}
    if any(key.startswith(_PERSONAL) and key not in _SHARED for key in keys):
        return True
    return any(
        each.principals is None or each.principals.negated or any(value != "*" for _, value in each.principals.named)
        for each in trust.statements
    )


def _denied(access: Access) -> bool:
    identity = access.policies.identity
    return not isinstance(identity, tuple) or any(not each.allows for one in identity for each in one.statements)


@cache
def _trusting(account: str) -> Policy:
    """What a role's trust policy must say at least, where nobody knows it."""
    return policy(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}],
        },
        "a trust policy",
    )


def trust_of(access: Access, role: Held | None) -> Policy:
    return role.trust if role is not None and role.trust is not None else _trusting(access.who.account)
