"""The people of a tenant at one moment, as far as Conditional Access can tell them apart.

The activated state of an eligible role is a person of its own, a *twin*: the same account and groups with one more
role. So every question about the day somebody activates a role is answered in the same pass as all others.
"""

from collections.abc import Mapping

import msgspec

from observant.analysis.conditional_access.groups import Group, Groups
from observant.analysis.conditional_access.people import (
    EMPTY,
    NOBODY,
    Bounds,
    People,
    chosen,
    everybody,
    exactly,
    gathered,
)
from observant.analysis.conditional_access.subjects import Selection

ACTIVATED = "activated admins"


class Activation(msgspec.Struct, frozen=True):
    """Somebody who may activate a role that policies can see: built-in, for the whole tenant."""

    place: int
    role: str
    """Template id, lower case."""
    holds: bool = True
    """False when it is no longer so: it then only keeps the numbers of the others."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What was read, with persons as numbers below `count`."""

    count: int
    users: Mapping[str, int]
    """User id (lower case) -> person number, at least for those whom policies name. Others are nobody."""
    kinds: Mapping[str, Bounds]
    """Kind of population, such as `members` -> who is of it. Only people of some kind are judged."""
    groups: Mapping[str, Group]
    """Group id (lower case) -> group, at least those that policies name and all inside them. Others are gone."""
    roles: Mapping[str, Bounds] = {}
    """Template id -> who holds the role now, for the whole tenant. Custom and scoped assignments do not belong here:
    https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-users-groups"""
    role_names: Mapping[str, str] = {}
    guests: Mapping[str, Bounds] = {}
    """Of `GUEST_TYPES` -> who is such a guest. Types without directory objects are nobody."""
    activations: tuple[Activation, ...] = ()


class Population:
    """Answers who is meant by a selection. Every set holds twins, too: one for each activation, after all persons."""

    def __init__(self, facts: Facts, groups: Groups | None = None) -> None:
        """`groups` when the groups of these facts were opened before."""
        self._facts = facts
        self._twins = [one.place for one in facts.activations]
        self._known_twins: dict[str, People] = {}
        self.persons = facts.count
        """Numbers below this are persons, the others twins."""
        self.count = facts.count + len(self._twins)
        self.groups = groups or Groups(facts.groups, facts.count)
        held = (number for number, one in enumerate(facts.activations) if one.holds)
        twins = gathered(held, len(self._twins)) << facts.count
        judged = EMPTY
        for each in facts.kinds.values():
            judged |= each
        self.kinds: dict[str, Bounds] = {**facts.kinds, ACTIVATED: exactly(twins) & self._extended(judged)}
        self.judged = judged | self.kinds[ACTIVATED]
        """Everybody of some kind."""
        self._roles = self._with_activations()
        self._guests = {kind: self._extended(people) for kind, people in facts.guests.items()}
        self._selected: dict[Selection, Bounds] = {}

    def selected(self, selection: Selection) -> Bounds:
        """Everybody whom one side of a policy means."""
        if selection not in self._selected:
            people = Bounds(NOBODY, everybody(self.count)) if selection.unread else EMPTY
            for _, part in self._named(selection):
                people |= part
            for group in selection.groups:
                people |= self._extended(self.groups.members(group), group)
            self._selected[selection] = people
        return self._selected[selection]

    def parts(self, selection: Selection) -> list[tuple[str, str, Bounds]]:
        """(kind of way, way in words, who) for each way to be meant, most direct first. `unread` names are no way."""
        found = [(kind, words, people) for (kind, words), people in self._named(selection)]
        for group in selection.groups:
            for chain in self.groups.chains(group):
                direct = self.twinned(self.groups.direct(chain[-1]), f"{chain[-1]} itself")
                found.append(("group", f"through group {self.groups.name(chain)}", exactly(direct)))
        order = ["user", "group", "role", "guest type", "everybody"]
        return sorted(found, key=lambda one: order.index(one[0]))

    def _named(self, selection: Selection) -> list[tuple[tuple[str, str], Bounds]]:
        found: list[tuple[tuple[str, str], Bounds]] = []
        if selection.everybody:
            found.append((("everybody", "as everybody"), exactly(everybody(self.count))))
        users = NOBODY
        for user in selection.users:
            if user in self._facts.users:
                users |= 1 << self._facts.users[user]
        if users:
            everyone = self.twinned(users)
            found.append((("user", "by name"), exactly(everyone)))
        for role in selection.roles:
            holders = self._roles.get(role, EMPTY)
            found.append((("role", f"as {self._facts.role_names.get(role, role)}"), holders))
        for kind in selection.guests:
            people = self._guests.get(kind, EMPTY)
            meant = Bounds(NOBODY, people.maybe) if selection.some_tenants else people
            found.append((("guest type", f"as {kind}"), meant))
        if selection.legacy_guests:
            found.append((("guest type", "as guest or external user"), self._legacy_guests()))
        return found

    def _legacy_guests(self) -> Bounds:
        """Everybody of user type Guest; whether invited members are meant too is not said anywhere we could find."""
        guests = self._guests.get("internalGuest", EMPTY) | self._guests.get("b2bCollaborationGuest", EMPTY)
        members = self._guests.get("b2bCollaborationMember", EMPTY)
        return guests | Bounds(NOBODY, members.maybe)

    def _with_activations(self) -> dict[str, Bounds]:
        roles = {role: self._extended(people) for role, people in self._facts.roles.items()}
        for number, one in enumerate(self._facts.activations):
            twin = 1 << (self._facts.count + number)
            roles[one.role] = roles.get(one.role, EMPTY) | Bounds(twin, twin)
        return roles

    def _extended(self, people: Bounds, name: str = "") -> Bounds:
        surely = self.twinned(people.surely, name)
        return exactly(surely) if people.exact else Bounds(surely, self.twinned(people.maybe))

    def twinned(self, people: People, name: str = "") -> People:
        """The set with every twin whose original is in it. A set that has a name is looked through only once."""
        if not self._twins or people == NOBODY:
            return people
        twins = self._known_twins.get(name)
        if twins is None:
            held = chosen(people, self._twins)
            twins = gathered((number for number, is_in in enumerate(held) if is_in), len(held))
            if name:
                self._known_twins[name] = twins
        return people | twins << self._facts.count

    def original(self, place: int) -> tuple[int, str]:
        """(person number, activated role or empty) of somebody who may be a twin."""
        if place < self._facts.count:
            return place, ""
        one = self._facts.activations[place - self._facts.count]
        return one.place, one.role
