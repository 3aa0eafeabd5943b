"""One request: its retries, its tokens, its line in the log, and what is never in it."""

import base64
from datetime import UTC, datetime

import msgspec
import pytest

from collect.microsoft.scripted import (
    ENDPOINTS,
    GRAPH,
    SECRET,
    Given,
    InProcess,
    Said,
    Scripted,
    Time,
    refusal,
    session_on,
)
from observant.collect.microsoft.clouds import CLOUDS
from observant.collect.microsoft.operation import arm, graph
from observant.collect.microsoft.pace import LONGEST_PAUSE, Service
from observant.collect.microsoft.session import MOST_TRIES, MicrosoftSession, http_client
from observant.collect.unread import Unread
from observant.evidence.snapshot import GapReason

USERS = graph("/users", "User.Read.All")
POLICIES = graph("/identity/conditionalAccess/policies", "Policy.Read.All", Service.CONDITIONAL_ACCESS)
REPORTS = graph("/auditLogs/directoryAudits", "AuditLog.Read.All", Service.REPORTS)
PATH = "/v1.0/users"


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def app(time):
    return Scripted(time)


def ask(session, operation=USERS, **parts):
    return session.get(operation, operation.url(ENDPOINTS, parts, {}), parts)


def test_an_answer_and_its_line(app, time):
    app.answers[PATH] = Said(200, {"value": [], "strange": {"new": 1}})
    session = session_on(app, time)

    assert {"value": [], "strange": {"new": 1}} == ask(session)
    login, line = session.take_requests()
    assert ("login:token", 200, "") == (login.operation, login.status, login.body_sha256)
    assert ("graph:/users", 200, "r-1", 0, "") == (
        line.operation,
        line.status,
        line.request_id,
        line.retries,
        line.error,
    )
    assert "Thu, 01 Jan 2026 06:00:00 GMT" == line.server_date
    assert 64 == len(line.body_sha256)
    assert [] == session.requests


def test_unknown_enum_members_are_asked_for(app, time):
    app.answers[PATH] = {"value": []}
    ask(session_on(app, time))

    assert "include-unknown-enum-members" == app.asked[0].headers["prefer"]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_passes_is_waited_for(app, time, status):
    app.answers[PATH] = [refusal(status, "x"), refusal(status, "x"), Said(200, {})]
    session = session_on(app, time)

    assert {} == ask(session)
    line = session.requests[-1]
    assert (200, 2, {"waited_seconds": 3.0}) == (line.status, line.retries, line.parameters)
    assert [1.0, 2.0] == time.pauses


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"retry-after": "17"}, 17.0),
        ({"retry-after": "Thu, 01 Jan 2026 06:00:40 GMT"}, 40.0),
        ({"x-ms-retry-after-ms": "2500"}, 2.5),
        ({"retry-after": "0"}, 1.0),
        ({"retry-after": "soon"}, 1.0),
    ],
)
def test_a_service_is_left_alone_for_as_long_as_it_asks(app, time, headers, pause):
    app.answers[PATH] = [Said(429, {}, headers), Said(200, {})]
    ask(session_on(app, time))

    assert [pause] == time.pauses


def test_a_service_that_asks_for_too_long_is_throttled(app, time):
    app.answers[PATH] = refusal(429, "TooManyRequests", **{"retry-after": str(int(LONGEST_PAUSE) + 1)})
    session = session_on(app, time)

    with pytest.raises(Unread) as unread:
        ask(session)
    assert "throttled" == unread.value.reason
    assert 1 == len(app.asked)
    assert (429, "TooManyRequests") == (session.requests[-1].status, session.requests[-1].error)


def test_throttling_that_does_not_end_is_a_gap(app, time):
    app.answers[PATH] = refusal(429, "TooManyRequests")
    session = session_on(app, time)

    with pytest.raises(Unread) as unread:
        ask(session)
    assert "throttled" == unread.value.reason
    assert MOST_TRIES == len(app.asked)
    assert MOST_TRIES - 1 == session.requests[-1].retries


@pytest.mark.parametrize(
    ("status", "code", "message", "reason"),
    [
        (403, "Authorization_RequestDenied", "Insufficient privileges.", "denied"),
        (403, "AuthorizationFailed", "does not have authorization", "denied"),
        (403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", "Neither tenant is B2C", "unlicensed"),
        (400, "AadPremiumLicenseRequired", "The tenant needs P2", "unlicensed"),
        (403, "AccessDenied", "The tenant needs to have Microsoft Entra ID P2 license.", "unlicensed"),
        (404, "Request_ResourceNotFound", "does not exist", "failed"),
        (400, "BadRequest", "Invalid filter clause", "failed"),
        (500, "InternalServerError", "a premium mistake", "failed"),
    ],
)
def test_refusals_keep_their_reason(app, time, status, code, message, reason):
    app.answers[PATH] = refusal(status, code, message)

    with pytest.raises(Unread) as unread:
        ask(session_on(app, time))
    assert (reason, code) == (unread.value.reason.value, unread.value.code)
    assert f"graph:/users: {code}: {message}" == unread.value.detail


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"value": [', b"[]", b"3", b'{"n": NaN}', b'{"a":' * 100_000, b'{"s":"\\ud800"}']
)
def test_an_answer_that_is_no_object_is_no_answer(app, time, body):
    app.answers[PATH] = Said(200, body)
    session = session_on(app, time)

    with pytest.raises(Unread) as unread:
        ask(session)
    assert "failed" == unread.value.reason
    assert 1 == len(app.asked)


@pytest.mark.parametrize("status", [201, 204, 301, 302])
def test_only_200_is_an_answer(app, time, status):
    app.answers[PATH] = Said(status, {"value": []}, {"location": "https://elsewhere.example/"})

    with pytest.raises(Unread, match=f"HTTP {status}"):
        ask(session_on(app, time))


def test_conditional_access_is_asked_once_a_second(app, time):
    app.answers["/v1.0/identity/conditionalAccess/policies"] = {"value": []}
    session, began = session_on(app, time), time.at
    for _ in range(4):
        ask(session, POLICIES)

    assert [0, 1, 2, 3] == [round(one.at - began, 6) for one in app.asked]


def test_reports_are_asked_five_times_in_ten_seconds(app, time):
    app.answers["/v1.0/auditLogs/directoryAudits"] = {"value": []}
    session = session_on(app, time)
    for _ in range(12):
        ask(session, REPORTS)
    moments = [one.at for one in app.asked]

    assert all(sum(start <= at < start + 10 for at in moments) <= 5 for start in moments)
    assert moments[-1] - moments[0] < 25


def test_the_directory_may_be_asked_at_once_for_a_while(app, time):
    app.answers[PATH] = {"value": []}
    session = session_on(app, time)
    for _ in range(3000):
        session.pace.before(Service.DIRECTORY, 2)

    assert 3000 * 2 / 125 - 500 / 125 == pytest.approx(sum(time.pauses), abs=0.1)


# --- tokens ------------------------------------------------------------------------------------------------------


def test_one_token_serves_until_it_is_old(app, time):
    app.answers[PATH] = {}
    tokens = Given(time)
    session = session_on(app, time, tokens)
    ask(session)
    ask(session)
    time.at += 3600 - 200
    ask(session)

    assert [(f"{GRAPH}/.default", "")] * 2 == tokens.asked
    assert f"Bearer {SECRET}-2" == app.asked[-1].headers["authorization"]


def test_a_claims_challenge_is_answered_with_a_new_token(app, time):
    claims = '{"access_token":{"nbf":{"essential":true,"value":"1767247200"}}}'
    asked = base64.b64encode(claims.encode()).decode().rstrip("=")
    challenge = f'Bearer realm="", error="insufficient_claims", claims="{asked}"'
    app.answers[PATH] = [refusal(401, "InvalidAuthenticationToken", **{"www-authenticate": challenge}), Said(200, {})]
    tokens = Given(time)
    session = session_on(app, time, tokens)

    assert {} == ask(session)
    assert [(f"{GRAPH}/.default", ""), (f"{GRAPH}/.default", claims)] == tokens.asked
    assert [None, True] == [
        one.parameters.get("challenged") for one in session.requests if one.operation == "login:token"
    ]


def test_a_second_401_is_a_denial(app, time):
    app.answers[PATH] = refusal(401, "InvalidAuthenticationToken")
    session = session_on(app, time)

    with pytest.raises(Unread) as unread:
        ask(session)
    assert "denied" == unread.value.reason
    assert 2 == len(app.asked)


def test_a_refused_token_is_a_gap_in_the_words_of_the_login(app, time):
    def refuse(scope, claims):
        raise Unread(
            GapReason.DENIED, "login: ClientAuthenticationError: AADSTS700027: expired", "ClientAuthenticationError"
        )

    session = session_on(app, time, refuse)

    with pytest.raises(Unread, match="AADSTS700027"):
        ask(session)
    assert [("login:token", 0), ("graph:/users", 0)] == [(one.operation, one.status) for one in session.requests]
    assert [] == app.asked


def test_no_token_is_in_the_log(app, time):
    leak = f"Bearer {SECRET} eyJhbGciOi.eyJzdWIi.c2ln https://x.example/?sig=abc%3D"
    app.answers[PATH] = [refusal(403, "Denied", leak), {}]
    session = session_on(app, time)
    with pytest.raises(Unread) as unread:
        ask(session)
    ask(session)
    kept = msgspec.json.encode(session.requests).decode() + unread.value.detail

    assert not [one for one in (SECRET, "eyJ", "sig=abc") if one in kept]


def test_a_token_goes_to_no_other_host(app, time):
    session = session_on(app, time)

    for url in ("https://graph.example.evil/users", "http://graph.example/users", "https://evil.example/"):
        with pytest.raises(Unread, match="another host"):
            session.get(USERS, url, {})
    assert [] == app.asked


def test_each_host_has_its_own_token(app, time):
    subscriptions = arm("/subscriptions", "Microsoft.Resources/subscriptions/read", "2022-12-01")
    app.answers |= {PATH: {}, "/subscriptions": {}}
    tokens = Given(time)
    session = session_on(app, time, tokens)
    ask(session)
    ask(session, subscriptions)

    assert ["https://graph.example/.default", "https://arm.example/.default"] == [scope for scope, _ in tokens.asked]
    assert "api-version=2022-12-01" == app.asked[-1].query


@pytest.mark.parametrize("cloud", sorted(CLOUDS))
def test_each_cloud_is_asked_at_its_own_hosts(app, time, cloud):
    subscriptions = arm("/subscriptions", "Microsoft.Resources/subscriptions/read", "2022-12-01")
    app.answers |= {PATH: {}, "/subscriptions": {}}
    tokens, hosts = Given(time), CLOUDS[cloud]
    session = MicrosoftSession(hosts, tokens, http_client(InProcess(app)), time.pace(), time.now)
    for operation in (USERS, subscriptions):
        session.get(operation, operation.url(hosts, {}, {}), {})

    assert [f"{hosts.graph}/.default", f"{hosts.arm}/.default"] == [scope for scope, _ in tokens.asked]
    for other in CLOUDS.values():
        if other.graph != hosts.graph:
            with pytest.raises(Unread, match="another host"):
                session.get(USERS, USERS.url(other, {}, {}), {})


def test_identifiers_cannot_leave_their_place_in_an_address():
    members = graph("/groups/{id}/members", "GroupMember.Read.All")
    policies = arm("{id}/tables", "x", "1")

    assert f"{GRAPH}/v1.0/groups/..%2Fusers%3Fx/members" == members.url(ENDPOINTS, {"id": "../users?x"}, {})
    assert "https://arm.example/a/b%3F/tables?api-version=1" == policies.url(ENDPOINTS, {"id": "/a/b?"}, {})


def test_the_clock_is_whoever_tells_it(time):
    assert datetime(2026, 1, 1, 6, tzinfo=UTC) == time.now()
