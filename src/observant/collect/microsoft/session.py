"""One caller in one tenant: requests with their retries, each with a line in the log.

Only `GET` is ever sent, and a token only ever to the two hosts of the caller's cloud. An answer is a JSON object as the
service sent it; nothing is typed, as a property or enum value that we do not know must not cost the object.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx2
import msgspec

from observant import __version__
from observant.collect.microsoft.clouds import CLOUDS, Endpoints
from observant.collect.microsoft.identity import Identity, Token, Tokens, claims_of, tokens_of
from observant.collect.microsoft.operation import Operation
from observant.collect.microsoft.pace import LONGEST_PAUSE, Pace
from observant.collect.microsoft.refusal import RETRIED, Refused, refused, unusable
from observant.collect.unread import Unread
from observant.evidence.snapshot import GapReason, Json, Request
from observant.model.time import Clock, now

MOST_TRIES = 8
MOST_BYTES = 64 * 1024 * 1024
"""Of one answer, unpacked. Pages have at most a few megabytes."""

_RENEW_BEFORE = 300.0
_CLAIMS = re.compile(r'claims="([^"]+)"')
_HEADERS = {
    "accept": "application/json",
    "user-agent": f"observant/{__version__}",
    # Without this, enum members that are newer than v1.0 all read `unknownFutureValue`.
    "prefer": "include-unknown-enum-members",
    # When the tenant is throttled, others come first.
    "x-ms-throttle-priority": "Low",
}
_NO_ANSWER = (httpx2.TransportError, httpx2.DecodingError)


def http_client(transport: httpx2.BaseTransport | None = None) -> httpx2.Client:
    """A client that trusts what the system trusts, uses its proxy settings, and follows no redirects."""
    timeout = httpx2.Timeout(60, connect=10)
    return httpx2.Client(headers=_HEADERS, timeout=timeout, transport=transport, follow_redirects=False)


@dataclass
class _Exchange:
    """One request with its tries."""

    operation: Operation
    url: str
    about: Json
    headers: Mapping[str, str]
    tries: int = 0
    waited: float = 0.0
    status: int = 0
    answered: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    renewed: bool = False
    claims: str = ""


class MicrosoftSession:
    """Reads one scope at a time, from one thread. `clock` tells when a token is too old, `pace` waits."""

    def __init__(
        self,
        endpoints: Endpoints,
        tokens: Tokens,
        client: httpx2.Client | None = None,
        pace: Pace | None = None,
        clock: Clock = now,
    ) -> None:
        self.endpoints, self._tokens, self._clock = endpoints, tokens, clock
        self._client = client or http_client()
        self.pace = pace or Pace()
        self.requests: list[Request] = []
        self._held: dict[str, Token] = {}

    @classmethod
    def open(cls, identity: Identity) -> "MicrosoftSession":
        """A session in the identity's tenant. Raises UsageError when this machine lacks what the identity needs."""
        return cls(CLOUDS[identity.cloud], tokens_of(identity))

    def take_requests(self) -> list[Request]:
        """The log so far; the next one starts empty."""
        taken, self.requests = self.requests, []
        return taken

    def claims(self, host: str) -> Json:
        """What the token for one of the hosts says about its holder. Raises Unread."""
        return claims_of(self._token(host))

    def get(
        self,
        operation: Operation,
        url: str,
        about: Json,
        headers: Mapping[str, str] | None = None,
    ) -> Json:
        """One request with its retries, logged with `about` as its parameters. Raises Unread."""
        body = self._body(operation, url, about, headers or {})
        try:
            read = msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise unusable(operation.name, f"is not JSON: {error}") from error
        if not isinstance(read, dict):
            raise unusable(operation.name, "is not a JSON object")
        return read

    def number(self, operation: Operation, url: str, about: Json, headers: Mapping[str, str]) -> int:
        """As `get`, for an answer that is a number as text. Raises Unread."""
        body = self._body(operation, url, about, headers)
        text = body.decode("utf-8-sig", errors="replace").strip()
        if not text.isascii() or not text.isdigit():
            raise unusable(operation.name, "is not a count")
        return int(text)

    def _body(self, operation: Operation, url: str, about: Json, headers: Mapping[str, str]) -> bytes:
        exchange = _Exchange(operation, url, about, headers)
        try:
            self._converse(exchange)
        except Unread as unread:
            self._log(exchange, unread.code)
            raise
        self._log(exchange, "")
        return exchange.body

    def _converse(self, exchange: _Exchange) -> None:
        """Try until there is an answer or no hope. Raises Unread."""
        name, host = exchange.operation.name, self._host_of(exchange)
        while True:
            self.pace.before(exchange.operation.service, exchange.operation.units)
            problem = self._send(exchange, host)
            if problem is None and exchange.status == 200:
                return
            wrong = problem or refused(name, exchange.status, exchange.body)
            if exchange.status == 401 and self._challenged(exchange, host):
                continue
            if not _may_pass(exchange, wrong) or exchange.tries >= MOST_TRIES:
                raise wrong
            self._wait(exchange, wrong)

    def _send(self, exchange: _Exchange, host: str) -> Refused | None:
        """One try; what went wrong on the way, if anything did."""
        exchange.tries += 1
        exchange.status, exchange.body, exchange.answered = 0, b"", {}
        headers = {"authorization": f"Bearer {self._token(host, exchange.claims)}", **exchange.headers}
        name = exchange.operation.name
        try:
            with self._client.stream("GET", exchange.url, headers=headers) as response:
                exchange.status, exchange.answered = response.status_code, response.headers
                parts, size = [], 0
                for part in response.iter_bytes():
                    parts.append(part)
                    size += len(part)
                    if size > MOST_BYTES:
                        return unusable(name, f"has more than {MOST_BYTES} bytes")
                exchange.body = b"".join(parts)
        except _NO_ANSWER as error:
            exchange.status = 0
            code = type(error).__name__
            return Refused(GapReason.FAILED, f"{name}: {code}: {error}", code, 0)
        return None

    def _wait(self, exchange: _Exchange, wrong: Refused) -> None:
        asked = _retry_after(exchange.answered, self._clock())
        if asked is not None and asked > LONGEST_PAUSE:
            raise Refused(wrong.reason, f"{wrong.detail} (asks for {asked:.0f} s)", wrong.code, wrong.status)
        pause = max(asked or 0.0, self.pace.backoff(exchange.tries)) if asked else self.pace.backoff(exchange.tries)
        exchange.waited += pause
        self.pace.between(pause)

    def _challenged(self, exchange: _Exchange, host: str) -> bool:
        """Whether a new token may help: the service asked for claims (continuous access evaluation), or once at all."""
        if exchange.renewed:
            return False
        exchange.renewed = True
        exchange.claims = _claims_asked_for(exchange.answered.get("www-authenticate", ""))
        self._held.pop(host, None)
        return True

    def _host_of(self, exchange: _Exchange) -> str:
        """The host that the token is for. Raises Unread for any other: a link may lead anywhere, a token must not."""
        for host in self.endpoints.hosts:
            if exchange.url.startswith(f"{host}/"):
                return host
        raise unusable(exchange.operation.name, "the link leads to another host", "foreign link")

    def _token(self, host: str, claims: str = "") -> str:
        held = self._held.get(host)
        if held is None or held.expires - _RENEW_BEFORE < self._clock().timestamp():
            held = self._acquire(host, claims)
            self._held[host] = held
        return held.text

    def _acquire(self, host: str, claims: str) -> Token:
        """A new token, with a line in the log that holds nothing of it. Raises Unread."""
        about = {"scope": f"{host}/.default"} | ({"challenged": True} if claims else {})
        try:
            token = self._tokens(f"{host}/.default", claims)
        except Unread as unread:
            self.requests.append(Request("login:token", about, 0, error=unread.code))
            raise Refused(unread.reason, unread.detail, unread.code, 0) from unread
        self.requests.append(Request("login:token", about, 200))
        return token

    def _log(self, exchange: _Exchange, error: str) -> None:
        headers = exchange.answered
        about = exchange.about | ({"waited_seconds": round(exchange.waited, 1)} if exchange.waited else {})
        self.requests.append(
            Request(
                operation=exchange.operation.name,
                parameters=about,
                status=exchange.status,
                request_id=headers.get("request-id") or headers.get("x-ms-request-id") or "",
                server_date=headers.get("date", ""),
                body_sha256=hashlib.sha256(exchange.body).hexdigest() if exchange.status else "",
                retries=max(0, exchange.tries - 1),
                error=error,
            )
        )


def _may_pass(exchange: _Exchange, wrong: Refused) -> bool:
    """Whether the same request may be answered later."""
    return exchange.status in RETRIED or (exchange.status == 0 and wrong.code in _PASSING)


_PASSING = frozenset(
    {"ConnectError", "ConnectTimeout", "ReadError", "ReadTimeout", "RemoteProtocolError", "PoolTimeout"}
)


def _retry_after(headers: Mapping[str, str], at: datetime) -> float | None:
    """Seconds that the service asks for, in any of its spellings."""
    for name, unit in (("retry-after-ms", 0.001), ("x-ms-retry-after-ms", 0.001), ("retry-after", 1.0)):
        written = headers.get(name, "").strip()
        if written.isascii() and written.isdigit():
            return int(written) * unit
        if written and unit == 1.0:
            try:
                return max(0.0, (parsedate_to_datetime(written) - at).total_seconds())
            except (ValueError, TypeError):
                return None
    return None


def _claims_asked_for(challenge: str) -> str:
    """The claims of a `WWW-Authenticate` header, decoded; empty when it has none."""
    found = _CLAIMS.search(challenge)
    if found is None:
        return ""
    try:
        return base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
