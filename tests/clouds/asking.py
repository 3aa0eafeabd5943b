"""A small client of the test tenant, for its own tests: no retries, no pacing, every answer as it came."""

import json
from typing import Any

from observant_clouds.microsoft import Service
from observant_clouds.microsoft.message import Answer, Request
from observant_clouds.microsoft.tokens import ARM, GRAPH

EVENTUAL = {"ConsistencyLevel": "eventual"}


class Asking:
    """Asks one service with a valid token, unless told otherwise."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def get(self, address: str, token: str | None = None, **headers: str) -> Answer:
        return self.send("GET", address, None, token, **headers)

    def post(self, address: str, body: Any, token: str | None = None, **headers: str) -> Answer:
        return self.send("POST", address, body, token, **headers)

    def send(self, method: str, address: str, body: Any, token: str | None, **headers: str) -> Answer:
        graph = address.removeprefix("https://host.example").startswith(("/v1.0", "/beta"))
        bearer = self.service.tokens.issue(GRAPH if graph else ARM) if token is None else token
        url = address if address.startswith("https://") else f"https://host.example{address}"
        sent = {"Authorization": f"Bearer {bearer}", **headers}
        raw = b"" if body is None else json.dumps(body).encode()
        return self.service.answer(Request.of(method, url, sent, raw))

    def ok(self, address: str, **headers: str) -> Any:
        """The body of an answer that must be a success."""
        answer = self.get(address, **headers)
        assert answer.status == 200, answer.body
        return answer.body

    def value(self, address: str, **headers: str) -> list[Any]:
        """All items of a list, over all its pages."""
        return [each for page in self.pages(address, **headers) for each in page["value"]]

    def pages(self, address: str, **headers: str) -> list[Any]:
        found, following = [], address
        while following:
            found.append(self.ok(following, **headers))
            following = found[-1].get("@odata.nextLink") or found[-1].get("nextLink")
        return found

    def refused(self, address: str, **headers: str) -> tuple[int, str]:
        """Status and code of an answer that must be an error."""
        answer = self.get(address, **headers)
        assert answer.status >= 400, answer.body
        return answer.status, answer.body["error"]["code"]
