"""Event logs that the provider keeps for some days only: from when to read, and what can no longer be read."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from observant.evidence.snapshot import Entity, GapReason
from observant.model.time import text

OVERLAP = timedelta(days=2)
"""Events arrive late, by up to hours; each read begins so long before the last complete one."""


LastRead = Callable[[str], datetime | None]
"""Collection -> when it was last read completely; None when that is not known."""


def never(_: str) -> datetime | None:
    """Nothing was read before, as far as anybody knows."""
    return None


class Window(NamedTuple):
    """The stretch of time that one read asks for."""

    start: datetime
    end: datetime
    kept: timedelta
    """How long the provider keeps events."""
    last_complete: datetime | None

    @classmethod
    def of(cls, now: datetime, kept: timedelta, last_complete: datetime | None) -> "Window":
        earliest = now - kept
        start = earliest if last_complete is None else max(earliest, last_complete - OVERLAP)
        return cls(start, now, kept, last_complete)

    @property
    def lost(self) -> Entity | None:
        """An entity for events that nobody has read and nobody can read any more; None when there are none."""
        earliest = self.end - self.kept
        if self.last_complete is not None and self.last_complete >= earliest:
            return None
        since = text(self.last_complete) if self.last_complete else None
        why = (
            f"not read completely since {since}, and kept for {self.kept.days} days only"
            if since
            else f"when the log was last read is not known, and it is kept for {self.kept.days} days only"
        )
        unread = {"reason": GapReason.TRUNCATED.value, "detail": why}
        configuration = {"from": since, "to": text(earliest), "Unread": unread}
        return Entity(f"lost:{text(earliest)}", configuration)

    def read(self, identifier: str) -> Entity:
        """What was asked for: usage, as it changes with every read."""
        return Entity(
            identifier,
            {"id": identifier},
            {"from": text(self.start), "to": text(self.end), "kept_days": self.kept.days},
        )
