"""Does a Resource pattern cover a resource?

- per ARN segment: six parts between colons, the last one with all colons that follow; a pattern with fewer parts is
  filled up with `*`
- AWS documents that a `*` at the end of a segment may reach beyond the colon, and its own policy checker behaves as if
  it did not; where the two readings differ the answer is None
- case matters

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

import re
from functools import lru_cache

from observant.analysis.iam.glob import ONE, STAR, intersects, is_star, matches
from observant.analysis.kleene import Kleene

_PARTS = 6
_ANYTHING = "\ue010\ue010\ue010"
"""Stands for what a template leaves open: only a `*` matches it, whatever its length."""


@lru_cache(maxsize=65536)
def segments(pattern: str) -> tuple[str, ...] | None:
    """The six parts of a marked ARN pattern; None when it is no ARN."""
    parts = pattern.split(":", _PARTS - 1)
    if len(parts) < 2 or not (parts[0] == "arn" or is_star(parts[0])):
        return None
    return tuple(parts + [STAR] * (_PARTS - len(parts)))


@lru_cache(maxsize=65536)
def covers(pattern: str, resource: str) -> Kleene:
    """Whether the marked pattern covers the resource (an ARN, or `*` for an action that takes none)."""
    if is_star(pattern):
        return True
    wanted = segments(pattern)
    if wanted is None:
        return matches(pattern, resource)
    given = resource.split(":", _PARTS - 1)
    if len(given) == _PARTS and all(matches(one, other) for one, other in zip(wanted, given, strict=True)):
        return True
    if any(part.endswith(STAR) for part in wanted[:-1]) and _crosses(pattern, resource):
        return None
    return False


def _crosses(pattern: str, resource: str) -> bool:
    """The other reading: a star at the end of a segment runs across colons."""
    if pattern.count(STAR) <= _FEW:
        return _expression(pattern).fullmatch(resource) is not None
    steps = _steps(pattern)
    reached = _through_stars(steps, {0})
    for symbol in resource:
        moved = set()
        for place in reached:
            if place < len(steps):
                wanted, colons, stays = steps[place]
                if wanted == symbol or (not wanted and (colons or symbol != ":")):
                    moved.add(place if stays else place + 1)
        reached = _through_stars(steps, moved)
        if not reached:
            return False
    return len(steps) in reached


_FEW = 4
"""Stars with which an expression cannot take long; beyond, all places are followed at once."""


@lru_cache(maxsize=4096)
def _expression(pattern: str) -> re.Pattern[str]:
    wanted = (
        (re.escape(symbol) if symbol else "." if colons else "[^:]") + ("*" if stays else "")
        for symbol, colons, stays in _steps(pattern)
    )
    return re.compile("".join(wanted), re.DOTALL)


def _through_stars(steps: tuple[tuple[str, bool, bool], ...], places: set[int]) -> set[int]:
    found = set(places)
    for place in places:
        while place < len(steps) and steps[place][2]:
            place += 1
            found.add(place)
    return found


@lru_cache(maxsize=4096)
def _steps(pattern: str) -> tuple[tuple[str, bool, bool], ...]:
    """Each symbol as (character, empty for any; whether that may be a colon; whether any number of them)."""
    parts = pattern.split(":", _PARTS - 1)
    found: list[tuple[str, bool, bool]] = []
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        found += [(":", True, False)] if number else []
        body = part.rstrip(STAR)
        found += [("" if each in (STAR, ONE) else each, last, each == STAR) for each in body]
        found += [("", True, True)] if body != part else []
    return tuple(found)


@lru_cache(maxsize=65536)
def is_every_resource(pattern: str) -> bool:
    """Whether it covers every resource of every service in some partition: `*`, `arn:aws:*`, `arn:*:*:*:*:*`."""
    if is_star(pattern):
        return True
    parts = segments(pattern)
    return (
        parts is not None
        and (parts[1].startswith("aws") or is_star(parts[1]))
        and all(is_star(part) or not part.strip(STAR + ":/") for part in parts[2:])
        and all(parts[2:])
    )


def stands_for_no_resource(pattern: str, service: str) -> bool:
    """Whether it covers the requests of an action that takes no resource: `*` only, and `arn:aws:s3:::*` for S3."""
    if is_every_resource(pattern):
        return True
    parts = segments(pattern)
    return parts is not None and parts[2] == service == "s3" and not any(part.strip(STAR) for part in parts[3:])


@lru_cache(maxsize=65536)
def covers_all_of(pattern: str, template: str, account: str) -> Kleene:
    """Does the pattern cover every, no, or some (None) resource of a type, given as the catalogue's ARN template?"""
    if covers_every_one_of(pattern, template, account):
        return True
    open_template = _filled(template, account, STAR)
    wanted, possible = segments(pattern), segments(open_template)
    if wanted is None or possible is None:
        return None if intersects(pattern, open_template) else False
    return None if all(intersects(one, other) for one, other in zip(wanted, possible, strict=True)) else False


@lru_cache(maxsize=65536)
def covers_every_one_of(pattern: str, template: str, account: str) -> bool:
    """The half of `covers_all_of` that is quick to tell: whether it covers every resource of a type."""
    if is_star(pattern):
        return True
    wanted, fixed = segments(pattern), _fixed(template, account)
    if wanted is None or len(fixed) != _PARTS:
        return False
    return all(matches(one, other) for one, other in zip(wanted, fixed, strict=True))


@lru_cache(maxsize=16384)
def _fixed(template: str, account: str) -> list[str]:
    return _filled(template, account, _ANYTHING).split(":", _PARTS - 1)


@lru_cache(maxsize=16384)
def _filled(template: str, account: str, rest: str) -> str:
    known = {"${Partition}": "aws", "${Account}": account or rest}
    return re.sub(r"\$\{\w+\}", lambda found: known.get(found[0], rest), template)
