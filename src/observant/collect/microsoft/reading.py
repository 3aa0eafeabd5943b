"""What a part of a Microsoft collector declares about itself, and what it is given to work with."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from observant.collect import part
from observant.collect.microsoft.batch import MOST
from observant.collect.microsoft.operation import Operation
from observant.collect.microsoft.paging import entities_of, items, tidy
from observant.collect.microsoft.refusal import Refused
from observant.collect.microsoft.session import MicrosoftSession
from observant.collect.microsoft.window import LastRead, never
from observant.collect.unread import Unread
from observant.evidence.snapshot import Collection, Entity, GapReason, Json
from observant.model.time import Clock

EVENTUAL = {"consistencylevel": "eventual"}


@dataclass(frozen=True)
class Declaration:
    """What a part reads, and by which requests."""

    collections: tuple[str, ...]
    operations: tuple[Operation, ...]

    @property
    def permissions(self) -> set[str]:
        return {operation.permission for operation in self.operations}


@dataclass
class Reading:
    """One tenant or subscription being read: the session, the clock, and what earlier parts found."""

    session: MicrosoftSession
    clock: Clock
    identifier: str
    """Tenant id or subscription id."""
    found: dict[str, Collection] = field(default_factory=dict)
    granted: frozenset[str] = frozenset()
    """Application permissions that the token names; empty when it names none."""
    also_groups: frozenset[str] = frozenset()
    """Groups that other scopes refer to."""
    last_read: LastRead = never

    def need(self, collection: str) -> Collection:
        """An earlier collection. Raises Unread when it is a gap."""
        earlier = self.found[collection]
        if earlier.gap is not None:
            raise Unread(GapReason.NOT_ATTEMPTED, f"needs {collection}, which is a gap ({earlier.gap.reason})")
        return earlier

    def one(self, operation: Operation, query: Mapping[str, str] | None = None, **parts: str) -> Json:
        """One object. Raises Unread."""
        asked = query or {}
        url = operation.url(self.session.endpoints, parts, asked)
        return self.session.get(operation, url, {**parts, **asked})

    def count(self, operation: Operation) -> int:
        """How many there are by the service's own index, which may lag. Raises Unread."""
        return self.session.number(operation, operation.url(self.session.endpoints, {}, {}), {}, EVENTUAL)

    def items(self, operation: Operation, query: Mapping[str, str] | None = None, **parts: str) -> list[Json]:
        """Everything that a listing has. Raises Unread."""
        asked = query or {}
        return items(self.session, operation, operation.url(self.session.endpoints, parts, asked), {**parts, **asked})

    def ahead(self, operation: Operation, asked: Iterable[tuple[Mapping[str, str], Mapping[str, str]]]) -> None:
        """What `one` and `items` will soon be asked for, as (query, parts) of each: it comes in fewer requests."""
        self.session.ahead(
            operation,
            [(operation.url(self.session.endpoints, parts, query), {**parts, **query}) for query, parts in asked],
        )


Part = part.Part[Declaration, Reading]

Ahead = Callable[[list[str]], None]
"""Told which things are asked for next, at most as many as may be asked for together."""


def listing(collection: str, operation: Operation, query: Mapping[str, str] | None = None, urn: str = "id") -> Part:
    """A part that is one listing and nothing else; `urn` is the property that names an object."""

    def read(reading: Reading) -> Iterator[Collection]:
        yield Collection(collection, entities_of(operation, reading.items(operation, query), urn))

    return Part(Declaration((collection,), (operation,)), read)


def single(collection: str, operation: Operation) -> Part:
    """A part that is one object of the scope, under the scope's own identifier."""

    def read(reading: Reading) -> Iterator[Collection]:
        yield Collection(collection, [Entity(reading.identifier, tidy(reading.one(operation)))])

    return Part(Declaration((collection,), (operation,)), read)


def each(
    keys: Sequence[str] | Mapping[str, Any],
    read: Callable[[str], Iterable[Entity]],
    instead: Callable[[str, Unread], Entity],
    ahead: Ahead = lambda _: None,
) -> list[Entity]:
    """The entities of many things asked for one by one; one that cannot be read is an entity that says so.

    `keys` may grow while they are read. What concerns all of them (no licence, throttled, no answer, each of them
    denied) is raised as Unread.
    """
    found: list[Entity] = []
    answered = 0
    denied: list[Refused] = []
    due = keys if isinstance(keys, Sequence) else list(keys)
    for number, key in enumerate(due):
        if number % MOST == 0:
            ahead(list(due[number : number + MOST]))
        try:
            found += read(key)
            answered += 1
        except Unread as unread:
            if isinstance(unread, Refused):
                if unread.reason in (GapReason.UNLICENSED, GapReason.THROTTLED) or not 0 < unread.status < 500:
                    raise
                denied += [unread] if unread.reason is GapReason.DENIED else []
            found.append(instead(key, unread))
    if denied and not answered:
        raise denied[0]
    return found
