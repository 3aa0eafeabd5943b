"""A request and an answer, without anything that carries them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from observant_clouds.microsoft.state import Json


@dataclass(frozen=True)
class Request:
    """What a caller sent. Header names are in lower case."""

    method: str
    path: str
    """Decoded, without the query."""
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    origin: str = "https://graph.microsoft.com"
    """Scheme and host the caller used; links in answers lead back to it."""

    @classmethod
    def of(cls, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> "Request":
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        lowered = {name.lower(): value for name, value in headers.items()}
        return cls(method, unquote(parts.path), query, lowered, body, f"{parts.scheme}://{parts.netloc}")

    def within(self, path: str) -> "Request":
        return replace(self, path=path)


@dataclass(frozen=True)
class Answer:
    """What is sent back. `delay` seconds pass before it is."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    raw: bytes | None = None
    """Sent instead of `body`, for answers that are not JSON or are broken."""

    @property
    def content(self) -> bytes:
        if self.raw is not None:
            return self.raw
        return b"" if self.body is None else json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()

    def with_headers(self, more: Mapping[str, str]) -> "Answer":
        return replace(self, headers={**self.headers, **more})


class Refusal(Exception):
    """An error answer, raised wherever it becomes clear; what it looks like depends on the service."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message = status, code, message
        self.headers = dict(headers or {})

    def body(self, inner: Json | None = None) -> Json:
        error: Json = {"code": self.code, "message": self.message}
        if inner is not None:
            error["innerError"] = inner
        return {"error": error}
