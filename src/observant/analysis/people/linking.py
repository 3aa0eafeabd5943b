"""Linking an account to a person by declared rules. What no rule links, or two people at once, is linked to nobody."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from fnmatch import fnmatchcase
from typing import NamedTuple

UNLINKED = "unlinked"


class Person(NamedTuple):
    """A person as last known."""

    scope: str
    id: str
    name: str
    email: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    moved_at: datetime | None = None
    """When they came into their department, where that is known."""
    earlier_end: datetime | None = None
    """When an earlier employment of theirs ended."""


class Declared(NamedTuple):
    """A line of the accounts file."""

    account: str
    scope: str
    kind: str
    owner: str
    reason: str | None


class Account(NamedTuple):
    """An account, with what it says about its owner."""

    scope: str
    member: str
    name: str
    emails: tuple[str, ...] = ()
    employee_id: str | None = None
    tags: tuple[tuple[str, str], ...] = ()


class Link(NamedTuple):
    """`kind` is person, shared, service, break-glass or unlinked; `why` is the rule, in words."""

    kind: str
    person: Person | None
    why: str


class Linker:
    """Rules and people of one moment."""

    def __init__(self, people: Iterable[Person], declared: Iterable[Declared], rules: Iterable[str]) -> None:
        self._declared, self._rules = list(declared), list(rules)
        self._by_id: dict[str, list[Person]] = defaultdict(list)
        self._by_email: dict[str, list[Person]] = defaultdict(list)
        self._by_name: dict[str, list[Person]] = defaultdict(list)
        for person in people:
            self._by_id[person.id].append(person)
            if person.email:
                self._by_email[person.email.casefold()].append(person)
                self._by_name[person.email.casefold().partition("@")[0]].append(person)

    def link(self, account: Account) -> Link:
        """Whose account it is. A declaration comes first, then the rules in their order."""
        for line in self._declared:
            if fnmatchcase(account.scope, line.scope) and _named(line.account, account):
                return self._as_declared(line)
        for rule in self._rules:
            found = self._found(rule, account)
            if len(found) > 1:
                return Link(UNLINKED, None, f"{len(found)} people fit by {rule}")
            if found:
                return Link("person", found[0], f"by {rule}")
        return Link(UNLINKED, None, "no rule links it to anybody, and it is not declared")

    def _as_declared(self, line: Declared) -> Link:
        owners = self._by_id.get(line.owner, [])
        why = f"declared as {line.account}" + (f": {line.reason}" if line.reason else "")
        if len(owners) != 1:
            return Link(UNLINKED, None, f"{why}; its owner {line.owner!r} is nobody in the list of people")
        return Link(line.kind, owners[0], why)

    def _found(self, rule: str, account: Account) -> list[Person]:
        if rule.startswith("tag:"):
            ids = [value for key, value in account.tags if key == rule.removeprefix("tag:")]
            return [person for one in ids for person in self._by_id.get(one, [])]
        if rule == "employee-id":
            return list(self._by_id.get(account.employee_id, [])) if account.employee_id else []
        emails = {email.casefold() for email in account.emails}
        if rule == "email":
            return [person for email in sorted(emails) for person in self._by_email.get(email, [])]
        return list(self._by_name.get(account.name.casefold().partition("@")[0], [])) if rule == "email-name" else []


def _named(pattern: str, account: Account) -> bool:
    return fnmatchcase(account.member, pattern) or fnmatchcase(account.name, pattern)
