"""Time cut where anything changes, in Python: for few rows that must be seen together, such as all of one log."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any, Generic, TypeVar

Content = TypeVar("Content")


@dataclass(frozen=True)
class Stretch(Generic[Content]):
    """Something that held for some time. Moments are naive UTC, as the database gives them."""

    valid_from: datetime
    valid_to: datetime
    earliest: datetime
    record: int
    content: Content


def stretch(times: Sequence[Any], content: Content) -> Stretch[Content]:
    """From the columns valid_from, valid_to, earliest and record of a row."""
    valid_from, valid_to, earliest, record = times
    return Stretch(valid_from, valid_to, earliest, record, content)


def slices(frame: list[Stretch[None]], stretches: list[Stretch[Content]]) -> Iterator[Stretch[list[Content]]]:
    """Inside the frame, cut wherever a stretch begins or ends: what held in each piece, in the order given.

    The frame is when the whole was seen at all; its stretches do not overlap. Neighbouring pieces of equal content are
    one.
    """
    last: Stretch[list[Content]] | None = None
    for each in _pieces(frame, stretches):
        if last and last.valid_to == each.valid_from and last.content == each.content:
            last = replace(last, valid_to=each.valid_to)
            continue
        if last:
            yield last
        last = each
    if last:
        yield last


def _pieces(frame: list[Stretch[None]], stretches: list[Stretch[Content]]) -> Iterator[Stretch[list[Content]]]:
    begins: dict[datetime, list[int]] = {}
    ends: dict[datetime, list[int]] = {}
    for place, one in enumerate(stretches):
        begins.setdefault(one.valid_from, []).append(place)
        ends.setdefault(one.valid_to, []).append(place)
    everything: list[Stretch[Any]] = [*frame, *stretches]
    moments = sorted({at for one in everything for at in (one.valid_from, one.valid_to)})
    seen_at = sorted(frame, key=lambda one: one.valid_from)
    held: dict[int, Stretch[Content]] = {}
    for start, end in pairwise(moments):
        for place in ends.get(start, ()):
            held.pop(place, None)
        held.update((place, stretches[place]) for place in begins.get(start, ()) if stretches[place].valid_to > start)
        while seen_at and seen_at[0].valid_to <= start:
            seen_at.pop(0)
        if seen_at and seen_at[0].valid_from <= start:
            yield _piece(start, end, seen_at[0], [held[place] for place in sorted(held)])


def _piece(start: datetime, end: datetime, seen: Stretch[None], held: list[Stretch[Content]]) -> Stretch[list[Content]]:
    everything: list[Stretch[Any]] = [seen, *held]
    began = [one.earliest for one in everything if one.valid_from == start]
    return Stretch(
        valid_from=start,
        valid_to=end,
        earliest=max(began, default=start),
        record=max(one.record for one in everything),
        content=[one.content for one in held],
    )


def grouped(rows: Iterable[tuple[Any, Stretch[Content]]]) -> dict[Any, list[Stretch[Content]]]:
    """Key -> its stretches, in the order given."""
    found: dict[Any, list[Stretch[Content]]] = {}
    for key, one in rows:
        found.setdefault(key, []).append(one)
    return found
