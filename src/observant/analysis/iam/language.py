"""All the ways in which a text can match some patterns, each with a shortest example.

A set of patterns sorts all texts into classes by which of the patterns match. The classes that exist, and an example of
each, are found by walking the product of the patterns' automata breadth first: exact, without a solver. ARNs are walked
segment by segment. Work is capped; beyond the cap the result says that it is not complete.
"""

from functools import lru_cache

import msgspec

from observant.analysis.iam.arn import segments
from observant.analysis.iam.glob import ONE, STAR, is_star

CAP = 200_000
"""States of the product that are visited; combinations of ARN segments that are kept."""

_FRESH = "xqzjkwvyuo0123456789XQZJKWVYUO~"


class Classes(msgspec.Struct, frozen=True):
    """`examples`: bits of the patterns that match (pattern n is 1 << n) -> a text that matches just these."""

    examples: dict[int, str]
    complete: bool


class _Automaton:
    """Positions of one pattern as bits; bit n is set when its first n symbols are read."""

    __slots__ = ("accepts", "literals", "ones", "stars", "start")

    def __init__(self, pattern: str) -> None:
        while STAR + STAR in pattern:
            pattern = pattern.replace(STAR + STAR, STAR)
        self.literals: dict[str, int] = {}
        self.stars = self.ones = 0
        for place, symbol in enumerate(pattern):
            if symbol == STAR:
                self.stars |= 1 << place
            elif symbol == ONE:
                self.ones |= 1 << place
            else:
                self.literals[symbol] = self.literals.get(symbol, 0) | 1 << place
        self.accepts = 1 << len(pattern)
        self.start = self._closed(1)

    def _closed(self, places: int) -> int:
        return places | (places & self.stars) << 1

    def after(self, places: int, symbol: str) -> int:
        moved = (places & (self.literals.get(symbol, 0) | self.ones)) << 1
        return self._closed(moved | places & self.stars)

    def next_literals(self, places: int) -> list[str]:
        return [symbol for symbol, held in self.literals.items() if held & places]


@lru_cache(maxsize=4096)
def text_classes(patterns: tuple[str, ...], *, empty: bool = False) -> Classes:
    """Classes of texts under marked patterns; the empty text counts only where it may occur."""
    automata = [_Automaton(pattern) for pattern in patterns]
    start = tuple((number, each.start) for number, each in enumerate(automata))
    found: dict[int, str] = {}
    queue: list[tuple[tuple[tuple[int, int], ...], str]] = [(start, "")]
    seen: set[tuple[tuple[int, int], ...]] = set() if not empty else {start}
    for state, text in queue:
        if text or empty:
            bits = sum(1 << number for number, places in state if places & automata[number].accepts)
            found.setdefault(bits, text)
        if not state and text:
            continue
        for symbol in _symbols(automata, state):
            following = tuple(
                (number, after) for number, places in state if (after := automata[number].after(places, symbol))
            )
            if following not in seen:
                seen.add(following)
                queue.append((following, text + symbol))
        if len(queue) > CAP:
            return Classes(found, complete=False)
    return Classes(found, complete=True)


def _symbols(automata: list[_Automaton], state: tuple[tuple[int, int], ...]) -> list[str]:
    """What may tell the patterns apart here: their next literals, and one symbol that is none of them."""
    literals = sorted({symbol for number, places in state for symbol in automata[number].next_literals(places)})
    fresh = next((one for one in _FRESH if one not in literals), "\ue002")
    return [fresh, *literals]


@lru_cache(maxsize=4096)
def arn_classes(patterns: tuple[str, ...]) -> Classes:
    """Classes of ARNs under marked patterns, compared segment by segment."""
    split = [(STAR,) * 6 if is_star(pattern) else segments(pattern) for pattern in patterns]
    odd = [pattern for pattern, parts in zip(patterns, split, strict=True) if parts is None]
    if odd:
        return Classes(text_classes(patterns).examples, complete=False)
    reached: dict[int, str] = {(1 << len(patterns)) - 1: ""}
    complete = True
    for place in range(6):
        parts = [each[place] for each in split if each is not None]
        distinct = tuple(dict.fromkeys(parts))
        classes = _segment_classes(distinct, place)
        complete = complete and classes.complete
        masks = [(_spread(bits, distinct, parts), text) for bits, text in classes.examples.items()]
        following: dict[int, str] = {}
        for before, text in reached.items():
            for mask, part in masks:
                following.setdefault(before & mask, f"{text}:{part}" if place else part)
        if len(following) > CAP:
            return Classes(following, complete=False)
        reached = following
    return Classes(reached, complete)


def _segment_classes(parts: tuple[str, ...], place: int) -> Classes:
    """`arn` in front, a partition, a service; region and account may be empty, the rest may not."""
    if place == 0:
        bits = sum(1 << number for number, part in enumerate(parts) if part == "arn" or is_star(part))
        return Classes({bits: "arn"}, complete=True)
    return text_classes(parts, empty=place in (3, 4))


def _spread(bits: int, distinct: tuple[str, ...], parts: list[str]) -> int:
    held = {part for number, part in enumerate(distinct) if bits >> number & 1}
    return sum(1 << number for number, part in enumerate(parts) if part in held)
