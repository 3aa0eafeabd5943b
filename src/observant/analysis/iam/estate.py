"""The principals of one account, and what may be done to each other.

Without an estate (a few documents by themselves) nobody knows which users, roles and policies there are: what needs one
of them is then possible, not certain.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice

import msgspec

from observant.analysis.iam.access import Access, Can
from observant.analysis.iam.arn import covers
from observant.analysis.iam.context import UNKNOWN
from observant.analysis.iam.document import Policy
from observant.analysis.iam.glob import ONE, STAR, matches, shown
from observant.analysis.kleene import Kleene

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
    """Everybody of an account, by ARN, and who of them holds more.

    `more`: True for who is an administrator in effect, None where that is not known; the others hold no more.
    """

    def __init__(
        self, held: Mapping[str, Held], groups: Iterable[str] = (), more: Mapping[str, Kleene] | None = None
    ) -> None:
        self.held, self.groups, self.more = held, tuple(groups), more or {}
        self.passable: dict[str, list[tuple[str, str]]] = {}
        """Service -> roles worth passing to it, with what is not certain; filled by who asks first."""
        self.opened: dict[object, Can] = {}
        """(Role, situation) -> whether its trust policy alone lets in whoever is in it; filled likewise."""
        self._meant: dict[tuple[str, str], frozenset[str]] = {}
        self._reaches: dict[object, Reach] = {}
        self._left: dict[tuple[str, bool], list[str]] = {}

    def of_kind(self, kind: str) -> list[str]:
        return self._by_kind.get(kind, [])

    @cached_property
    def _by_kind(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {"group": list(self.groups)}
        for arn, each in self.held.items():
            found.setdefault(each.access.who.kind, []).append(arn)
        found["policy"] = sorted({arn for each in self.held.values() for arn in each.policies or ()})
        return found

    @cached_property
    def place(self) -> dict[str, int]:
        """ARN -> where it stands among those of its kind."""
        return {arn: place for listed in self._by_kind.values() for place, arn in enumerate(listed)}

    @cached_property
    def examples(self) -> dict[str, list[str]]:
        """Kind -> two who hold more, two of whom that is not known, two who do not: enough where all answer alike."""
        found: dict[str, list[str]] = {}
        for kind, listed in self._by_kind.items():
            groups = (islice((arn for arn in listed if self.more.get(arn, False) is each), 2) for each in _ANSWERS)
            found[kind] = [arn for group in groups for arn in group]
        return found

    @cached_property
    def worthwhile(self) -> dict[str, list[str]]:
        """Kind -> who holds more, or may."""
        return {kind: [arn for arn in listed if arn in self.more] for kind, listed in self._by_kind.items()}

    def meant(self, kind: str, pattern: str) -> frozenset[str]:
        """Those of a kind that a marked pattern covers, or may cover."""
        if (kind, pattern) not in self._meant:
            literals = re.split(f"[{STAR}{ONE}]", pattern)
            start, telling = literals[0], max(literals, key=len)
            names = self._sorted.get(kind, [])
            near = names[bisect_left(names, start) : bisect_left(names, start + "\U0010ffff")]
            # Whatever is covered has the longest piece somewhere.
            some = [arn for arn in near if telling in arn]
            self._meant[kind, pattern] = frozenset(arn for arn in some if covers(pattern, arn) is not False)
        return self._meant[kind, pattern]

    @cached_property
    def _sorted(self) -> dict[str, list[str]]:
        return {kind: sorted(listed) for kind, listed in self._by_kind.items()}

    def reach(self, access: Access, action: str, kind: str) -> "Reach":
        """Whom somebody's grants of an action could mean; the same for all who hold the same grants."""
        parts = access.about(action.lower())
        key = (action, kind, parts.identity, access.who.telling if parts.personal else (), access.situation)
        if key not in self._reaches:
            self._reaches[key] = Reach(access, action, kind, self)
        return self._reaches[key]

    def naming(self, arn: str) -> list[str]:
        """Roles whose trust policies name somebody, or everybody, or cannot be read; open ones first."""
        return self._doors.get(arn, []) + self._doors.get("*", [])

    def leaving_it_to(self, account: str, *, more: bool) -> list[str]:
        """Roles that whoever of the account may assume whose own policies say so; `more`: of those that hold more."""
        key = account, more
        if key not in self._left:
            listed = self._doors.get(account, [])
            self._left[key] = [arn for arn in listed if arn in self.more] if more else listed
        return self._left[key]

    @cached_property
    def _doors(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for arn in self.of_kind("role"):
            for name in set(_named_by(self.held[arn].trust)):
                found.setdefault(name, []).append(arn)
        found.get("*", []).sort(key=lambda arn: _tests_something(self.held[arn].trust))
        return found


def _tests_something(trust: Policy | None) -> bool:
    return trust is None or any(each.tests for each in trust.statements)


_ANSWERS: tuple[Kleene, ...] = (True, None, False)


def _named_by(trust: Policy | None) -> Iterator[str]:
    """ARNs and accounts that a trust policy names; `*` for all."""
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
                yield value.split(":")[4] if value.endswith(":root") and value.count(":") > 4 else value


class Reach:
    """Those of a kind whom the Allow statements of an action could mean: a cheap look before the exact one."""

    def __init__(self, access: Access, action: str, kind: str, estate: Estate) -> None:
        self._estate, self._kind = estate, kind
        self._meant: frozenset[str] | None = frozenset()
        """None for all."""
        sets: list[frozenset[str]] = []
        for statement in access.allowing(action):
            for template in statement.resources:
                pattern = template.filled(access.context)
                if statement.not_resource or pattern is UNKNOWN:
                    self._meant = None
                    return
                if isinstance(pattern, str):
                    sets.append(estate.meant(kind, pattern))
        self._meant = sets[0] if len(sets) == 1 else frozenset().union(*sets)

    def __contains__(self, arn: object) -> bool:
        return self._meant is None or arn in self._meant

    def everybody(self) -> list[str]:
        """All of them, in the estate's order."""
        if self._meant is None:
            return self._estate.of_kind(self._kind)
        return sorted(self._meant, key=self._estate.place.__getitem__)


def candidates(access: Access, action: str, kind: str) -> list[str]:
    """Without an estate: ARNs of a kind (`user`, `role`, `group`, `policy`) that the policies hint at."""
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
