"""Listings are read to the end or not at all."""

import pytest

from collect.microsoft.scripted import ENDPOINTS, GRAPH, Said, Scripted, Time, listed, refusal, session_on
from observant.collect.microsoft import paging
from observant.collect.microsoft.operation import graph
from observant.collect.microsoft.paging import entities_of, items, tidy
from observant.collect.unread import Unread

USERS = graph("/users", "User.Read.All")
PATH = "/v1.0/users"


@pytest.fixture
def app():
    return Scripted(Time())


@pytest.fixture
def session(app):
    return session_on(app, app.time)


def read(session):
    return [one["id"] for one in items(session, USERS, USERS.url(ENDPOINTS, {}, {}), {"$top": "999"})]


def page(number, *, last=False):
    link = "" if last else f"{GRAPH}{PATH}?$skiptoken=secret-{number}"
    return listed({"id": f"u{number}"}, following=link)


def test_pages_are_followed_to_the_end(app, session):
    app.answers[PATH] = [page(1), listed(following=f"{GRAPH}{PATH}?$skiptoken=empty"), page(2, last=True)]

    assert ["u1", "u2"] == read(session)
    assert [{"$top": "999"}, {"$top": "999", "page": 2}, {"$top": "999", "page": 3}] == [
        one.parameters for one in session.requests if one.operation == "graph:/users"
    ]


def test_page_tokens_are_not_logged(app, session):
    app.answers[PATH] = [page(1), page(2, last=True)]
    read(session)

    assert "secret" not in repr(session.requests)


def test_an_expired_token_begins_again_and_keeps_nothing_of_before(app, session):
    expired = refusal(400, "Directory_ExpiredPageToken")
    app.answers[PATH] = [page(1), expired, page(3), page(4, last=True)]

    assert ["u3", "u4"] == read(session)
    assert [None, None, 1, 1] == [one.parameters.get("restart") for one in session.requests[1:]]


def test_tokens_that_always_expire_are_truncation(app, session):
    app.answers[PATH] = lambda asked: refusal(400, "Directory_ExpiredPageToken") if asked.query else page(1)

    with pytest.raises(Unread) as unread:
        read(session)
    assert "truncated" == unread.value.reason
    assert 2 * (paging.MOST_RESTARTS + 1) == app.count(PATH)


@pytest.mark.parametrize("link", [f"{GRAPH}{PATH}", f"{GRAPH}{PATH}?$skiptoken=secret-1"])
def test_a_link_that_comes_again_is_truncation(app, session, link):
    app.answers[PATH] = [page(1), listed({"id": "u2"}, following=link), page(3, last=True)]

    with pytest.raises(Unread) as unread:
        read(session)
    assert "truncated" == unread.value.reason


def test_a_listing_without_end_is_truncation(app, session, monkeypatch):
    monkeypatch.setattr(paging, "MOST_PAGES", 50)
    app.answers[PATH] = lambda _: page(len(app.asked))

    with pytest.raises(Unread) as unread:
        read(session)
    assert ("truncated", 50) == (unread.value.reason.value, len(app.asked))


@pytest.mark.parametrize(
    "second", [refusal(403, "Denied"), Said(200, b'{"value": ['), {"value": None}, {}, {"value": [1]}]
)
def test_a_page_that_is_missing_loses_the_list(app, session, second):
    app.answers[PATH] = [page(1), second]

    with pytest.raises(Unread):
        read(session)


def test_a_link_to_another_host_is_not_followed(app, session):
    app.answers[PATH] = listed({"id": "u1"}, following="https://graph.example.evil/v1.0/users?$skiptoken=x")

    with pytest.raises(Unread, match="another host"):
        read(session)
    assert 1 == len(app.asked)


# --- objects -----------------------------------------------------------------------------------------------------


def test_an_object_twice_is_one_and_two_objects_under_one_id_are_none():
    assert 1 == len(entities_of(USERS, [{"id": "a", "n": 1}, {"id": "a", "n": 1}]))
    with pytest.raises(Unread, match="came twice"):
        entities_of(USERS, [{"id": "a", "n": 1}, {"id": "a", "n": 2}])


@pytest.mark.parametrize("nameless", [{}, {"id": None}, {"id": ""}, {"id": 3}])
def test_an_object_without_an_id_cannot_be_kept(nameless):
    with pytest.raises(Unread, match="no id"):
        entities_of(USERS, [nameless])


def test_what_is_about_transport_goes_and_types_and_unknown_things_stay():
    answered = {
        "@odata.context": "x",
        "@odata.etag": "x",
        "owners@odata.context": "x",
        "@odata.type": "#microsoft.graph.ipNamedLocation",
        "grantControls": {"authenticationStrength@odata.context": "x", "builtInControls": ["tomorrowsControl"]},
        "unheardOf": [{"@odata.id": "x", "a": None}],
        "passwordCredentials": [{"secretText": None, "hint": "abc"}, {"secretText": "leaked", "hint": "def"}],
    }

    assert {
        "@odata.type": "#microsoft.graph.ipNamedLocation",
        "grantControls": {"builtInControls": ["tomorrowsControl"]},
        "unheardOf": [{"a": None}],
        "passwordCredentials": [{"secretText": None, "hint": "abc"}, {"hint": "def"}],
    } == tidy(answered)
