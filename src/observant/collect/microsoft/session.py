"""One caller in one tenant: requests with their retries, each with a line in the log.

Nothing but `GET` is ever asked for, alone or twenty at a time (`batch.py`), and a token only ever sent to the two hosts
of the caller's cloud. An answer is a JSON object as the service sent it; nothing is typed, as a property or enum value
that we do not know must not cost the object.
"""

from collections.abc import Mapping, Sequence

import httpx2
import msgspec

from observant import __version__
from observant.collect.microsoft import batch
from observant.collect.microsoft.clouds import CLOUDS, Endpoints
from observant.collect.microsoft.exchange import Exchange, claims_asked_for, retry_after
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
        self._early: dict[str, bytes] = {}
        self._together = True

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

    def ahead(self, operation: Operation, asked: Sequence[tuple[str, Json]]) -> None:
        """Ask for several (address, `about`) of one kind in one request, so that `get` has its answer already.

        What was not answered well is as if nobody had asked: `get` asks for it by itself, and says what is wrong with
        it. When the service does not take requests together, none are sent together any more.
        """
        self._early.clear()
        if not self._together or len(asked) < batch.FEWEST:
            return
        whole = batch.together(operation)
        sent = batch.written(operation, self.endpoints, [address for address, _ in asked])
        about = {"of": operation.name, "requests": len(asked)}
        url = whole.url(self.endpoints, {}, {})
        exchange = Exchange(whole, url, about, {"content-type": "application/json"}, sent, len(asked))
        try:
            parts = batch.parts(whole, self._exchanged(exchange), len(asked))
        except Unread:
            self._together = False
            return
        for (address, each), part in zip(asked, parts, strict=True):
            body = bytes(part.body)
            headers = {**exchange.answered, **({"request-id": part.request_id} if part.request_id else {})}
            code = "" if part.status == 200 else refused(operation.name, part.status, body).code
            one = Exchange(operation, address, each, tries=1, status=part.status, answered=headers, body=body)
            self.requests.append(one.line(code))
            if part.status == 200:
                self._early[address] = body

    def _body(self, operation: Operation, url: str, about: Json, headers: Mapping[str, str]) -> bytes:
        if url in self._early:
            return self._early.pop(url)
        return self._exchanged(Exchange(operation, url, about, headers))

    def _exchanged(self, exchange: Exchange) -> bytes:
        try:
            self._converse(exchange)
        except Unread as unread:
            self.requests.append(exchange.line(unread.code))
            raise
        self.requests.append(exchange.line(""))
        return exchange.body

    def _converse(self, exchange: Exchange) -> None:
        """Try until there is an answer or no hope. Raises Unread."""
        name, host = exchange.operation.name, self._host_of(exchange)
        while True:
            self.pace.before(exchange.operation.service, exchange.operation.units * exchange.requests)
            problem = self._send(exchange, host)
            if problem is None and exchange.status == 200:
                return
            wrong = problem or refused(name, exchange.status, exchange.body)
            if exchange.status == 401 and self._challenged(exchange, host):
                continue
            if not _may_pass(exchange, wrong) or exchange.tries >= MOST_TRIES:
                raise wrong
            self._wait(exchange, wrong)

    def _send(self, exchange: Exchange, host: str) -> Refused | None:
        """One try; what went wrong on the way, if anything did."""
        exchange.tries += 1
        exchange.status, exchange.body, exchange.answered = 0, b"", {}
        headers = {"authorization": f"Bearer {self._token(host, exchange.claims)}", **exchange.headers}
        name = exchange.operation.name
        try:
            method = "GET" if exchange.sent is None else "POST"
            with self._client.stream(method, exchange.url, headers=headers, content=exchange.sent) as response:
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

    def _wait(self, exchange: Exchange, wrong: Refused) -> None:
        asked = retry_after(exchange.answered, self._clock())
        if asked is not None and asked > LONGEST_PAUSE:
            raise Refused(wrong.reason, f"{wrong.detail} (asks for {asked:.0f} s)", wrong.code, wrong.status)
        pause = max(asked or 0.0, self.pace.backoff(exchange.tries)) if asked else self.pace.backoff(exchange.tries)
        exchange.waited += pause
        self.pace.between(pause)

    def _challenged(self, exchange: Exchange, host: str) -> bool:
        """Whether a new token may help: the service asked for claims (continuous access evaluation), or once at all."""
        if exchange.renewed:
            return False
        exchange.renewed = True
        exchange.claims = claims_asked_for(exchange.answered)
        self._held.pop(host, None)
        return True

    def _host_of(self, exchange: Exchange) -> str:
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


def _may_pass(exchange: Exchange, wrong: Refused) -> bool:
    """Whether the same request may be answered later."""
    return exchange.status in RETRIED or (exchange.status == 0 and wrong.code in _PASSING)


_PASSING = frozenset(
    {"ConnectError", "ConnectTimeout", "ReadError", "ReadTimeout", "RemoteProtocolError", "PoolTimeout"}
)
