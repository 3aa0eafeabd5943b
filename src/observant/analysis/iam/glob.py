"""Wildcards of policy patterns: `*` any run of characters, `?` exactly one.

A pattern is kept *marked*: its wildcards are the two private characters below, so that a literal star (`${*}`, or a
star inside the value of a policy variable) stays a literal star.
"""

import re
from functools import lru_cache

STAR = "\ue000"
ONE = "\ue001"


_OURS = re.compile("[\ue000-\ue0ff]")


def marked(written: str) -> str:
    """A pattern as written in a policy, with its wildcards marked. Characters that mark something are nobody else's."""
    own = written if written.isascii() else _OURS.sub("\ufffd", written)
    return own.replace("*", STAR).replace("?", ONE)


def shown(pattern: str) -> str:
    """A marked pattern as people write it."""
    return pattern.replace(STAR, "*").replace(ONE, "?")


def is_literal(pattern: str) -> bool:
    return STAR not in pattern and ONE not in pattern


def is_star(pattern: str) -> bool:
    """Whether it matches every text: stars only, at least one."""
    return bool(pattern) and not pattern.strip(STAR)


def matches(pattern: str, text: str) -> bool:
    """Whether the marked pattern matches the whole text. Case matters."""
    if STAR not in pattern:
        if ONE not in pattern:
            return pattern == text
        return len(pattern) == len(text) and all(p in (ONE, t) for p, t in zip(pattern, text, strict=True))
    if ONE in pattern:
        return _walks(pattern, text)
    first, *middle, last = pattern.split(STAR)
    start, end = len(first), len(text) - len(last)
    if start > end or not text.startswith(first) or not text.endswith(last):
        return False
    for part in middle:
        found = text.find(part, start, end)
        if found < 0:
            return False
        start = found + len(part)
    return True


def _walks(pattern: str, text: str) -> bool:
    """The general case: only the last star is ever taken back, so hostile patterns cost no more than others."""
    place = at = 0
    star, resumed = -1, 0
    while at < len(text):
        if place < len(pattern) and pattern[place] == STAR:
            star, resumed = place, at
            place += 1
        elif place < len(pattern) and pattern[place] in (ONE, text[at]):
            place, at = place + 1, at + 1
        elif star >= 0:
            resumed += 1
            place, at = star + 1, resumed
        else:
            return False
    return not pattern[place:].strip(STAR)


@lru_cache(maxsize=65536)
def intersects(one: str, other: str) -> bool:
    """Whether some text matches both marked patterns."""
    reached = _after_stars(one, {0})
    for symbol in other:
        if symbol == STAR:
            reached = set(range(min(reached), len(one) + 1)) if reached else reached
        else:
            reached = _after_stars(one, _step(one, reached, symbol))
        if not reached:
            return False
    return len(one) in reached


def _step(pattern: str, places: set[int], symbol: str) -> set[int]:
    moved: set[int] = set()
    for place in places:
        if place == len(pattern):
            continue
        at = pattern[place]
        if at == STAR:
            moved.add(place)
        elif symbol in (ONE, at) or at == ONE:
            moved.add(place + 1)
    return moved


def _after_stars(pattern: str, places: set[int]) -> set[int]:
    """Places reachable without reading anything."""
    closed = set(places)
    for place in sorted(places):
        while place < len(pattern) and pattern[place] == STAR:
            place += 1
            closed.add(place)
    return closed
