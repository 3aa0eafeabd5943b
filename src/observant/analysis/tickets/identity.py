"""Whether two names, of an account and of somebody in a tracker, are one person: yes, no, or not to be known.

People are linked by the rules of the list of people. Where a rule links both, the people are compared; where it does
not, equal names are the same person, and two different names of one system are two people. Anything else is unknown.
"""

from datetime import datetime
from typing import NamedTuple

from observant.analysis.actors import Actor
from observant.analysis.kleene import Kleene
from observant.analysis.people.linking import Account, Person
from observant.analysis.people.timeline import People
from observant.analysis.tickets.meaning import Who


class Named(NamedTuple):
    """Somebody: as called in a system, and the person behind it where one is linked."""

    system: str
    names: frozenset[str]
    person: Person | None


class Directory:
    """Links accounts of all systems to people, as they were known at a moment."""

    def __init__(self, people: People, accounts: dict[tuple[str, str], str]) -> None:
        """`accounts`: (scope, member) of IAM users -> id of the person that their own link names."""
        self._people, self._accounts = people, accounts
        self._by_id = {one.member: one for one in people.persons}

    def actor(self, scope: str, actor: Actor, at: datetime) -> Named:
        name = actor.name.rpartition("/")[2] if actor.kind in ("user", "session") else actor.name
        linked = self._accounts.get((scope, actor.name))
        person = self._of_id(linked) if linked else self._link(scope, actor.name, name, None, at)
        return Named(scope.partition(":")[0], frozenset({name.casefold()}), person)

    def who(self, scope: str, who: Who, at: datetime) -> Named:
        names = {who.id.casefold()} | ({who.email.casefold()} if who.email else set())
        return Named(scope, frozenset(names), self._link(scope, who.id, who.id, who.email, at))

    def _of_id(self, id: str) -> Person | None:  # noqa: A002 (the list's word)
        found = self._by_id.get(id)
        return Person(found.scope, found.member, found.label, None, None, None) if found else None

    def _link(self, scope: str, member: str, name: str, email: str | None, at: datetime) -> Person | None:
        emails = (email,) if email else (name,) if "@" in name else ()
        for piece in self._people.between(at, at.max):
            link = piece.linker.link(Account(scope, member, name, emails))
            return link.person if link.kind == "person" else None
        return None


def same(one: Named, other: Named) -> Kleene:
    """Whether both are one person."""
    if one.person and other.person:
        return (one.person.scope, one.person.id) == (other.person.scope, other.person.id)
    if one.names & other.names:
        return True
    return False if one.system == other.system else None
