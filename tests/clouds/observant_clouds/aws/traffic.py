"""What stands between a caller and the cloud: counting, latency, throttling and faults.

The same object serves the in-process cloud and the server, so a test that injects a fault reads the same in both.
Actions are written `service:Operation` in AWS's own spelling (`iam:GetCredentialReport`, `s3:GetBucketPolicy`).
"""

import collections
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

Answer = tuple[int, dict[str, str], bytes]

ANY_ACCOUNT = ""


@dataclass
class Fault:
    """`action` answers `code` with `status`, `times` times (None: until cleared), in one account or in all."""

    action: str
    code: str = "AccessDenied"
    status: int = 403
    times: int | None = None
    message: str = ""
    account: str = ANY_ACCOUNT
    containing: str = ""
    """Only requests whose body or address contains this text, such as the ARN of one role."""
    after: int = 0
    """Let this many matching requests through first."""

    def hits(self, action: str, account: str, request: str) -> bool:
        if self.action not in (action, "*") or self.account not in (ANY_ACCOUNT, account):
            return False
        if self.times == 0 or self.containing not in request:
            return False
        if self.after:
            self.after -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass
class Bucket:
    """A token bucket, as AWS throttles: `rate` requests a second after a burst."""

    rate: float
    burst: float
    tokens: float = 0.0
    refilled: float = 0.0

    def __post_init__(self) -> None:
        self.tokens, self.refilled = self.burst, time.perf_counter()

    def take(self) -> bool:
        now = time.perf_counter()
        self.tokens = min(self.burst, self.tokens + (now - self.refilled) * self.rate)
        self.refilled = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@dataclass
class Traffic:
    """Counts every request and decides which of them go wrong."""

    latency: float = 0.0
    """Seconds added to each answer."""
    requests: collections.Counter[str] = field(default_factory=collections.Counter)
    refused: collections.Counter[str] = field(default_factory=collections.Counter)
    faults: list[Fault] = field(default_factory=list)
    buckets: dict[str, Bucket] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fault(self, action: str, code: str = "AccessDenied", status: int = 403, **more: Any) -> Fault:
        """Make `action` fail from now on; see `Fault` for `times`, `account`, `containing`, `after`, `message`."""
        made = Fault(action, code, status, **more)
        with self.lock:
            self.faults.append(made)
        return made

    def throttle(self, service: str, rate: float, burst: float = 1) -> None:
        """Answer `Throttling` to requests of `service` beyond `rate` a second (after `burst`)."""
        with self.lock:
            self.buckets[service] = Bucket(rate, burst)

    def heal(self) -> None:
        """No more faults, throttling or latency; counters stay."""
        with self.lock:
            self.faults.clear()
            self.buckets.clear()
            self.latency = 0.0

    def forget(self) -> None:
        """Set the counters to zero."""
        with self.lock:
            self.requests.clear()
            self.refused.clear()

    def answer_instead(self, action: str, account: str, request: str) -> Answer | None:
        """Count one request; the refusal to send instead of the real answer, or None to let it through."""
        if self.latency:
            time.sleep(self.latency)
        service = action.partition(":")[0]
        with self.lock:
            self.requests[action] += 1
            bucket = self.buckets.get(service)
            if bucket is not None and not bucket.take():
                self.refused[action] += 1
                return refusal(service, "Throttling", 400, "Rate exceeded")
            for each in self.faults:
                if each.hits(action, account, request):
                    self.refused[action] += 1
                    message = each.message or f"User is not authorized to perform: {action}"
                    return refusal(service, each.code, each.status, message)
        return None


def refusal(service: str, code: str, status: int, message: str) -> Answer:
    """An error answer in the protocol that `service` speaks."""
    if service in ("iam", "sts"):
        body = (
            "<ErrorResponse><Error><Type>Sender</Type>"
            f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
            "<RequestId>refused-by-the-test-cloud</RequestId></ErrorResponse>"
        )
        return status, {"Content-Type": "text/xml"}, body.encode()
    if service == "ec2":
        body = (
            f"<Response><Errors><Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error></Errors>"
            "<RequestID>refused-by-the-test-cloud</RequestID></Response>"
        )
        return status, {"Content-Type": "text/xml"}, body.encode()
    if service == "s3":
        body = (
            f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
            "<RequestId>refused-by-the-test-cloud</RequestId></Error>"
        )
        return status, {"Content-Type": "application/xml"}, body.encode()
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-errortype": code}
    return status, headers, json.dumps({"__type": code, "message": message}).encode()
