"""One caller of one tracker: `GET` requests with their retries, each with a line in the log.

A tracker is never written to, its token is sent to its own host alone, and redirects are not followed. Nothing of a
token or a body is kept in the request log.
"""

import hashlib
import random
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import httpx2
import msgspec

from observant import __version__
from observant.collect.microsoft.exchange import retry_after
from observant.collect.microsoft.pace import LONGEST_PAUSE, Budget, Limit
from observant.collect.unread import Unread
from observant.evidence.snapshot import GapReason, Json, Request
from observant.model.time import Clock, now

MOST_TRIES = 6
MOST_BYTES = 64 * 1024 * 1024
MOST_PAGES = 20_000
RETRIED = frozenset({408, 429, 500, 502, 503, 504})
_PASSING = (httpx2.ConnectError, httpx2.TimeoutException, httpx2.ReadError, httpx2.RemoteProtocolError)
_NO_ANSWER = (httpx2.TransportError, httpx2.DecodingError)
_SECRET = re.compile(r"(?i:(?:bearer|basic|token)\s+)\S+|gh[a-z]_\w+|github_pat_\w+")
# GitHub: 5,000 an hour. Jira and ServiceNow: by the instance; a few a second is what they are made for.
_LIMIT = Limit(5, 10)


class Page(NamedTuple):
    """One answer. `body` is any JSON value."""

    body: Any
    headers: Mapping[str, str]

    @property
    def following(self) -> str | None:
        """The next page, as its `Link` header names it."""
        match = re.search(r'<([^>]+)>\s*;[^,]*\brel="?next"?', self.headers.get("link", ""))
        return match[1] if match else None


class Waiting:
    """The clock and the pauses of one session; both can be somebody's who does not wait."""

    def __init__(
        self,
        ticks: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._ticks, self.pause, self._jitter = ticks, pause, jitter
        self._budget = Budget(_LIMIT)

    def before(self) -> None:
        """Wait until the tracker may be asked again."""
        waiting = self._budget.wait(self._ticks(), 1)
        if waiting > 0:
            self.pause(waiting)

    def backoff(self, tries: int) -> float:
        """Seconds before the next try, never the same for two callers."""
        return float(min(60.0, 2.0 ** (tries - 1)) * (0.5 + self._jitter() / 2))


class Refusal(Unread):
    """An answer that is none. `status` is HTTP's; 0 when no answer came."""

    def __init__(self, reason: GapReason, detail: str, code: str, status: int) -> None:
        super().__init__(reason, _SECRET.sub("<not kept>", detail), code)
        self.status = status


class TrackerSession:
    """Reads one tracker from one thread. `authorization` is the header's value, empty for a caller without one."""

    def __init__(
        self,
        system: str,
        address: str,
        authorization: str,
        client: httpx2.Client | None = None,
        waiting: Waiting | None = None,
        clock: Clock = now,
    ) -> None:
        self.address = address.rstrip("/")
        self._system, self._clock = system, clock
        self._headers = {"accept": "application/json", "user-agent": f"observant/{__version__}"}
        if authorization:
            self._headers["authorization"] = authorization
        self._client = client or httpx2.Client(timeout=httpx2.Timeout(60, connect=10), follow_redirects=False)
        self._waiting = waiting or Waiting()
        self._requests: list[Request] = []

    @property
    def now(self) -> Clock:
        return self._clock

    def take_requests(self) -> list[Request]:
        """The log so far; the next one starts empty."""
        taken, self._requests = self._requests, []
        return taken

    def get(self, path: str, query: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None) -> Page:
        """One answer. `path` may be a whole address on the tracker's host, as links are. Raises Refusal."""
        url = path if path.startswith("https://") else f"{self.address}{path}"
        operation = f"{self._system}:{path.removeprefix(self.address).partition('?')[0]}"
        if not url.startswith(f"{self.address}/"):
            raise self._unusable(operation, "the link leads to another host")
        asked, tries, waited = dict(query or {}), 0, 0.0
        while True:
            self._waiting.before()
            tries += 1
            refusal, answered, body = self._try(operation, url, asked, headers or {})
            if refusal is None or not _may_pass(refusal, answered) or tries >= MOST_TRIES:
                break
            pause = self._pause(answered, tries)
            if pause > LONGEST_PAUSE:
                refusal = Refusal(refusal.reason, f"{refusal.detail} (asks for {pause:.0f} s)", refusal.code, 429)
                break
            waited += pause
            self._waiting.pause(pause)
        about: Json = asked | ({"waited_seconds": round(waited, 1)} if waited else {})
        status = int(answered.get(":status", "0"))
        self._requests.append(
            Request(
                operation=operation,
                parameters=about,
                status=status,
                request_id=answered.get("x-github-request-id") or answered.get("x-arequestid") or "",
                server_date=answered.get("date", ""),
                body_sha256=hashlib.sha256(body).hexdigest() if status else "",
                retries=tries - 1,
                error=refusal.code if refusal else "",
            )
        )
        if refusal is not None:
            raise refusal
        return Page(self._decoded(operation, body), answered)

    def _try(
        self, operation: str, url: str, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[Refusal | None, Mapping[str, str], bytes]:
        """(what went wrong, headers with `:status`, body) of one try."""
        try:
            with self._client.stream(
                "GET", url, params=query or None, headers={**self._headers, **headers}
            ) as response:
                answered = {**response.headers, ":status": str(response.status_code)}
                parts, size = [], 0
                for part in response.iter_bytes():
                    parts.append(part)
                    size += len(part)
                    if size > MOST_BYTES:
                        return self._unusable(operation, f"has more than {MOST_BYTES} bytes"), answered, b""
        except _NO_ANSWER as error:
            code = type(error).__name__
            passing = {":passing": "1"} if isinstance(error, _PASSING) else {}
            return Refusal(GapReason.FAILED, f"{operation}: {code}: {error}", code, 0), passing, b""
        body = b"".join(parts)
        if response.status_code == 200:
            return None, answered, body
        return refused(operation, response.status_code, body, limited=_is_limit(answered)), answered, body

    def _pause(self, answered: Mapping[str, str], tries: int) -> float:
        """What the tracker asks for, and never less than the backoff."""
        asked = retry_after(answered, self._clock())
        reset = answered.get("x-ratelimit-reset", "")
        if asked is None and answered.get("x-ratelimit-remaining") == "0" and reset.isascii() and reset.isdigit():
            asked = max(0.0, int(reset) - self._clock().timestamp())
        return max(asked or 0.0, self._waiting.backoff(tries))

    def _decoded(self, operation: str, body: bytes) -> Any:  # noqa: ANN401 (any JSON value)
        try:
            return msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise self._unusable(operation, f"is not JSON: {error}") from error

    @staticmethod
    def _unusable(operation: str, problem: str) -> Refusal:
        return Refusal(GapReason.FAILED, f"{operation}: {problem}", "unusable answer", 200)


def _is_limit(answered: Mapping[str, str]) -> bool:
    """GitHub says 403 for its limits, and tells them from a refusal in the headers alone."""
    return answered.get("x-ratelimit-remaining") == "0" or "retry-after" in answered


def _may_pass(refusal: Refusal, answered: Mapping[str, str]) -> bool:
    """Whether the same request may be answered later."""
    limited = refusal.status == 403 and _is_limit(answered)
    return refusal.status in RETRIED or limited or ":passing" in answered


def refused(operation: str, status: int, body: bytes, *, limited: bool) -> Refusal:
    """The refusal in an answer with an error status, in the tracker's words."""
    message = _message(body)
    detail = f"{operation}: HTTP {status}: {message}".rstrip(": ")
    if status == 429 or (status == 403 and limited):
        return Refusal(GapReason.THROTTLED, detail, f"HTTP {status}", status)
    # GitHub and Jira answer 404 for what a caller may not know to exist.
    reason = GapReason.DENIED if status in (401, 403, 404) else GapReason.FAILED
    return Refusal(reason, detail, f"HTTP {status}", status)


def _message(body: bytes) -> str:
    try:
        read = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return ""
    if not isinstance(read, dict):
        return ""
    told = read.get("message") or read.get("errorMessages") or read.get("error") or ""
    if isinstance(told, dict):
        told = told.get("message") or ""
    return "; ".join(map(str, told)) if isinstance(told, list) else str(told)


def objects(page: Page, operation: str, key: str = "") -> list[Json]:
    """The list of objects in an answer, or below a key of it. Raises Refusal."""
    listed = page.body.get(key) if key and isinstance(page.body, dict) else page.body
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise Refusal(GapReason.FAILED, f"{operation}: holds no list of objects", "unusable answer", 200)
    return listed
