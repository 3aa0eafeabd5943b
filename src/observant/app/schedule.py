"""When a run is due.

Time is cut into slots of the schedule's length, counted from 1970 in UTC, so that a daily schedule means once in each
UTC day whatever the minute the timer calls. A slot with a complete run is done. An incomplete run is tried again after
an hour, or after a quarter of a shorter slot: the provider may answer then, and nobody wants a refusal every minute.
"""

from datetime import datetime, timedelta

from observant.evidence.log import Record
from observant.model.time import BEGINNING

_RETRY = timedelta(hours=1)


def next_due(every: timedelta, last: Record | None) -> datetime | None:
    """The moment from which on a run is due; None when it is due since ever, because there was none yet."""
    if last is None:
        return None
    following = slot_start(every, last.effective) + every
    if last.predicate.get("complete"):
        return following
    return min(following, last.effective + min(_RETRY, every / 4))


def is_due(every: timedelta, last: Record | None, moment: datetime) -> bool:
    """Whether a run should begin now."""
    due = next_due(every, last)
    return due is None or due <= moment


def slot_start(every: timedelta, moment: datetime) -> datetime:
    """First moment of the slot that `moment` is in."""
    return BEGINNING + (moment - BEGINNING) // every * every
