"""Tokens, limits, batches and faults of the test tenant."""

import asyncio
import base64
import json
import urllib.error
import urllib.parse
import urllib.request

import pytest

from clouds.asking import Asking
from observant_clouds.microsoft import (
    Bucket,
    Service,
    Tenant,
    Window,
    asgi,
    process,
    server,
)
from observant_clouds.microsoft.tokens import ARM

CA = "/v1.0/identity/conditionalAccess/policies"


@pytest.fixture
def tenant():
    return Tenant()


@pytest.fixture
def asking(tenant):
    return Asking(Service(tenant))


# -- tokens


def token_request(service, url, **changes):
    fields = {
        "grant_type": "client_credentials",
        "client_id": service.tokens.client_id,
        "client_secret": service.tokens.client_secret,
        "scope": "https://graph.microsoft.com/.default",
        **changes,
    }
    data = urllib.parse.urlencode(fields).encode()
    with urllib.request.urlopen(f"{url}/{service.tenant.tenant_id}/oauth2/v2.0/token", data, timeout=10) as answer:
        return json.load(answer)


def test_a_token_is_asked_for_and_used_over_http(tenant):
    tenant.user("ada")
    service = Service(tenant)
    with server(service) as url:
        token = token_request(service, url)
        request = urllib.request.Request(
            f"{url}/v1.0/users?$select=id", headers={"Authorization": f"Bearer {token['access_token']}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            body = json.load(answer)
            headers = answer.headers
        with pytest.raises(urllib.error.HTTPError, match="401"):
            token_request(service, url, client_secret="wrong")

    assert ("Bearer", 3599) == (token["token_type"], token["expires_in"])
    assert [tenant.id_of("ada")] == [each["id"] for each in body["value"]]
    assert f"{url}/v1.0/$metadata#users" == body["@odata.context"]
    assert ["Thu, 01 Jan 2026 06:00:00 GMT"] == headers.get_all("Date")
    assert headers["request-id"]


def test_tokens_that_do_not_do(tenant, asking):
    token = asking.service.tokens.issue()
    for bad in ("", "nonsense", token[:-4] + "AAAA", asking.service.tokens.issue(ARM)):
        assert 401 == asking.get("/v1.0/users", token=bad).status

    assert 200 == asking.get("/v1.0/users", token=token).status
    tenant.shift(hours=1)
    assert 401 == asking.get("/v1.0/users", token=token).status


def test_a_revoked_token_meets_a_claims_challenge(tenant, asking):
    token = asking.service.tokens.issue()
    tenant.shift(minutes=1)
    asking.service.tokens.revoke()

    answer = asking.get("/v1.0/users", token=token)
    _, _, claims = answer.headers["WWW-Authenticate"].partition('claims="')

    assert (401, True) == (answer.status, 'error="insufficient_claims"' in answer.headers["WWW-Authenticate"])
    assert "access_token" in json.loads(base64.b64decode(claims.rstrip('"')))
    with server(asking.service) as url:
        fresh = token_request(asking.service, url, claims=base64.b64decode(claims.rstrip('"')).decode())["access_token"]
    assert 200 == asking.get("/v1.0/users", token=fresh).status


# -- limits and faults


class Seconds:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def seconds():
    return Seconds()


@pytest.fixture
def limited(tenant, seconds):
    service = Service(tenant, monotonic=seconds)
    service.traffic.real_limits()
    return Asking(service)


def test_conditional_access_is_one_a_second_and_does_not_say_when(limited, seconds):
    first, second = limited.get(CA), limited.get("/v1.0/identity/conditionalAccess/namedLocations")
    seconds.now = 1.0

    assert (200, 429, 200) == (first.status, second.status, limited.get(CA).status)
    assert "Retry-After" not in second.headers


def test_reports_are_five_in_ten_seconds(limited, seconds):
    statuses = [limited.get("/v1.0/auditLogs/directoryAudits").status for _ in range(6)]
    refused = limited.get("/v1.0/auditLogs/directoryAudits")
    seconds.now = 10.0

    assert [200] * 5 + [429] == statuses
    assert "10" == refused.headers["Retry-After"]
    assert 200 == limited.get("/v1.0/auditLogs/directoryAudits").status


def test_the_directory_costs_units(tenant, seconds):
    service = Service(tenant, monotonic=seconds)
    service.traffic.throttle("directory", Bucket(size=10, rate=1))
    asking = Asking(service)
    group = tenant.group("staff")

    assert [200, 200, 200, 429] == [asking.get(f"/v1.0/groups/{group}/members").status for _ in range(4)]
    assert 200 == asking.get("/v1.0/users?$select=id").status
    assert 429 == asking.get("/v1.0/users").status
    seconds.now = 2.0
    assert 200 == asking.get("/v1.0/users").status


def test_a_request_of_a_batch_can_be_throttled_alone(tenant, seconds):
    service = Service(tenant, monotonic=seconds)
    service.traffic.throttle("directory", Window(2, 10.0))
    asked = [{"id": str(i), "method": "GET", "url": "/users?$select=id"} for i in range(3)]

    answer = Asking(service).post("/v1.0/$batch", {"requests": asked})
    statuses = {each["id"]: each["status"] for each in answer.body["responses"]}

    assert (200, {"0": 200, "1": 200, "2": 429}) == (answer.status, statuses)


def test_a_batch_answers_each_and_takes_twenty(tenant, asking):
    for i in range(3):
        tenant.user(f"user-{i}")
    good = {"id": "a", "method": "GET", "url": "/users?$select=id&$top=2"}
    bad = {"id": "b", "method": "GET", "url": "/groups/nothing/members"}
    after = {"id": "c", "method": "GET", "url": "/users", "dependsOn": ["b"]}

    answers = {
        each["id"]: each for each in asking.post("/v1.0/$batch", {"requests": [good, bad, after]}).body["responses"]
    }
    link = answers["a"]["body"]["@odata.nextLink"]

    assert {"a": 200, "b": 404, "c": 424} == {id_: each["status"] for id_, each in answers.items()}
    assert 1 == len(asking.ok(link)["value"])
    many = {"requests": [{**good, "id": str(i)} for i in range(21)]}
    assert 400 == asking.post("/v1.0/$batch", many).status


def test_faults_hit_what_they_name_and_end(tenant, asking):
    staff, other = tenant.group("staff"), tenant.group("other")
    faults = asking.service.traffic
    faults.fault(
        "/groups/{group-id}/members", status=503, code="ServiceUnavailable", containing=staff, times=1, retry_after=7
    )

    assert 200 == asking.get(f"/v1.0/groups/{other}/members").status
    answer = asking.get(f"/v1.0/groups/{staff}/members")
    assert (503, "7") == (answer.status, answer.headers["Retry-After"])
    assert 200 == asking.get(f"/v1.0/groups/{staff}/members").status
    assert 3 == faults.requests["/groups/{group-id}/members"]

    faults.fault("/auditLogs/*")
    assert (403, "Authorization_RequestDenied") == asking.refused("/v1.0/auditLogs/directoryAudits")
    faults.heal()
    assert [] == asking.value("/v1.0/auditLogs/directoryAudits")


def test_faults_spoil_answers(tenant, asking):
    for i in range(4):
        tenant.user(f"user-{i}")
    faults, users = asking.service.traffic, "/v1.0/users?$select=id&$top=2"

    faults.fault("/users", does="break", times=1)
    with pytest.raises(json.JSONDecodeError):
        json.loads(asking.get(users).content)

    faults.fault("/users", does="empty", times=1)
    pages = asking.pages(users)
    assert [0, 2, 2] == [len(page["value"]) for page in pages]

    second = asking.ok(users)["@odata.nextLink"]
    faults.fault("/users", does="repeat", times=1)
    assert urllib.parse.unquote(second) == urllib.parse.unquote(asking.ok(second)["@odata.nextLink"])

    faults.fault("/users", does="challenge", times=1)
    assert 401 == asking.get(users).status

    faults.fault("/users", does="slow", delay=0.25, times=1)
    assert 0.25 == asking.get(users).delay


def test_the_asgi_application_answers_and_waits(tenant, asking):
    tenant.user("ada")
    asking.service.traffic.fault("/users", does="slow", delay=0.05)
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "https",
        "path": "/v1.0/users",
        "query_string": b"$select=id",
        "server": ("graph.microsoft.com", 443),
        "headers": [(b"authorization", f"Bearer {asking.service.tokens.issue()}".encode())],
    }
    asyncio.run(asgi(asking.service)(scope, receive, send))

    assert 200 == sent[0]["status"]
    assert [tenant.id_of("ada")] == [each["id"] for each in json.loads(sent[1]["body"])["value"]]


def test_the_server_runs_as_a_process():
    with process(users=20) as served:
        data = urllib.parse.urlencode(
            {
                "grant_type": "client_credentials",
                "client_id": served.client_id,
                "client_secret": served.client_secret,
                "scope": "https://graph.microsoft.com/.default",
            }
        ).encode()
        with urllib.request.urlopen(f"{served.url}/{served.tenant_id}/oauth2/v2.0/token", data, timeout=20) as answer:
            token = json.load(answer)["access_token"]
        request = urllib.request.Request(f"{served.url}/v1.0/users", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert 20 == len(json.load(answer)["value"])
