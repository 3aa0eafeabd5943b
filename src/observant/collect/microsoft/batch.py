"""Several `GET`s of Graph in one `POST`, which saves the way there and back for each of them.

Up to 20 go together; each is counted by itself against the limits of its service, has a status of its own, and is
answered in any order. https://learn.microsoft.com/graph/json-batching
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from observant.collect.microsoft.clouds import Endpoints
from observant.collect.microsoft.operation import Operation
from observant.collect.microsoft.refusal import unusable

MOST = 20
FEWEST = 2

_HEADERS = {"prefer": "include-unknown-enum-members"}
"""Those of the whole are not those of its parts."""


class Part(msgspec.Struct):
    """One answer. `body` is its very bytes."""

    id: str
    status: int
    body: msgspec.Raw = msgspec.Raw(b"")
    headers: dict[str, Any] = {}

    @property
    def request_id(self) -> str:
        return next((str(value) for name, value in self.headers.items() if name.lower() == "request-id"), "")


class _Whole(msgspec.Struct):
    responses: list[Part]


def together(operation: Operation) -> Operation:
    """What is sent when several of one kind are."""
    return operation._replace(path="/$batch", detail="")


def written(operation: Operation, endpoints: Endpoints, addresses: Sequence[str]) -> bytes:
    """The body that asks for these addresses of one version of Graph."""
    root = f"{endpoints.graph}/{operation.version}"
    asked = [
        {"id": str(number), "method": "GET", "url": address.removeprefix(root), "headers": _HEADERS}
        for number, address in enumerate(addresses)
    ]
    return msgspec.json.encode({"requests": asked})


def parts(operation: Operation, body: bytes, number: int) -> list[Part]:
    """The answers in the order of the questions. Raises Unread when it is not one for each."""
    try:
        found = {part.id: part for part in msgspec.json.decode(body, type=_Whole).responses}
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise unusable(operation.name, f"is no answer to several requests: {error}") from error
    if found.keys() != {str(each) for each in range(number)}:
        raise unusable(operation.name, "does not answer each of the requests")
    return [found[str(each)] for each in range(number)]
