"""How fast each service may be asked. The limits hold for the whole tenant, so a collector takes a part of them.

Source of the figures: "Microsoft Graph service-specific throttling limits" and "Throttling Resource Manager requests".
"""

import random
import time
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple


class Service(StrEnum):
    """What is throttled together."""

    DIRECTORY = "directory"
    CONDITIONAL_ACCESS = "conditional access"
    REPORTS = "reports"
    GOVERNANCE = "governance"
    ARM = "arm"


class Limit(NamedTuple):
    per_second: float
    """Units that may be spent in a second in the long run."""
    burst: float
    """Units that may be spent at once."""


LIMITS = {
    # 3500 units in 10 s for a small tenant; half of them are left to others.
    Service.DIRECTORY: Limit(125, 500),
    # 1 request a second for all applications of a tenant, refused without Retry-After.
    Service.CONDITIONAL_ACCESS: Limit(1, 1),
    # 5 requests in 10 s; evenly spaced, as a burst would put six into some window of ten seconds.
    Service.REPORTS: Limit(0.5, 1),
    # Not documented.
    Service.GOVERNANCE: Limit(10, 10),
    # A bucket of 250 reads for each subscription and caller, refilled with 25 a second.
    Service.ARM: Limit(20, 100),
}

LONGEST_PAUSE = 300.0
"""Seconds. A service that wants to be left alone for longer is not asked again in this run."""


class Budget:
    """A bucket of units that refills with time (the generic cell rate algorithm)."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._full_at = 0.0

    def wait(self, at: float, units: float) -> float:
        """Spend the units; returns the seconds to wait before they may be used."""
        spent_at = max(self._full_at, at) + units / self._limit.per_second
        self._full_at = spent_at
        return max(0.0, spent_at - self._limit.burst / self._limit.per_second - at)


class Pace:
    """The clock and the pauses of one session; both can be somebody's who does not wait."""

    def __init__(
        self,
        ticks: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._ticks, self._pause, self._jitter = ticks, pause, jitter
        self._budgets = {service: Budget(limit) for service, limit in LIMITS.items()}

    def before(self, service: Service, units: float) -> None:
        """Wait until the service may be asked."""
        waiting = self._budgets[service].wait(self._ticks(), units)
        if waiting > 0:
            self._pause(waiting)

    def between(self, seconds: float) -> None:
        self._pause(seconds)

    def backoff(self, tries: int) -> float:
        """Seconds before the next try, from one to a minute, never the same for two callers."""
        return min(60.0, 2.0 ** (tries - 1)) * (0.5 + self._jitter() / 2)
