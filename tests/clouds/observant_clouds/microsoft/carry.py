"""The service as an ASGI and as a WSGI application, so that any client can reach it without a socket.

async with httpx.AsyncClient(transport=httpx.ASGITransport(asgi(service))) as client: ...
with httpx.Client(transport=httpx.WSGITransport(wsgi(service))) as client: ...
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from observant_clouds.microsoft.message import Answer, Request
from observant_clouds.microsoft.service import Service

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def asgi(service: Service) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """An ASGI application. Slow answers sleep without blocking others."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get("host") or ":".join(map(str, scope["server"]))
        query = scope["query_string"].decode("latin-1")
        url = f"{scope['scheme']}://{host}{quote(scope['path'])}?{query}"
        request = Request.of(scope["method"], url, headers, await _body(receive))
        answer = service.answer(request)
        if answer.delay:
            await asyncio.sleep(answer.delay)
        content = answer.content
        sent = [(name.lower().encode(), value.encode()) for name, value in _headers(answer, content)]
        await send({"type": "http.response.start", "status": answer.status, "headers": sent})
        await send({"type": "http.response.body", "body": content})

    return application


async def _live(receive: Receive, send: Send) -> None:
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{message['type']}.complete"})
    await send({"type": "lifespan.shutdown.complete"})


async def _body(receive: Receive) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def wsgi(service: Service) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """A WSGI application."""

    def application(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        answer = service.answer(_request(environ))
        if answer.delay:
            time.sleep(answer.delay)
        content = answer.content
        start(f"{answer.status} {_phrase(answer.status)}", _headers(answer, content))
        return [content]

    return application


def _request(environ: dict[str, Any]) -> Request:
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    host = headers.get("host") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    url = f"{environ['wsgi.url_scheme']}://{host}{quote(path)}?{environ.get('QUERY_STRING', '')}"
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return Request.of(environ["REQUEST_METHOD"], url, headers, body)


def _headers(answer: Answer, content: bytes) -> list[tuple[str, str]]:
    return [*answer.headers.items(), ("Content-Length", str(len(content)))]


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase
