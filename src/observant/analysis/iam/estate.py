"""The principals of one account, and what may be done to each other.

Without an estate (a few documents by themselves) nobody knows which users, roles and policies there are: what needs one
of them is then possible, not certain.
"""

from collections.abc import Iterator

import msgspec

from observant.analysis.iam.access import Access
from observant.analysis.iam.document import Policy
from observant.analysis.iam.glob import ONE, STAR, matches, shown

SOMEBODY = "xSomebodyElse"
"""Name that stands for a user, role, group or policy that nobody has named."""


class Held(msgspec.Struct, frozen=True):
    """One user or role with what counts for escalation."""

    access: Access
    groups: tuple[str, ...] | None = None
    """ARNs of its groups; None where they are not known."""
    policies: tuple[str, ...] | None = None
    """ARNs of the customer managed policies on it and its groups; None where they are not known."""
    boundary: str = ""
    """ARN of its boundary policy."""
    trust: Policy | None = None
    """A role's trust policy."""

    @property
    def arn(self) -> str:
        return self.access.who.arn


class Estate(msgspec.Struct, frozen=True):
    """Everybody of an account, by ARN."""

    held: dict[str, Held]
    group_policies: dict[str, tuple[Policy, ...]] = {}
    """ARN of a group -> its policies."""


def candidates(access: Access, action: str, kind: str, estate: Estate | None) -> list[str]:
    """ARNs of a kind (`user`, `role`, `group`, `policy`) that are worth asking about: all there are, or all that the
    policies hint at."""
    if estate is not None and kind in ("user", "role"):
        return [arn for arn, each in estate.held.items() if each.access.who.kind == kind]
    if estate is not None and kind == "group":
        return list(estate.group_policies)
    if estate is not None:
        found = {arn for each in estate.held.values() for arn in each.policies or ()}
        return sorted(found)
    return list(dict.fromkeys([_arn(access, kind, SOMEBODY), *hinted(access, action, kind)]))


def hinted(access: Access, action: str, kind: str) -> Iterator[str]:
    """ARNs of a kind that the Allow statements of an action could mean, with wildcards filled in."""
    for statement in access.allowing(action):
        if statement.not_resource:
            continue
        for template in statement.resources:
            pattern = template.filled(access.context)
            if isinstance(pattern, str) and (found := _instance(access, pattern, kind)):
                yield found


def _instance(access: Access, pattern: str, kind: str) -> str:
    generic = _arn(access, kind, SOMEBODY).split(":", 5)
    parts = pattern.split(":", 5)
    parts += [STAR] * (6 - len(parts))
    if not all(matches(one, other) for one, other in zip(parts[:5], generic[:5], strict=True)):
        return ""
    if matches(parts[5], generic[5]):
        return ":".join(generic)
    rest = shown(parts[5].replace(STAR, SOMEBODY).replace(ONE, "x"))
    return ":".join([*generic[:5], rest]) if rest.startswith(f"{kind}/") else ""


def _arn(access: Access, kind: str, name: str) -> str:
    who = access.who
    return f"arn:{who.partition}:iam::{who.account}:{kind}/{name}"


def new_names(access: Access, actions: tuple[str, ...], kind: str) -> list[str]:
    """Names that something new could be given so that all of these actions might reach it."""
    found = [_arn(access, kind, SOMEBODY)]
    for action in actions:
        found += hinted(access, action, kind)
    return list(dict.fromkeys(found))
