"""What the trackers have in common: who may ask, what goes wrong on purpose, and a note of everything asked."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

Query = dict[str, str]


@dataclass
class Answer:
    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Fault:
    """Given instead of an answer, so many times, to paths that contain the text."""

    path: str
    answer: Answer
    times: int = 1


class Service:
    """One tracker. Subclasses answer `(path, query)`; None is 404."""

    def __init__(self, authorization: str) -> None:
        self._authorization = authorization
        self.faults: list[Fault] = []
        self.asked: list[tuple[str, Query]] = []

    def answer(self, path: str, query: Query) -> Answer | None:
        raise NotImplementedError

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path, query = environ["PATH_INFO"], dict(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True))
        answer = self._answered(environ, path, query)
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        headers = {"content-type": "application/json", "date": "Mon, 02 Jun 2025 06:00:00 GMT", **answer.headers}
        start(f"{answer.status} x", list(headers.items()))
        return [body]

    def _answered(self, environ: dict[str, Any], path: str, query: Query) -> Answer:
        if environ["REQUEST_METHOD"] != "GET":
            raise AssertionError(f"{environ['REQUEST_METHOD']} {path}: a reader never writes")
        if environ.get("HTTP_AUTHORIZATION") != self._authorization:
            return Answer({"message": "Bad credentials"}, 401)
        self.asked.append((path, query))
        for fault in self._faults(path):
            return fault.answer
        return self.answer(path, query) or Answer({"message": "Not Found"}, 404)

    def _faults(self, path: str) -> Iterator[Fault]:
        for fault in self.faults:
            if fault.path in path and fault.times > 0:
                fault.times -= 1
                yield fault
