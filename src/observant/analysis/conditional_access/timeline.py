"""What one policy was, when: what snapshots saw, and what the audit log tells of the time between them.

A snapshot knows the whole policy at one moment. An event knows the second of a change, and the policy on both sides of
it, unless it was too long for the log. Put in order they say what was so from which second on:

- a change that a snapshot saw, and an event explains, happened when the event did
- a change that nothing explains happened somewhere since the fact before: `earliest` says since when
- a state that came and went between two snapshots is there for exactly as long as the log says
- where an event's document is missing, the next fact says what it came to; where that does not say so either, or the
  log skips a change, the state is not known for that stretch (`document` is None)

Silence proves nothing: a log with a hole leaves the snapshots' own bounds.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal

import msgspec

Same = Callable[[str, str], bool]
"""Whether two documents mean the same policy, however they are spelled."""

GONE = ""
"""Stands for the document of a policy that is not there."""


class Sighting(msgspec.Struct, frozen=True):
    """A complete snapshot: the policy as it was, or `GONE`."""

    at: datetime
    document: str
    record: int


class Change(msgspec.Struct, frozen=True):
    """An event of the audit log. None where the log does not have a document whole."""

    at: datetime
    before: str | None
    after: str | None
    record: int
    actor: str | None = None


class Stretch(msgspec.Struct, frozen=True):
    """The policy from `valid_from` to the next stretch. `document` may be `GONE`, or None: not known."""

    valid_from: datetime
    earliest: datetime
    document: str | None
    record: int
    seen: Literal["snapshot", "audit log"]
    actor: str | None = None


def timeline(sightings: Iterable[Sighting], changes: Iterable[Change], same: Same) -> list[Stretch]:
    """Stretches of one policy from its scope's first sighting on, in order. Neighbours differ in meaning."""
    seen = sorted(sightings, key=lambda one: one.at)
    if not seen:
        return []
    told = _completed([one for one in sorted(changes, key=lambda one: one.at) if one.at > seen[0].at], seen)
    first = seen[0]
    history = _History(Stretch(first.at, first.at, first.document, first.record, "snapshot"), same)
    facts: list[Sighting | Change] = sorted([*seen[1:], *told], key=lambda one: (one.at, isinstance(one, Sighting)))
    for fact in facts:
        if isinstance(fact, Sighting):
            history.sighted(fact)
        else:
            history.changed(fact)
    return history.stretches


def _completed(changes: list[Change], seen: list[Sighting]) -> list[Change]:
    """Fill in what an event's document is missing from the fact that follows it."""
    completed: list[Change] = []
    following: Change | None = None
    for change in reversed(changes):
        sighting = next((one for one in seen if one.at >= change.at), None)
        if change.after is None:
            if following is not None and (sighting is None or following.at < sighting.at):
                change = msgspec.structs.replace(change, after=following.before)
            elif sighting is not None:
                change = msgspec.structs.replace(change, after=sighting.document)
        completed.append(change)
        following = change
    return completed[::-1]


class _History:
    """Stretches so far, and the moment up to which the last of them is known to have lasted."""

    def __init__(self, first: Stretch, same: Same) -> None:
        self.stretches = [first]
        self._same = same
        self._known = first.valid_from

    def sighted(self, sighting: Sighting) -> None:
        last = self.stretches[-1]
        if self._agree(last.document, sighting.document):
            # The snapshot has the policy whole and in the provider's own spelling.
            self.stretches[-1] = msgspec.structs.replace(last, document=sighting.document)
        else:
            document, record = sighting.document, sighting.record
            self.stretches.append(Stretch(sighting.at, self._known, document, record, "snapshot"))
        self._known = sighting.at

    def changed(self, change: Change) -> None:
        last = self.stretches[-1]
        skipped = change.before is not None and last.document is not None
        if skipped and not self._agree(last.document, change.before) and self._known < change.at:
            self.stretches.append(Stretch(self._known, self._known, None, change.record, "audit log"))
            last = self.stretches[-1]
        if not self._agree(last.document, change.after):
            told = Stretch(change.at, change.at, change.after, change.record, "audit log", change.actor)
            if last.valid_from == change.at:
                self.stretches.pop()
            self.stretches.append(told)
        self._known = change.at

    def _agree(self, one: str | None, other: str | None) -> bool:
        if one is None or other is None or GONE in (one, other):
            return one == other
        return one == other or self._same(one, other)
