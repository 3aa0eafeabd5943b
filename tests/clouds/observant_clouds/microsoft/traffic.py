"""What stands between a caller and the tenant: counting, limits, and faults on demand.

Limits are those Microsoft documents (https://learn.microsoft.com/graph/throttling-limits) and are off until
`real_limits()`; time is whatever monotonic clock the service was given.
"""

import collections
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from observant_clouds.microsoft.message import Answer, Refusal

REFUSE, BREAK, SLOW, REPEAT, EMPTY, CHALLENGE = "refuse", "break", "slow", "repeat", "empty", "challenge"
"""What a fault does: an error answer, JSON that ends early, a delay, a next link that leads to the page it is on,
an empty page before the first one, and the 401 of continuous access evaluation."""


@dataclass
class Fault:
    """`path` (a template such as `/groups/{group-id}/members`, a real path, `*` matches) misbehaves."""

    path: str
    status: int = 403
    code: str = "Authorization_RequestDenied"
    message: str = "Insufficient privileges to complete the operation."
    times: int | None = None
    """How often; None: until cleared."""
    after: int = 0
    """Let this many matching requests through first."""
    containing: str = ""
    """Only requests whose address contains this text."""
    retry_after: float | None = None
    does: str = REFUSE
    delay: float = 0.0

    def hits(self, template: str, path: str, address: str) -> bool:
        if not any(fnmatchcase(each.lower(), self.path.lower()) for each in (template, path)):
            return False
        if self.times == 0 or self.containing.lower() not in address.lower():
            return False
        if self.after:
            self.after -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass
class Bucket:
    """`size` units, refilled at `rate` a second. `says_when`: a refusal carries Retry-After."""

    size: float
    rate: float
    says_when: bool = True
    held: float = 0.0
    filled: float | None = None

    def take(self, cost: float, now: float) -> float | None:
        """None when the units were there, otherwise the seconds until they will be."""
        if self.filled is None:
            self.held, self.filled = self.size, now
        self.held = min(self.size, self.held + (now - self.filled) * self.rate)
        self.filled = now
        if self.held >= cost:
            self.held -= cost
            return None
        return (cost - self.held) / self.rate

    @property
    def used(self) -> float:
        return 1 - self.held / self.size


@dataclass
class Window:
    """`most` requests in any `seconds`. `says_when`: a refusal carries Retry-After."""

    most: int
    seconds: float
    says_when: bool = True
    seen: collections.deque[float] = field(default_factory=collections.deque)

    def take(self, cost: float, now: float) -> float | None:
        while self.seen and self.seen[0] <= now - self.seconds:
            self.seen.popleft()
        if len(self.seen) < self.most:
            self.seen.append(now)
            return None
        return self.seen[0] + self.seconds - now

    @property
    def used(self) -> float:
        return len(self.seen) / self.most


@dataclass(frozen=True)
class Call:
    """One request as it was answered, for tests that ask what was asked."""

    template: str
    address: str
    status: int
    headers: Mapping[str, str]


class Traffic:
    """Counts every request and decides which of them go wrong."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.monotonic = monotonic
        self.faults: list[Fault] = []
        self.limits: dict[str, Bucket | Window] = {}
        self.calls: list[Call] = []
        self.requests: collections.Counter[str] = collections.Counter()
        """By template."""
        self.lock = threading.RLock()

    def fault(self, path: str, **more: object) -> Fault:
        """Make `path` misbehave from now on; see `Fault`."""
        made = Fault(path, **more)  # type: ignore[arg-type]
        with self.lock:
            self.faults.append(made)
        return made

    def throttle(self, name: str, limit: Bucket | Window) -> None:
        """Limit `directory`, `conditional-access`, `reports`, `governance` or `arm`."""
        with self.lock:
            self.limits[name] = limit

    def real_limits(self, size: str = "S") -> None:
        """The documented limits, for a tenant of size `S` (below 50 users), `M` or `L` (above 500)."""
        units = {"S": 3500, "M": 5000, "L": 8000}[size]
        self.throttle("directory", Bucket(units, units / 10))
        self.throttle("conditional-access", Window(1, 1.0, says_when=False))
        self.throttle("reports", Window(5, 10.0))
        self.throttle("arm", Bucket(250, 25))

    def heal(self) -> None:
        """No more faults and limits; what was counted stays."""
        with self.lock:
            self.faults.clear()
            self.limits.clear()

    def forget(self) -> None:
        """Nothing was asked yet."""
        with self.lock:
            self.calls.clear()
            self.requests.clear()

    def fault_for(self, template: str, path: str, address: str) -> Fault | None:
        with self.lock:
            return next((each for each in self.faults if each.hits(template, path, address)), None)

    def admit(self, name: str, cost: float) -> dict[str, str]:
        """Headers that tell how much is used up. Raises Refusal when there is too much."""
        with self.lock:
            limit = self.limits.get(name)
            if limit is None:
                return {}
            wait = limit.take(cost, self.monotonic())
        if wait is not None:
            headers = {"Retry-After": str(max(1, round(wait + 0.499)))} if limit.says_when else {}
            message = "Too many requests. Please wait and try again."
            raise Refusal(429, "TooManyRequests", message, headers)
        return {"x-ms-throttle-limit-percentage": f"{limit.used:.1f}"} if limit.used >= 0.8 else {}

    def count(self, template: str, address: str, answer: Answer) -> None:
        with self.lock:
            self.requests[template] += 1
            self.calls.append(Call(template, address, answer.status, answer.headers))
