"""When two last-used times are one stretch of use.

Somebody who works every day has a new last-used time every day. As long as idle time stayed below `SHORTEST_IDLE` none
of these versions can ever be in violation of anything: they are kept as one that has the last use.
"""

from datetime import datetime

from observant.inventory.table import Value
from observant.model.commitment import SHORTEST_IDLE
from observant.model.time import BEGINNING


def carries_on(old: Value, new: Value, at: datetime) -> bool:
    """Whether a value read at `at` continues the one before: the same, or a use soon enough after it."""
    if old == new:
        return True
    if not isinstance(old, datetime) or not isinstance(new, datetime) or old == BEGINNING:
        return False
    return old <= new and at - old <= SHORTEST_IDLE


def still_in_use(old: tuple[Value, ...], new: tuple[Value, ...], at: datetime) -> bool:
    """Whether a row of last-used times only says that use went on."""
    return all(carries_on(a, b, at) for a, b in zip(old, new, strict=True))
