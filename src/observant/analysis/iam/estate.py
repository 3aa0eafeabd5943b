"""The principals of one account, and what may be done to each other.

Without an estate (a few documents by themselves) nobody knows which users, roles and policies there are: what needs one
of them is then possible, not certain.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property

import msgspec

from observant.analysis.iam.access import Access, Can
from observant.analysis.iam.arn import covers, segments
from observant.analysis.iam.document import Policy
from observant.analysis.iam.glob import ONE, STAR, is_literal, matches, shown

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


class Estate:
    """Everybody of an account, by ARN."""

    def __init__(self, held: dict[str, Held], groups: Iterable[str] = ()) -> None:
        self.held, self.groups = held, tuple(groups)
        self.passable: dict[str, list[tuple[str, str]]] = {}
        """Service -> roles worth passing to it, with what is not certain; filled by who asks first."""
        self.opened: dict[tuple[str, str], Can] = {}
        """(Role, kind of principal) -> whether it lets in anybody of that kind; filled likewise."""

    def of_kind(self, kind: str) -> list[str]:
        return self._by_kind.get(kind, [])

    @cached_property
    def _by_kind(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {"group": list(self.groups)}
        for arn, each in self.held.items():
            found.setdefault(each.access.who.kind, []).append(arn)
        found["policy"] = sorted({arn for each in self.held.values() for arn in each.policies or ()})
        return found

    def assumable(self, arn: str, *, permitted: bool) -> list[str]:
        """Roles that may let somebody in: those that name it, those open to all, and where it may assume roles at all
        those that leave it to the account."""
        named = self._doors.get(arn, []) + self._doors.get("*", [])
        return named + self._doors.get("account", []) if permitted else named

    @cached_property
    def _doors(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for arn in self.of_kind("role"):
            for name in set(_named_by(self.held[arn].trust)):
                found.setdefault(name, []).append(arn)
        return found


def _named_by(trust: Policy | None) -> Iterator[str]:
    """ARNs that a trust policy names; `*` for all, `account` for what it leaves to accounts."""
    if trust is None or trust.problem:
        yield "*"
        return
    for each in trust.statements:
        if not each.allows:
            continue
        if each.principals is None or each.principals.negated:
            yield "*"
            continue
        for kind, value in each.principals.named:
            if kind in ("AWS", "*"):
                yield "account" if value.isdigit() or value.endswith(":root") else value


def candidates(access: Access, action: str, kind: str, estate: Estate | None) -> list[str]:
    """ARNs of a kind (`user`, `role`, `group`, `policy`) that are worth asking about: all there are, or all that the
    policies hint at."""
    if estate is not None:
        return estate.of_kind(kind) if any(True for _ in access.allowing(action)) else []
    return list(dict.fromkeys([_arn(access, kind, SOMEBODY), *hinted(access, action, kind)]))


def reachable(access: Access, action: str, listed: list[str]) -> list[str]:
    """Those of the ARNs that some Allow statement of an action could mean; a cheap look before the exact one."""
    literal: set[str] = set()
    wild: list[str] = []
    for statement in access.allowing(action):
        for template in statement.resources:
            pattern = template.filled(access.context)
            if statement.not_resource or not isinstance(pattern, str) or segments(pattern) is None:
                return listed
            if is_literal(pattern):
                literal.add(pattern)
            else:
                wild.append(pattern)
    return [arn for arn in listed if arn in literal or any(covers(each, arn) is not False for each in wild)]


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
