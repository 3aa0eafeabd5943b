"""Who judges what. Nobody judges their own access, nor what only they own: such items go to the next in line."""

import re
from collections.abc import Sequence

import msgspec

from observant.reviews.item import Item


class Reviewer(msgspec.Struct, frozen=True):
    """A person who may review."""

    name: str
    email: str
    identities: tuple[str, ...] = ()
    """Globs on labels and members of their own identities."""
    keys: tuple[str, ...] = ()
    """OpenSSH public keys that sign for them, without comment: `ssh-ed25519 AAAA…`."""


MANAGER, OWNER = "manager", "owner"


class Rule(msgspec.Struct, frozen=True):
    """Items that match every pattern given are reviewed by `reviewer`. Globs, `*` only, without regard to case.

    With `by`, the reviewer is the manager of the person, or somebody else than the person who owns it too; a rule that
    finds no reviewer in this way is passed over.
    """

    reviewer: str = ""
    by: str = ""
    """`manager`, `owner`, or empty where `reviewer` is named."""
    kinds: tuple[str, ...] = ("*",)
    scopes: tuple[str, ...] = ("*",)
    labels: tuple[str, ...] = ("*",)


class Assignment(msgspec.Struct, frozen=True):
    """Item id -> name of the reviewer, and why it is not the one the rules name first."""

    reviewers: dict[str, str]
    escalated: dict[str, str]


class Reviewers(msgspec.Struct, frozen=True):
    """The people and the rules, first match first; `escalation` takes what the matching reviewer may not judge."""

    people: tuple[Reviewer, ...]
    rules: tuple[Rule, ...]
    escalation: str

    def named(self, name: str) -> Reviewer:
        """Raises KeyError for somebody who is no reviewer."""
        return next(one for one in self.people if one.name == name) if name in self.names else _nobody(name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.people)

    def may_judge(self, name: str, item: Item) -> bool:
        """Whether the item is not this person's own, and not something that only they have or own."""
        own = self._own(name)
        alone = bool(item.holders) and all(matches(own, (holder,)) for holder in item.holders)
        return not alone and not matches(own, (item.label, item.member, item.person))

    def assign(self, items: Sequence[Item]) -> tuple[Assignment, list[Item]]:
        """A reviewer for every item, and the items that nobody may judge."""
        chosen: dict[str, str] = {}
        escalated: dict[str, str] = {}
        left: list[Item] = []
        for item in items:
            first = self._first(item)
            in_line = [name for name in (first, self.escalation) if name]
            able = [name for name in in_line if self.may_judge(name, item)]
            if not able:
                left.append(item)
                continue
            chosen[item.id] = able[0]
            if able[0] != first:
                why = f"{first} does not judge their own access" if first else "no rule names a reviewer"
                escalated[item.id] = why
        return Assignment(chosen, escalated), left

    def _own(self, name: str) -> tuple[str, ...]:
        person = self.named(name)
        return (*person.identities, person.email)

    def _first(self, item: Item) -> str:
        for rule in self.rules:
            if (
                matches(rule.kinds, (item.kind,))
                and matches(rule.scopes, (item.scope,))
                and matches(rule.labels, (item.label,))
                and (name := self._of(rule, item))
            ):
                return name
        return ""

    def _of(self, rule: Rule, item: Item) -> str:
        """The reviewer that a rule names for an item; empty when it finds none."""
        if not rule.by:
            return rule.reviewer
        wanted = (item.manager,) if rule.by == MANAGER else item.holders
        return next((name for name in self.names if matches(self._own(name), wanted)), "")


def matches(globs: Sequence[str], values: Sequence[str]) -> bool:
    """Whether any value that is not empty matches any of the globs."""
    return any(_expression(glob).fullmatch(value) for glob in globs if glob for value in values if value)


def _expression(glob: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in glob.split("*")), re.IGNORECASE | re.DOTALL)


def _nobody(name: str) -> Reviewer:
    raise KeyError(name)
