"""Accounts of any provider and the people behind them: what is alike whichever provider has them."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from observant.analysis.derivation import DerivedTable
from observant.analysis.kleene import Kleene, either
from observant.analysis.people.linking import Account, Link, Linker
from observant.analysis.people.timeline import People, person_of
from observant.analysis.slices import Answer, Version, shape

OF_PEOPLE = frozenset({"people.persons", "people.accounts", "people.rules"})
_NOBODY = Linker([], [], [])


class Held(NamedTuple):
    """An account over one stretch of time, as its provider has it."""

    start: datetime
    end: datetime
    earliest: datetime
    record: int
    account: Account
    works: Kleene


class Means(NamedTuple):
    """Something that gives one person access over a stretch of time."""

    person: tuple[str, str]
    """Scope and id."""
    label: str
    start: datetime
    end: datetime
    earliest: datetime
    record: int
    works: Kleene


def identity_table(name: str, about: str, collections: frozenset[str]) -> DerivedTable:
    """Accounts and who stands behind each."""
    return DerivedTable(
        name=name,
        about=f"{about} `kind` is person, shared, service, break-glass, guest or unlinked; `rule` says why.",
        columns=shape(
            kind="VARCHAR",
            person="VARCHAR",
            person_name="VARCHAR",
            person_scope="VARCHAR",
            rule="VARCHAR",
            working="BOOLEAN",
        ),
        collections=OF_PEOPLE | collections,
    )


def access_table(name: str, about: str, collections: frozenset[str]) -> DerivedTable:
    """People and whether they have working access."""
    return DerivedTable(
        name=name,
        about=(
            f"{about} `working` is NULL where it cannot be known, false where nothing of theirs works. `ended_workday` "
            "is the last day in people_workday that is over when they leave."
        ),
        columns=shape(
            starts_at="TIMESTAMP", ends_at="TIMESTAMP", ended_workday="BIGINT", identities="VARCHAR", working="BOOLEAN"
        ),
        collections=OF_PEOPLE | collections,
    )


def linked(held: Iterable[Held], people: People) -> Iterator[Answer]:
    """Each account at every time, with the link of that time: rows of an identity table."""
    for one in held:
        within = {at for piece in people.between(one.start, one.end) for at in (piece.start, piece.end)}
        for start, end in pairwise(sorted({one.start, one.end, *within})):
            linker = next((piece.linker for piece in people.between(start, end)), _NOBODY)
            link = linker.link(one.account)
            earliest = one.earliest if start == one.start else start
            values = (*_named(link), one.works)
            yield Answer(
                one.account.scope, one.account.member, one.account.name, start, end, earliest, one.record, values
            )


def _named(link: Link) -> tuple[str | None, ...]:
    person = link.person
    named = (person.id, person.name, person.scope) if person else (None, None, None)
    return (link.kind, *named, link.why)


def own(identities: Iterable[Answer]) -> Iterator[Means]:
    """What accounts that are one person's own give them."""
    for one in identities:
        kind, owner, _, scope, _, works = one.values
        if kind == "person":
            known = works if isinstance(works, bool) else None
            label = f"{one.label} ({one.scope})"
            yield Means((str(scope), str(owner)), label, one.valid_from, one.valid_to, one.earliest, one.record, known)


def access(people: People, means: Iterable[Means], days: dict[str, list[datetime]]) -> Iterator[Answer]:
    """Every person at every time, with what gave them access then: rows of an access table. `days` by scope."""
    of: dict[tuple[str, str], list[Means]] = defaultdict(list)
    for each in means:
        of[each.person].append(each)
    for version in people.persons:
        yield from _of_person(version, of[version.scope, version.member], days.get(version.scope, []))


def _of_person(version: Version, means: list[Means], days: list[datetime]) -> Iterator[Answer]:
    person = person_of(version)
    ended = bisect_right(days, person.ends_at) - 1 if person.ends_at else None
    cuts = {at for one in means for at in (one.start, one.end) if version.valid_from < at < version.valid_to}
    for start, end in pairwise(sorted({version.valid_from, version.valid_to, *cuts})):
        held = [one for one in means if one.start <= start < one.end]
        begun = [one.earliest for one in held if one.start == start]
        begun += [version.earliest] if start == version.valid_from else []
        named = ", ".join(sorted({one.label for one in held if one.works is not False})) or None
        works = either(one.works for one in held)
        yield Answer(
            scope=version.scope,
            member=version.member,
            label=version.label,
            valid_from=start,
            valid_to=end,
            earliest=max(begun, default=start),
            record=max([version.record, *(one.record for one in held)]),
            values=(person.starts_at, person.ends_at, ended, named, works),
        )
