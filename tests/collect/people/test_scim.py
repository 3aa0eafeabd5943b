"""A SCIM 2.0 service on test: users in pages, as RFC 7643 shows them (section 8.3), and refusals."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx2
import pytest

from observant.collect.people import read_people
from observant.collect.people.scim import client_of, flat, scim_rows
from observant.evidence.snapshot import Collection, GapReason
from worlds.people import mapping

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
OWN = "urn:example:hr:2.0:User"
NOW = datetime(2026, 2, 1, tzinfo=UTC)
COLUMNS = {"id": "enterprise.employeeNumber", "name": "name.formatted", "email": "emails", "start": f"{OWN}:hired"}
COLUMNS |= {"department": "enterprise.department", "manager": "enterprise.manager.value"}


def user(number: int, **more: object) -> dict[str, object]:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "id": f"u{number}",
        "userName": f"user{number}",
        "name": {"formatted": f"User {number}", "familyName": "User"},
        "active": True,
        "emails": [
            {"value": "private@home.example"},
            {"value": f"u{number}@a.example", "primary": True, "type": "work"},
        ],
        ENTERPRISE: {"employeeNumber": str(number), "department": "Sales", "manager": {"value": "1"}},
        OWN: {"hired": "2020-01-02"},
        **more,
    }


class Service:
    """Answers GET /scim/v2/Users in pages of two."""

    def __init__(self, *users: dict[str, object]) -> None:
        self.users, self.total, self.refusals, self.asked = list(users), len(users), list[httpx2.Response](), 0

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked += 1
        assert request.headers["Authorization"] == "Bearer not-for-the-log"
        if self.refusals:
            return self.refusals.pop(0)
        start = int(request.url.params["startIndex"]) - 1
        page = self.users[start : start + 2]
        return httpx2.Response(200, json={"totalResults": self.total, "startIndex": start + 1, "Resources": page})


def read(service: Service, folder: Path) -> tuple[Collection, list[float]]:
    waited: list[float] = []
    client = client_of("not-for-the-log", httpx2.MockTransport(service))
    rows = partial(scim_rows, "https://hr.example/scim/v2", client, sleep=waited.append)
    source = mapping(folder, [], [], columns=COLUMNS, scim="https://hr.example/scim/v2", zone="UTC")
    snapshot = read_people(source, lambda: NOW, "ana@host", elsewhere=rows)
    assert "not-for-the-log" not in str(snapshot)
    assert "api" == snapshot.origin
    return snapshot.collections[0], waited


def test_every_page_is_read_and_who_is_not_active_has_left(tmp_path):
    service = Service(*(user(number) for number in range(1, 5)), user(5, active=False))

    found, _ = read(service, tmp_path)

    assert None is found.gap
    assert ["1", "2", "3", "4"] == [one.urn for one in found.entities]
    first = found.entities[0].configuration
    assert ("User 1", "u1@a.example", "2020-01-02T00:00:00Z", None) == tuple(
        first[field] for field in ("name", "email", "start", "end")
    )
    assert ("Sales", "1") == (first["department"], first["manager"])
    assert 3 == service.asked


def test_a_service_that_counts_more_than_it_gives_is_truncated(tmp_path):
    service = Service(user(1), user(2))
    service.total = 3

    found, _ = read(service, tmp_path)

    assert ([], GapReason.TRUNCATED) == (found.entities, found.gap.reason)
    assert "counts 3 users and gave 2" in found.gap.detail


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (httpx2.Response(401), GapReason.DENIED),
        (httpx2.Response(500), GapReason.FAILED),
        (httpx2.Response(302, headers={"Location": "https://evil.example"}), GapReason.FAILED),
        (httpx2.Response(200, content=b"<html>"), GapReason.FAILED),
        (httpx2.Response(200, json={"Resources": []}), GapReason.FAILED),
    ],
)
def test_a_refusal_is_a_gap(tmp_path, refusal, reason):
    service = Service(user(1), user(2), user(3))
    service.refusals = [refusal]

    found, _ = read(service, tmp_path)

    assert ([], reason) == (found.entities, found.gap.reason)


def test_it_waits_as_it_is_told_to(tmp_path):
    service = Service(user(1))
    service.refusals = [httpx2.Response(429, headers={"Retry-After": "7"}), httpx2.Response(429)]

    found, waited = read(service, tmp_path)

    assert (1, [7.0, 2.0]) == (len(found.entities), waited)


def test_an_attribute_that_nobody_has_is_named(tmp_path):
    found, _ = read(Service(user(1, **{OWN: {}})), tmp_path)

    assert f"has no column '{OWN}:hired'" in found.gap.detail


def test_attributes_go_by_their_paths():
    row = flat({"active": True, "emails": [], "x": None, OWN: {"a": {"b": 1}}})

    assert {"active": "true", f"{OWN}:a.b": "1"} == row
