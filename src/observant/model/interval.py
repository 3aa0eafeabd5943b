"""Half-open stretches of time [start, end) and the algebra over sorted, disjoint lists of them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple


class Interval(NamedTuple):
    """[start, end), both aware UTC; start < end."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start


def union(*lists: Iterable[Interval]) -> list[Interval]:
    """All moments in any list: sorted, disjoint, touching stretches joined."""
    joined: list[Interval] = []
    for each in sorted(one for many in lists for one in many if one.start < one.end):
        if joined and each.start <= joined[-1].end:
            joined[-1] = Interval(joined[-1].start, max(joined[-1].end, each.end))
        else:
            joined.append(each)
    return joined


def intersect(left: Iterable[Interval], right: Iterable[Interval]) -> list[Interval]:
    """The moments in both lists."""
    a, b, shared = union(left), union(right), []
    i = j = 0
    while i < len(a) and j < len(b):
        start, end = max(a[i].start, b[j].start), min(a[i].end, b[j].end)
        if start < end:
            shared.append(Interval(start, end))
        if a[i].end < b[j].end:
            i += 1
        else:
            j += 1
    return shared


def subtract(left: Iterable[Interval], right: Iterable[Interval]) -> list[Interval]:
    """The moments in `left` that are not in `right`."""
    rest: list[Interval] = []
    holes = union(right)
    for each in union(left):
        start = each.start
        for hole in holes:
            if hole.end <= start:
                continue
            if hole.start >= each.end:
                break
            if hole.start > start:
                rest.append(Interval(start, hole.start))
            start = hole.end
        if start < each.end:
            rest.append(Interval(start, each.end))
    return rest


def length(stretches: Iterable[Interval]) -> timedelta:
    """Total time covered, overlaps counted once."""
    return sum((each.length for each in union(stretches)), timedelta())
