"""Who is in a group, through any number of groups inside it, and by which way.

Nesting may be circular, and each group is visited once. A group nobody was allowed to read may hold anybody; a group
that no longer exists holds nobody.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import msgspec

from observant.analysis.conditional_access.people import NOBODY, Bounds, People, chosen, everybody, gathered


class Group(msgspec.Struct, frozen=True):
    """One group as it was read."""

    name: str
    members: Sequence[int] = ()
    """Person numbers of its direct members."""
    groups: tuple[str, ...] = ()
    """Ids of the groups that are direct members."""
    readable: bool = True


class Groups:
    """The groups that policies refer to, and all groups inside them. `count` persons; see `Population` for `twins`."""

    def __init__(self, groups: Mapping[str, Group], count: int, twins: Sequence[int] = ()) -> None:
        self._groups = groups
        self._count = count
        self._twins = list(twins)
        self._closed: dict[str, Bounds] = {}
        self._direct: dict[str, People] = {}

    def members(self, id_: str) -> Bounds:
        """Everybody in the group, nested or not."""
        if id_ not in self._closed:
            reached = [self._groups[way[-1]] for way in self.chains(id_)]
            surely = self._with_twins(gathered(chain(*(group.members for group in reached)), self._count))
            anybody = everybody(self._count + len(self._twins))
            self._closed[id_] = Bounds(surely, surely if all(one.readable for one in reached) else anybody)
        return self._closed[id_]

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
        if id_ not in self._direct:
            self._direct[id_] = self._with_twins(gathered(self._groups[id_].members, self._count))
        return self._direct[id_]

    def name(self, way: tuple[str, ...]) -> str:
        """`Contractors > Vendors`"""
        return " > ".join(self._groups[one].name for one in way)

    def unreadable(self, id_: str) -> str:
        """The way to the first group inside that could not be read; empty when all could."""
        return next((self.name(way) for way in self.chains(id_) if not self._groups[way[-1]].readable), "")

    def _with_twins(self, people: People) -> People:
        return with_twins(people, self._count, self._twins)


def with_twins(people: People, count: int, twins: Sequence[int]) -> People:
    """The set with every twin whose original is in it: the twin of `twins[k]` is person `count + k`."""
    if not twins or people == NOBODY:
        return people
    held = chosen(people, list(twins))
    return people | gathered((place for place, is_in in enumerate(held) if is_in), len(held)) << count
