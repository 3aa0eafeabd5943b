"""Who is in a group, through any number of groups inside it, and by which way.

Nesting may be circular, and each group is visited once. A group nobody was allowed to read may hold anybody; a group
that no longer exists holds nobody.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import chain

import msgspec

from observant.analysis.conditional_access.people import Bounds, People, everybody, gathered


class Group(msgspec.Struct, frozen=True):
    """One group as it was read."""

    name: str
    members: Sequence[int] = ()
    """Person numbers of its direct members."""
    groups: tuple[str, ...] = ()
    """Ids of the groups that are direct members."""
    readable: bool = True


class Closure(msgspec.Struct, frozen=True):
    """Everybody in a group, and what that was worked out from."""

    people: Bounds
    reached: frozenset[str]


class Groups:
    """The groups that policies and roles refer to, and all groups inside them. `known` from an earlier moment is used
    as it is: see `unaffected`."""

    def __init__(self, groups: Mapping[str, Group], count: int, known: Mapping[str, Closure] | None = None) -> None:
        self._groups = groups
        self._count = count
        self._closed = dict(known or {})
        self._direct: dict[str, People] = {}

    def members(self, id_: str) -> Bounds:
        """Everybody in the group, nested or not."""
        if id_ not in self._closed:
            ids = [way[-1] for way in self.chains(id_)]
            reached = [self._groups[one] for one in ids]
            surely = gathered(chain(*(group.members for group in reached)), self._count)
            maybe = surely if all(one.readable for one in reached) else everybody(self._count)
            self._closed[id_] = Closure(
                Bounds(surely, maybe), frozenset([id_, *ids, *chain(*(g.groups for g in reached))])
            )
        return self._closed[id_].people

    def unaffected(self, changed: Set[str]) -> dict[str, Closure]:
        """What stays true when only the groups `changed` are different."""
        return {id_: one for id_, one in self._closed.items() if not one.reached & changed}

    def chains(self, id_: str) -> Iterator[tuple[str, ...]]:
        """Each group reached from this one with the way to it, nearest first; nothing for a group that is gone."""
        queue: list[tuple[str, ...]] = [(id_,)] if id_ in self._groups else []
        seen = {id_}
        for way in queue:  # grows while it is read
            yield way
            for inner in self._groups[way[-1]].groups:
                if inner not in seen and inner in self._groups:
                    seen.add(inner)
                    queue.append((*way, inner))

    def direct(self, id_: str) -> People:
        """Those who are in the group itself."""
        if not self._groups[id_].groups:
            return self.members(id_).surely
        if id_ not in self._direct:
            self._direct[id_] = gathered(self._groups[id_].members, self._count)
        return self._direct[id_]

    def name(self, way: tuple[str, ...]) -> str:
        """`Contractors > Vendors`"""
        return " > ".join(self._groups[one].name for one in way)

    def unreadable(self, id_: str) -> str:
        """The way to the first group inside that could not be read; empty when all could."""
        return next((self.name(way) for way in self.chains(id_) if not self._groups[way[-1]].readable), "")
