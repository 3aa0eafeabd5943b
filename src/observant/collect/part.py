"""A part reads some collections of one scope, and answers for each of them: complete, or a gap with its reason."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from observant.collect.unread import Unread
from observant.evidence.snapshot import Collection

Progress = Callable[[str], None]
"""Takes one line."""


class Declares(Protocol):
    """What a part says about itself: at least what it reads."""

    @property
    def collections(self) -> tuple[str, ...]: ...


class Reads(Protocol):
    """One scope being read: at least what earlier parts found."""

    @property
    def found(self) -> dict[str, Collection]: ...


D = TypeVar("D", bound=Declares)
R = TypeVar("R", bound=Reads)


@dataclass(frozen=True)
class Part(Generic[D, R]):
    declaration: D
    read: Callable[[R], Iterator[Collection]]
    """Yields each declared collection once. Raises Unread for those not yet yielded."""

    def collections(self, reading: R) -> Iterator[Collection]:
        """Every declared collection exactly once, complete or a gap."""
        done: set[str] = set()
        gap = None
        try:
            for collection in self.read(reading):
                done.add(collection.name)
                reading.found[collection.name] = collection
                yield collection
        except Unread as unread:
            gap = unread.gap
        for name in self.declaration.collections:
            if name not in done:
                assert gap is not None, f"{name} was declared and neither read nor refused"
                reading.found[name] = Collection(name, gap=gap)
                yield reading.found[name]


def told(collections: Iterator[Collection], progress: Progress | None) -> Iterator[Collection]:
    """The collections as they come, each with a line of progress."""
    for collection in collections:
        if progress is not None:
            outcome = f"{len(collection.entities)}" if collection.gap is None else f"gap, {collection.gap.reason}"
            progress(f"{collection.name}: {outcome}")
        yield collection
