"""Requests that go together are answered as if each had gone alone."""

import hashlib
import json

import pytest

from collect.microsoft.scripted import GRAPH, Said, Scripted, Time, listed, refusal, session_on
from observant.collect.microsoft.batch import MOST
from observant.collect.microsoft.operation import graph
from observant.collect.unread import Unread

MEMBERS = graph("/groups/{id}/members", "GroupMember.Read.All", units=3)
BATCH = "/v1.0/$batch"


def part(number, *items, status=200, **more):
    return {"id": str(number), "status": status, "headers": {"Content-Type": "application/json"}, **more} | (
        {"body": listed(*items)} if status == 200 else {}
    )


@pytest.fixture
def app():
    return Scripted(Time())


@pytest.fixture
def session(app):
    return session_on(app, app.time)


def path(group):
    return f"/v1.0/groups/{group}/members"


def address(group):
    return f"{GRAPH}{path(group)}"


def ahead(session, *groups):
    session.ahead(MEMBERS, [(address(group), {"id": group}) for group in groups])


def get(session, group):
    return session.get(MEMBERS, address(group), {"id": group})["value"]


def test_each_has_its_answer_whatever_their_order(app, session):
    answer = {"responses": [part(1, {"id": "u2"}), part(0, {"id": "u1"})]}
    app.answers[BATCH] = answer
    ahead(session, "a", "b")

    assert ([{"id": "u1"}], [{"id": "u2"}]) == (get(session, "a"), get(session, "b"))
    assert [BATCH] == [one.path for one in app.asked]
    sent = json.loads(app.asked[0].body)["requests"]
    assert [("GET", "/groups/a/members"), ("GET", "/groups/b/members")] == [(one["method"], one["url"]) for one in sent]
    assert {"include-unknown-enum-members"} == {one["headers"]["prefer"] for one in sent}


def test_each_has_a_line_with_the_digest_of_its_own_bytes(app, session):
    inner = b'{"value": [ {"id":"u1"} ]}'
    refused = b'{"id":"1","status":403,"body":{"error":{"code":"No"}}}'
    app.answers[BATCH] = Said(200, b'{"responses":[%s,{"id":"0","status":200,"body":%s}]}' % (refused, inner))
    ahead(session, "a", "b")
    whole, first, second = (one for one in session.requests if one.operation != "login:token")

    assert ("graph:/$batch", {"of": MEMBERS.name, "requests": 2}) == (whole.operation, whole.parameters)
    assert (MEMBERS.name, {"id": "a"}, 200, "") == (first.operation, first.parameters, first.status, first.error)
    assert hashlib.sha256(inner).hexdigest() == first.body_sha256
    assert (403, "No", whole.request_id) == (second.status, second.error, second.request_id)


def test_what_was_not_answered_well_is_asked_for_by_itself(app, session):
    app.answers |= {BATCH: {"responses": [part(0, {"id": "u1"}), part(1, status=429)]}, path("b"): listed({"id": "u2"})}
    ahead(session, "a", "b")

    assert [{"id": "u2"}] == get(session, "b")
    assert [BATCH, path("b")] == [one.path for one in app.asked]


@pytest.mark.parametrize(
    "answer",
    [
        refusal(403, "Denied"),
        Said(200, b'{"responses": ['),
        {"responses": [part(0)]},
        {"responses": [part(0), part(7)]},
        {"responses": {}},
        {},
        Said(200, b"[" * 5000),
    ],
    ids=["refused", "cut", "one missing", "another one", "no list", "nothing", "deep"],
)
def test_when_they_cannot_go_together_they_go_alone_from_then_on(app, session, answer):
    app.answers |= {BATCH: answer, path("a"): listed({"id": "u1"}), path("b"): listed()}
    ahead(session, "a", "b")

    assert ([{"id": "u1"}], []) == (get(session, "a"), get(session, "b"))
    ahead(session, "a", "b")
    assert 1 == app.count(BATCH)


def test_an_answer_is_used_once_and_not_later(app, session):
    app.answers |= {BATCH: {"responses": [part(0), part(1)]}, path("a"): listed({"id": "new"})}
    ahead(session, "a", "b")
    get(session, "a")

    assert [{"id": "new"}] == get(session, "a")
    ahead(session, "c")
    with pytest.raises(Unread):
        get(session, "b")


def test_each_counts_towards_the_limit(app, session):
    app.answers[BATCH] = {"responses": [part(number) for number in range(MOST)]}
    for _ in range(20):
        ahead(session, *(f"g{number}" for number in range(MOST)))

    assert app.time.pauses  # 1200 units, of which 500 may be spent at once
    assert 1200 - 500 == pytest.approx(sum(app.time.pauses) * 125)
