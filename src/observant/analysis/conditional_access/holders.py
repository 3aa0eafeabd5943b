"""Who holds which directory role, now or by activating it, as far as Conditional Access goes by it.

Policies that name a role see built-in roles assigned for the whole tenant and active. Somebody whose role is custom, or
only for an administrative unit, is an administrator all the same, and is not reached by such a policy.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from observant.analysis.conditional_access.groups import Groups
from observant.analysis.conditional_access.people import EMPTY, NOBODY, Bounds, everybody, exactly, gathered, places
from observant.analysis.conditional_access.population import Activation

TENANT_WIDE = "/"


class Role(NamedTuple):
    id: str
    template: str | None
    label: str
    builtin: bool | None
    privileged: bool | None


class Held(NamedTuple):
    """Rows by their key. Role: `Role`. Grant and eligibility: (urn, role, scope, place, principal)."""

    roles: Mapping[Any, tuple[Any, ...]]
    grants: Mapping[Any, tuple[Any, ...]]
    eligibilities: Mapping[Any, tuple[Any, ...]]
    in_groups: Mapping[Any, tuple[Any, ...]]
    """(urn, group, access, place, principal)"""

    def role(self, id_: str) -> Role:
        return Role(*self.roles[id_]) if id_ in self.roles else Role(id_, None, id_, None, None)


class Holders:
    """`count` persons. Remembers the number of each activation: numbers mean the same at all moments."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._numbers: dict[tuple[int, str], int] = {}
        self.complete = True
        """False when some group that may activate a role could not be read, at the last call of `activations`."""

    def roles(self, held: Held, groups: Groups) -> dict[str, Bounds]:
        """Template id -> who holds the role in a way that policies see."""
        found: dict[str, Bounds] = {}
        for _, id_, scope, place, principal in held.grants.values():
            role = held.role(id_)
            if role.builtin is False or scope not in (TENANT_WIDE, None):
                continue
            who = self._who(place, principal, groups)
            certain = role.builtin is True and scope is not None
            template = role.template or id_
            found[template] = found.get(template, EMPTY) | (who if certain else Bounds(NOBODY, who.maybe))
        return found

    def privileged(self, held: Held, groups: Groups) -> Bounds:
        """Everybody with a privileged role of any scope; perhaps those whose role nobody judged."""
        found = EMPTY
        for _, id_, _, place, principal in held.grants.values():
            privileged = held.role(id_).privileged
            if privileged is not False:
                who = self._who(place, principal, groups)
                found |= who if privileged else Bounds(NOBODY, who.maybe)
        return found

    def activations(self, held: Held, groups: Groups) -> tuple[Activation, ...]:
        """Everybody who may activate a privileged role that policies see, himself or through a group."""
        self.complete = True
        now = set(self._may_activate(held, groups))
        for one in sorted(now - self._numbers.keys()):
            self._numbers[one] = len(self._numbers)
        return tuple(Activation(place, role, (place, role) in now) for place, role in self._numbers)

    def _may_activate(self, held: Held, groups: Groups) -> Iterator[tuple[int, str]]:
        through: dict[str, set[str]] = {}
        for _, id_, scope, place, principal in (*held.grants.values(), *held.eligibilities.values()):
            template = self._seen(held.role(id_), scope)
            if template and place is None and principal is not None:
                through.setdefault(principal, set()).add(template)
        for _, id_, scope, place, principal in held.eligibilities.values():
            template = self._seen(held.role(id_), scope)
            if template:
                who = self._who(place, principal, groups)
                self.complete = self.complete and who.surely == who.maybe
                yield from ((each, template) for each in places(who.surely))
        for _, group, access, place, principal in held.in_groups.values():
            if principal is None:
                self.complete = self.complete and group not in through
            elif access == "member" and place is not None:
                yield from ((place, template) for template in through.get(group, ()))

    @staticmethod
    def _seen(role: Role, scope: str | None) -> str | None:
        """Template id of a privileged role in a way that policies see it."""
        return (role.template or role.id) if role.builtin and role.privileged and scope == TENANT_WIDE else None

    def _who(self, place: int | None, principal: str | None, groups: Groups) -> Bounds:
        """A user, everybody in a group, or nobody when it is an application."""
        if place is not None:
            return exactly(gathered([place], self._count))
        if principal is None:
            return Bounds(NOBODY, everybody(self._count))
        return groups.members(principal)
