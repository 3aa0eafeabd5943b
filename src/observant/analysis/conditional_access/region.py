"""Which sign-ins a policy applies to, as boxes in a space of facts; and whether several policies fill a space together.

A sign-in has facts: its client, its platform, its flow, its risks, whether it comes from a location, whether it is to
an application, whether a device filter matches. Each fact has finitely many values, kept as bits of a mask; a box
allows some values for some facts and says nothing of the others. Facts that have no fixed list of values (a location,
an application, a filter) are questions with the values yes and no. Their answers depend on each other in ways nobody
told us (two named locations may overlap), so every combination is taken to be possible: that asks for more than
necessary and never credits a policy with what it does not do.
"""

from collections.abc import Iterable, Mapping

import msgspec

from observant.analysis.conditional_access.people import NOBODY, Bounds, People, exactly

NO, YES = 1, 2

CLIENT, PLATFORM, FLOW, ACTION = "client", "platform", "flow", "action"
SIGN_IN_RISK, USER_RISK, INSIDER_RISK = "sign-in risk", "user risk", "insider risk"

_VALUES: dict[str, tuple[str, ...]] = {
    CLIENT: ("browser", "mobileAppsAndDesktopClients", "easSupported", "easUnsupported", "other"),
    PLATFORM: ("android", "iOS", "windows", "windowsPhone", "macOS", "linux", "unrecognized"),
    FLOW: ("neither", "deviceCodeFlow", "authenticationTransfer"),
    ACTION: ("sign-in", "anything else"),
    SIGN_IN_RISK: ("none", "low", "medium", "high", "hidden"),
    USER_RISK: ("none", "low", "medium", "high", "hidden"),
    INSIDER_RISK: ("none", "minor", "moderate", "elevated"),
}

LIMIT = 20_000
"""Splits after which a question of combination is left open. Real tenants need tens."""

Box = Mapping[str, int]
"""Fact -> mask of the values it may have; a fact that is not named may have any."""


def values_of(fact: str, names: Iterable[str]) -> int:
    """Mask of these values. Raises ValueError for a name the fact does not have."""
    known = _VALUES[fact]
    return sum(1 << known.index(name) for name in set(names))


def all_of(fact: str) -> int:
    """Mask of every value the fact can have."""
    return (1 << len(_VALUES[fact])) - 1 if fact in _VALUES else NO | YES


def within(inner: Box, outer: Box) -> bool:
    """Whether every sign-in of the one box is in the other."""
    return all(inner.get(fact, all_of(fact)) & ~mask == 0 for fact, mask in outer.items())


def meet(one: Box, other: Box) -> Box | None:
    """The sign-ins in both boxes; None when there are none."""
    both = dict(one)
    for fact, mask in other.items():
        both[fact] = both.get(fact, all_of(fact)) & mask
        if not both[fact]:
            return None
    return both


class Filling(msgspec.Struct, frozen=True):
    """A box in which some people are taken care of."""

    box: Box
    people: People


class _Exhausted(Exception):
    pass


def filled(space: Box, fillings: Iterable[Filling], wanted: People) -> Bounds:
    """Of the people `wanted`, those for whom the boxes together fill the space.

    Splits the space along a box that reaches into it, until each part lies within the boxes or outside of them. The
    answer is exact; past `LIMIT` splits, those it could not settle are maybe.
    """
    relevant = [Filling(both, one.people & wanted) for one in fillings if (both := meet(one.box, space)) is not None]
    budget = [LIMIT]
    try:
        settled = _settled(space, relevant, wanted, budget)
    except _Exhausted:
        alone, anyhow = NOBODY, NOBODY
        for one in relevant:
            anyhow |= one.people
            alone |= one.people if within(space, one.box) else NOBODY
        return Bounds(alone, anyhow)
    return exactly(settled)


def _settled(space: Box, fillings: list[Filling], wanted: People, budget: list[int]) -> People:
    whole, parts = NOBODY, []
    for one in fillings:
        if within(space, one.box):
            whole |= one.people
        else:
            parts.append(one)
    parts = [one for one in parts if one.people & wanted & ~whole]
    rest = wanted & ~whole
    if not rest or not parts:
        return whole & wanted
    budget[0] -= 1
    if budget[0] < 0:
        raise _Exhausted
    fact, mask = _seam(space, parts[0].box)
    left = {**space, fact: space.get(fact, all_of(fact)) & mask}
    right = {**space, fact: space.get(fact, all_of(fact)) & ~mask}
    # Somebody who is not taken care of on one side need not be asked about on the other.
    for side in (right, left):
        inside = [Filling(both, one.people) for one in parts if (both := meet(one.box, side)) is not None]
        rest = _settled(side, inside, rest, budget)
        if not rest:
            break
    return (whole | rest) & wanted


def _seam(space: Box, box: Box) -> tuple[str, int]:
    """A fact along which the box cuts through the space."""
    for fact, mask in box.items():
        if space.get(fact, all_of(fact)) & ~mask:
            return fact, mask
    raise ValueError("the box holds the whole space")
