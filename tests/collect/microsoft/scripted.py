"""A tiny ASGI application whose answers a test writes down, and the transport that reaches it without a socket."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2

from observant.collect.microsoft.clouds import Endpoints
from observant.collect.microsoft.identity import Token
from observant.collect.microsoft.pace import Pace
from observant.collect.microsoft.session import MicrosoftSession, http_client

GRAPH, ARM = "https://graph.example", "https://arm.example"
ENDPOINTS = Endpoints("https://login.example", GRAPH, ARM)


@dataclass
class Time:
    """A clock that moves only when somebody waits."""

    at: float = datetime(2026, 1, 1, 6, tzinfo=UTC).timestamp()
    pauses: list[float] = field(default_factory=list)

    def ticks(self) -> float:
        return self.at

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.at += seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC).replace(microsecond=0)

    def pace(self) -> Pace:
        return Pace(self.ticks, self.pause, lambda: 1.0)


@dataclass
class Said:
    """One answer: a status, a JSON body (or bytes), headers."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def refusal(status: int, code: str, message: str = "refused", **headers: str) -> Said:
    return Said(status, {"error": {"code": code, "message": message}}, headers)


Answering = Said | dict[str, Any] | list[Any] | Callable[["Asked"], Any]


@dataclass
class Asked:
    path: str
    query: str
    headers: dict[str, str]
    at: float
    body: bytes = b""


@dataclass
class Scripted:
    """Answers by path. A list answers with its elements in turn, the last one for ever."""

    time: Time
    answers: dict[str, Answering] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def of(self, asked: Asked) -> Said:
        answer = self.answers.get(asked.path, refusal(404, "Request_ResourceNotFound"))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if callable(answer):
            answer = answer(asked)
        return answer if isinstance(answer, Said) else Said(200, answer)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        body = (await receive())["body"]
        asked = Asked(scope["path"], scope["query_string"].decode(), headers, self.time.at, body)
        self.asked.append(asked)
        said = self.of(asked)
        body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
        given = {"request-id": f"r-{len(self.asked)}", "date": "Thu, 01 Jan 2026 06:00:00 GMT", **said.headers}
        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()]
        await send({"type": "http.response.start", "status": said.status, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    def count(self, path: str) -> int:
        return sum(one.path == path for one in self.asked)


class InProcess(httpx2.BaseTransport):
    """Calls an ASGI application that awaits nothing but what it was given."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return asyncio.run(self._answer(request))

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        started: dict[str, Any] = {}
        parts: list[bytes] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": request.read(), "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                started.update(message)
            else:
                parts.append(message.get("body", b""))

        url = request.url
        scope = {
            "type": "http",
            "method": request.method,
            "scheme": url.scheme,
            "server": (url.host, url.port),
            "path": url.path,
            "raw_path": url.raw_path.partition(b"?")[0],
            "query_string": url.query,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
        }
        await self.app(scope, receive, send)
        return httpx2.Response(started["status"], headers=started["headers"], content=b"".join(parts))


SECRET = "the-token-that-nobody-may-see"


@dataclass
class Given:
    """A source of tokens that counts, and remembers which claims were asked for."""

    time: Time
    asked: list[tuple[str, str]] = field(default_factory=list)
    lives: float = 3600.0

    def __call__(self, scope: str, claims: str) -> Token:
        self.asked.append((scope, claims))
        return Token(f"{SECRET}-{len(self.asked)}", self.time.at + self.lives)


def session_on(app: Any, time: Time, tokens: Any = None) -> MicrosoftSession:
    return MicrosoftSession(ENDPOINTS, tokens or Given(time), http_client(InProcess(app)), time.pace(), time.now)


def listed(*items: Any, following: str = "") -> dict[str, Any]:
    return {"value": list(items)} | ({"@odata.nextLink": following} if following else {})
