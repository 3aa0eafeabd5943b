"""Drawing a sample: seeded, and reproducible with nothing but SHA-256.

An item's rank is the SHA-256 of three lines: the seed, the SHA-256 of the population, and the item's number in the
population, counted from 1. The items with the lowest ranks are the sample, in that order; those that follow are spares,
for items that turn out not to be what the population says. So everybody who has the population and the seed draws the
same items, in any language, and a larger sample contains the smaller one:

    printf '%s\\n%s\\n%d' SEED POPULATION_SHA256 NUMBER | sha256sum

Who draws chooses the seed before seeing the population, or takes one that nobody chose, such as a published figure.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

METHOD = "lowest SHA-256 of seed, population sha256 and item number, each on a line of its own"


class Drawn(NamedTuple):
    """One item that was drawn. `draw` counts from 1; spares count on."""

    draw: int
    number: int
    """The item's number in the population, from 1."""
    spare: bool


def rank(seed: str, population: str, number: int) -> str:
    """Hex. `population`: hex SHA-256 of the population."""
    return sha256(f"{seed}\n{population}\n{number}".encode()).hexdigest()


def draw(numbers: Iterable[int], size: int, spares: int, seed: str, population: str) -> list[Drawn]:
    """`size` of the items with these numbers, all when there are fewer, and up to `spares` more."""
    ranked = sorted(numbers, key=lambda number: rank(seed, population, number))
    return [Drawn(place, number, place > size) for place, number in enumerate(ranked[: size + spares], start=1)]


def items(rows: Sequence[Sequence[str]], by: int | None) -> list[list[int]]:
    """The items of a population as places of rows: each row, or the rows that agree in column `by`, as they appear."""
    if by is None:
        return [[place] for place in range(len(rows))]
    found: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        found.setdefault(row[by], []).append(place)
    return list(found.values())
