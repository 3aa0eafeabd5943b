"""The test tenant behaves as Graph and Resource Manager do, where a collector can tell."""

import asyncio
import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from datetime import UTC, datetime

import pytest

from clouds.asking import EVENTUAL, Asking
from observant_clouds.microsoft import (
    RECOMMENDED,
    Bucket,
    Certificate,
    Container,
    Secret,
    Service,
    Tenant,
    Window,
    asgi,
    process,
    seed,
    server,
)
from observant_clouds.microsoft.tokens import ARM

CA = "/v1.0/identity/conditionalAccess/policies"
PIM = "/v1.0/roleManagement/directory"


@pytest.fixture
def tenant():
    return Tenant()


@pytest.fixture
def asking(tenant):
    return Asking(Service(tenant))


# -- lists


def test_a_list_is_read_over_its_pages(tenant, asking):
    ids = [tenant.user(f"user-{i}") for i in range(7)]

    pages = asking.pages("/v1.0/users?$select=id&$top=3")

    assert [3, 3, 1] == [len(page["value"]) for page in pages]
    assert ids == [each["id"] for page in pages for each in page["value"]]
    assert {"@odata.context", "value"} == set(pages[-1])


def test_the_next_link_keeps_the_query_and_leads_back_to_the_same_host(tenant, asking):
    for i in range(3):
        tenant.user(f"user-{i}")

    link = asking.ok("/v1.0/users?$select=id,userType&$top=2&$filter=userType eq 'Member'")["@odata.nextLink"]

    assert link.startswith("https://host.example/v1.0/users?$select=id,userType&$top=2&$filter=")
    assert [{"id", "userType"}] == [set(each) for each in asking.ok(link)["value"]]


def test_a_list_does_not_change_while_it_is_paged(tenant, asking):
    ids = [tenant.user(f"user-{i}") for i in range(4)]
    first = asking.ok("/v1.0/users?$select=id&$top=2")
    tenant.user("late")

    assert ids[2:] == [each["id"] for each in asking.ok(first["@odata.nextLink"])["value"]]


def test_an_old_page_token_has_expired(tenant, asking):
    for i in range(3):
        tenant.user(f"user-{i}")
    link = asking.ok("/v1.0/users?$top=2")["@odata.nextLink"]
    asking.service.pages.expire()

    assert (400, "Directory_ExpiredPageToken") == asking.refused(link)


def test_pages_with_sign_in_activity_are_smaller(tenant, asking):
    seed(tenant, 600, groups=3, applications=0)

    assert 600 == len(asking.ok("/v1.0/users?$select=id&$top=999")["value"])
    assert 500 == len(asking.ok("/v1.0/users?$select=id,signInActivity&$top=999")["value"])


def test_a_page_larger_than_allowed_is_refused(asking):
    assert (400, "Request_UnsupportedQuery") == asking.refused("/v1.0/users?$top=1000")


def test_counting_needs_the_eventual_index(tenant, asking):
    tenant.user("ada")
    tenant.guest("bob")

    assert "@odata.count" not in asking.ok("/v1.0/users?$count=true")
    assert 2 == asking.ok("/v1.0/users?$count=true", **EVENTUAL)["@odata.count"]
    assert (400, "Request_BadRequest") == asking.refused("/v1.0/users/$count")
    assert b"1" == asking.get("/v1.0/users/$count?$filter=userType eq 'Guest'", **EVENTUAL).content


def test_a_default_answer_is_short_and_a_selection_exact(tenant, asking):
    tenant.user("ada", signed_in=1)

    assert "userType" not in asking.value("/v1.0/users")[0]
    assert {"id", "userType"} == set(asking.value("/v1.0/users?$select=id,userType")[0])
    assert "signInActivity" in asking.value("/v1.0/users?$select=signInActivity")[0]
    assert (400, "BadRequest") == asking.refused("/v1.0/users?$select=usertype")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("userType eq 'Guest'", {"bob"}),
        ("userType eq 'guest' or department eq 'sales'", {"bob", "cem"}),
        ("accountEnabled eq false", {"cem"}),
        ("not(userType eq 'Guest')", {"ada", "cem"}),
        ("userType ne 'Guest' and accountEnabled eq true", {"ada"}),
        ("startsWith(displayName,'A')", {"ada"}),
        ("createdDateTime ge 2025-12-01T00:00:00Z", {"cem"}),
        ("department in ('sales')", None),
        ("(userType eq 'Guest' or accountEnabled eq false) and displayName eq 'Cem'", {"cem"}),
    ],
)
def test_filters(tenant, asking, condition, expected):
    tenant.user("ada")
    tenant.guest("bob")
    tenant.user("cem", created=2, accountEnabled=False, department="sales")
    address = f"/v1.0/users?$select=id&$count=true&$filter={urllib.parse.quote(condition)}"

    if expected is None:
        assert (400, "Request_UnsupportedQuery") == asking.refused(address, **EVENTUAL)
    else:
        found = {each["id"] for each in asking.value(address, **EVENTUAL)}
        assert {tenant.id_of(name) for name in expected} == found


@pytest.mark.parametrize(
    "condition",
    ["jobTitle eq 'x'", "userType eq", "userType is 'Guest'", "userType eq 'Guest' extra", "(userType eq 'x'"],
)
def test_filters_that_graph_does_not_understand_are_refused(tenant, asking, condition):
    status, _ = asking.refused(f"/v1.0/users?$filter={urllib.parse.quote(condition)}")

    assert 400 == status


def test_advanced_filters_need_the_eventual_index(asking):
    assert (400, "Request_UnsupportedQuery") == asking.refused("/v1.0/users?$filter=userType ne 'Guest'")


def test_an_unknown_path_or_option_is_refused(asking):
    assert (400, "BadRequest") == asking.refused("/v1.0/unicorns")
    assert (400, "BadRequest") == asking.refused("/v1.0/users?$shiny=1")
    assert (400, "BadRequest") == asking.refused("/v1.0/reports/servicePrincipalSignInActivities")
    assert (404, "Request_ResourceNotFound") == asking.refused(
        f"/v1.0/groups/{'0' * 8}-0000-0000-0000-{'0' * 12}/members"
    )


# -- groups and programs


def test_members_direct_nested_and_by_kind(tenant, asking):
    tenant.user("ada")
    tenant.user("bob")
    tenant.application("deploy")
    tenant.group("inner", ["bob"])
    tenant.group("outer", ["ada", "inner", "deploy"])
    tenant.member("inner", "outer")
    outer = f"/v1.0/groups/{tenant.id_of('outer')}"

    direct = {
        each["@odata.type"].rpartition(".")[2]: each["id"] for each in asking.value(f"{outer}/members?$select=id")
    }
    nested = {each["id"] for each in asking.value(f"{outer}/transitiveMembers?$select=id")}
    users = asking.value(f"{outer}/transitiveMembers/microsoft.graph.user?$select=id")

    assert {
        "user": tenant.id_of("ada"),
        "group": tenant.id_of("inner"),
        "servicePrincipal": tenant.id_of("deploy"),
    } == direct
    assert {*direct.values(), tenant.id_of("bob")} == nested
    assert {tenant.id_of("ada"), tenant.id_of("bob")} == {each["id"] for each in users}


def test_hidden_members_look_like_none_without_the_permission(tenant):
    tenant.user("ada")
    members = f"/v1.0/groups/{tenant.group('secret', ['ada'], hidden=True)}/members"
    blind = Asking(Service(tenant, RECOMMENDED - {"Member.Read.Hidden"}))

    assert 1 == len(Asking(Service(tenant)).value(members))
    assert [] == blind.value(members)

    tenant.hidden_membership = "denied"
    assert (403, "Authorization_RequestDenied") == blind.refused(members)


def test_without_permission_for_users_members_are_only_ids(tenant):
    tenant.user("ada")
    group = tenant.group("staff", ["ada"])
    asking = Asking(Service(tenant, {"GroupMember.Read.All"}))

    assert {"@odata.type", "id"} == set(asking.value(f"/v1.0/groups/{group}/members")[0])


def test_expanded_owners_end_at_twenty(tenant, asking):
    tenant.application("shared", owners=[])
    for i in range(25):
        tenant.user(f"user-{i:02d}")
        tenant.owner("shared", f"user-{i:02d}")
    application = tenant.id_of("shared", "applications")

    assert 20 == len(asking.value("/v1.0/applications?$expand=owners($select=id)")[0]["owners"])
    assert 25 == len(asking.value(f"/v1.0/applications/{application}/owners?$select=id"))


def test_credentials_of_programs(tenant, asking):
    tenant.application(
        "deploy", secrets=[Secret(created=400, days=None)], certificates=[Certificate(created=10, days=365)]
    )
    tenant.service_principal("saml")
    tenant.certificate("saml", Certificate(usage="Sign"), kind="servicePrincipals")

    application = asking.value("/v1.0/applications")[0]
    saml = next(each for each in asking.value("/v1.0/servicePrincipals") if each["displayName"] == "saml")

    assert [None] == [each["endDateTime"] for each in application["passwordCredentials"]]
    assert [None] == [each["secretText"] for each in application["passwordCredentials"]]
    assert ["2025-12-22T06:00:00Z"] == [each["startDateTime"] for each in application["keyCredentials"]]
    assert ["Sign", "Verify"] == [each["usage"] for each in saml["keyCredentials"]]
    assert 1 == len({each["customKeyIdentifier"] for each in saml["keyCredentials"]})


# -- roles


def test_standing_eligible_and_activated(tenant, asking):
    for name in ("ada", "bob", "cem"):
        tenant.user(name)
    tenant.role("ada", "Global Administrator", outside_pim=True)
    tenant.eligible("bob", "Global Administrator")
    tenant.activate("bob", "Global Administrator", hours=2)
    tenant.role("cem", "Global Administrator", until="2026-01-02T06:00:00Z")

    def held():
        instances = asking.value(f"{PIM}/roleAssignmentScheduleInstances")
        return {
            each["principalId"]: (each["assignmentType"], each["startDateTime"], each["endDateTime"])
            for each in instances
        }

    assert {
        tenant.id_of("ada"): ("Assigned", None, None),
        tenant.id_of("bob"): ("Activated", "2026-01-01T06:00:00Z", "2026-01-01T08:00:00Z"),
        tenant.id_of("cem"): ("Assigned", "2025-03-07T06:00:00Z", "2026-01-02T06:00:00Z"),
    } == held()
    assert 3 == len(asking.value(f"{PIM}/roleAssignments"))

    tenant.shift(hours=2)
    assert {tenant.id_of("ada"), tenant.id_of("cem")} == set(held())

    tenant.shift(hours=22)
    assert {tenant.id_of("ada")} == set(held())
    assert [tenant.id_of("ada")] == [each["principalId"] for each in asking.value(f"{PIM}/roleAssignments")]
    assert [tenant.id_of("bob")] == [
        each["principalId"] for each in asking.value(f"{PIM}/roleEligibilityScheduleInstances")
    ]


def test_nobody_activates_what_they_are_not_eligible_for(tenant):
    tenant.user("ada")

    with pytest.raises(KeyError, match="not eligible"):
        tenant.activate("ada", "Global Administrator")


def test_the_rules_of_activation(tenant, asking):
    tenant.user("ada")
    tenant.role_policy("Global Administrator", activation_hours=1.5, approval=True, approvers=["ada"], mfa=False)
    address = "/v1.0/policies/roleManagementPolicyAssignments?$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'"

    expanded = asking.value(f"{address}&$expand=policy($expand=rules)")
    policies = {each["roleDefinitionId"]: each["policy"]["rules"] for each in expanded}
    rules = {rule["id"]: rule for rule in policies["62e90394-69f5-4237-9190-012177145e10"]}

    assert len(asking.value(f"{PIM}/roleDefinitions")) == len(policies)
    assert 17 == len(rules)
    assert "PT90M" == rules["Expiration_EndUser_Assignment"]["maximumDuration"]
    assert ["Justification"] == rules["Enablement_EndUser_Assignment"]["enabledRules"]
    stage = rules["Approval_EndUser_Assignment"]["setting"]["approvalStages"][0]
    assert [tenant.id_of("ada")] == [each["userId"] for each in stage["primaryApprovers"]]
    assert "policy" not in asking.value(address)[0]


def test_lists_of_pim_must_be_filtered(asking):
    assert (400, "MissingParameter") == asking.refused("/v1.0/policies/roleManagementPolicyAssignments")
    assert (400, "MissingParameter") == asking.refused(
        "/v1.0/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances"
    )


def test_only_beta_says_which_roles_are_privileged(asking):
    assert "isPrivileged" not in asking.value(f"{PIM}/roleDefinitions")[0]
    assert {True, False} == {
        each["isPrivileged"] for each in asking.value("/beta/roleManagement/directory/roleDefinitions")
    }


# -- licences and permissions


@pytest.mark.parametrize("licence", ["none", "P1", "P2"])
def test_what_a_licence_opens(tenant, asking, licence):
    tenant.licence = licence
    tenant.user("ada")
    premium = (403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant")
    pim = (400, "AadPremiumLicenseRequired")

    def outcome(address):
        answer = asking.get(address)
        return None if answer.status == 200 else (answer.status, answer.body["error"]["code"])

    assert (premium if licence == "none" else None) == outcome("/v1.0/users?$select=signInActivity")
    assert (premium if licence == "none" else None) == outcome("/v1.0/auditLogs/signIns")
    assert (premium if licence == "none" else None) == outcome(
        "/v1.0/reports/authenticationMethods/userRegistrationDetails"
    )
    assert (None if licence == "P2" else pim) == outcome(f"{PIM}/roleEligibilityScheduleInstances")
    assert (None if licence == "P2" else pim) == outcome("/v1.0/identityGovernance/accessReviews/definitions")
    for open_to_all in ("/v1.0/users?$select=id", f"{PIM}/roleAssignments", "/v1.0/auditLogs/directoryAudits", CA):
        assert None is outcome(open_to_all)
    plans = {plan["servicePlanName"] for sku in asking.value("/v1.0/subscribedSkus") for plan in sku["servicePlans"]}
    assert (licence == "P2", licence != "none") == ("AAD_PREMIUM_P2" in plans, "AAD_PREMIUM" in plans)


def test_a_path_without_its_permission_is_denied(tenant):
    asking = Asking(Service(tenant, RECOMMENDED - {"Policy.Read.All"}))

    assert (403, "Authorization_RequestDenied") == asking.refused(CA)
    assert [] == asking.value("/v1.0/users?$select=id")


def test_sign_in_activity_needs_the_permission_for_logs(tenant):
    asking = Asking(Service(tenant, RECOMMENDED - {"AuditLog.Read.All"}))

    assert (403, "Authorization_RequestDenied") == asking.refused("/v1.0/users?$select=id,signInActivity")


def test_basic_permission_shows_basic_properties(tenant):
    tenant.user("ada")
    asking = Asking(Service(tenant, {"User.ReadBasic.All"}))

    assert 1 == len(asking.value("/v1.0/users?$select=id,displayName"))
    assert (403, "Authorization_RequestDenied") == asking.refused("/v1.0/users?$select=id,userType")


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


# -- the log


def audits(asking, **conditions):
    text = " and ".join(f"{name} eq '{value}'" for name, value in conditions.items())
    return asking.value("/v1.0/auditLogs/directoryAudits" + (f"?$filter={text}" if text else ""))


def test_changes_before_the_opening_are_not_logged(tenant, asking):
    tenant.user("ada")
    tenant.open("ada")
    tenant.group("staff", ["ada"])

    assert ["Add member to group", "Add group"] == [each["activityDisplayName"] for each in audits(asking)]
    assert {"ada"} == {each["initiatedBy"]["user"]["displayName"].lower() for each in audits(asking)}


def test_a_policy_disabled_and_enabled_again_is_only_in_the_log(tenant, asking):
    tenant.conditional_access("Block legacy authentication", grant=["block"], clients=["exchangeActiveSync", "other"])
    before = asking.value(CA)
    tenant.open()
    tenant.shift(days=1)
    tenant.change_policy("Block legacy authentication", state="disabled")
    tenant.shift(days=2)
    tenant.change_policy("Block legacy authentication", state="enabled")

    events = audits(asking, loggedByService="Conditional Access")
    edits = [event["targetResources"][0]["modifiedProperties"][0] for event in events]
    states = [tuple(json.loads(edit[side])["state"] for side in ("oldValue", "newValue")) for edit in edits]

    assert ["2026-01-04T06:00:00Z", "2026-01-02T06:00:00Z"] == [event["activityDateTime"] for event in events]
    assert [("disabled", "enabled"), ("enabled", "disabled")] == states
    after = asking.value(CA)
    assert [{**before[0], "modifiedDateTime": "2026-01-04T06:00:00Z"}] == after


def test_memberships_roles_and_secrets_leave_both_sides(tenant, asking):
    tenant.user("ada")
    tenant.application("deploy")
    group = tenant.group("exclusions", ["ada"])
    tenant.open()
    tenant.remove_member("exclusions", "ada")
    tenant.role("ada", "Global Administrator")
    key = tenant.secret("deploy")
    tenant.remove_credential("deploy", key)

    def edits(activity):
        event = next(each for each in audits(asking) if each["activityDisplayName"].strip() == activity)
        properties = event["targetResources"][0]["modifiedProperties"]
        return {each["displayName"]: (each["oldValue"], each["newValue"]) for each in properties}

    assert (json.dumps(group), None) == edits("Remove member from group")["Group.ObjectID"]
    assert (None, '"Global Administrator"') == edits("Add member to role")["Role.DisplayName"]
    newest_first = [
        event["targetResources"][0]["modifiedProperties"][0]
        for event in audits(asking)
        if event["activityDisplayName"].startswith("Update application")
    ]
    assert [(True, False), (False, True)] == [
        (key in each["oldValue"], key in each["newValue"]) for each in newest_first
    ]


@pytest.mark.parametrize(("licence", "days"), [("none", 7), ("P1", 30), ("P2", 30)])
def test_the_directory_forgets(tenant, asking, licence, days):
    tenant.licence = licence
    tenant.open()
    tenant.user("ada")
    tenant.shift(days=days)
    assert 1 == len(audits(asking))

    tenant.shift(seconds=1)
    assert [] == audits(asking)


# -- Azure


@pytest.fixture
def azure(tenant):
    tenant.user("ada")
    tenant.application("deploy")
    tenant.group("owners", ["ada"])
    tenant.management_group("platform")
    tenant.subscription("production", parent="platform")
    tenant.subscription("test")
    return tenant


def assignments(asking, scope, condition=""):
    more = f"&$filter={condition}" if condition else ""
    address = f"{scope}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01{more}"
    return {each["properties"]["scope"] for each in asking.value(address)}


def test_role_assignments_at_above_and_below(azure, asking):
    production = azure.scope("production")
    group = f"{production}/resourceGroups/web"
    platform = azure.scope("platform")
    azure.azure_assignment("deploy", "Contributor", group)
    azure.azure_assignment("ada", "Reader", production)
    azure.azure_assignment("owners", "Owner", "platform")
    azure.azure_assignment("ada", "User Access Administrator", "/")
    azure.azure_assignment("ada", "Owner", "test")

    assert {group, production, platform, "/"} == assignments(asking, production)
    assert {production, platform, "/"} == assignments(asking, production, "atScope()")
    assert {production, "/"} == assignments(asking, production, f"principalId eq '{azure.id_of('ada')}'")
    assert {production, platform, "/"} == assignments(asking, production, f"assignedTo('{azure.id_of('ada')}')")
    assert {"/"} == assignments(asking, "", "atScope()")
    assert (400, "InvalidFilter") == asking.refused(
        f"{production}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&$filter=roleName eq 'x'"
    )


def test_the_api_version_is_required_and_known(azure, asking):
    assert (400, "MissingApiVersionParameter") == asking.refused("/subscriptions")
    assert (400, "InvalidResourceType") == asking.refused("/subscriptions?api-version=1999-01-01")


def test_reading_azure_needs_a_role(azure):
    denied = (403, "AuthorizationFailed")
    address = "/providers/microsoft.aadiam/diagnosticSettings?api-version=2017-04-01"
    at_production = Asking(Service(azure, reads=[azure.scope("production")]))

    assert denied == Asking(Service(azure, reads=["/"])).refused(address)
    assert [] == Asking(Service(azure)).value(address)
    assert ["production"] == [
        each["displayName"] for each in at_production.value("/subscriptions?api-version=2022-12-01")
    ]
    test = f"{azure.scope('test')}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01"
    assert denied == at_production.refused(test)


def test_the_tree_of_management_groups(azure, asking):
    address = f"/providers/Microsoft.Management/managementGroups/{azure.tenant_id}?api-version=2023-04-01"

    def names(node):
        return {node["name"]: [names(each) for each in node.get("children") or []]}

    root = asking.ok(f"{address}&$expand=children&$recurse=true")
    tree = [names(each) for each in root["properties"]["children"]]
    production, test = azure.id_of("production", "subscriptions"), azure.id_of("test", "subscriptions")

    assert "children" not in asking.ok(address)["properties"]
    assert [{"platform": [{production: []}]}, {test: []}] == tree


def test_an_azure_activation_ends(azure, asking):
    azure.azure_eligible("ada", "Owner", "production")
    azure.azure_activate("ada", "Owner", "production", hours=1)
    scope = azure.scope("production")
    instances = f"{scope}/providers/Microsoft.Authorization/roleAssignmentScheduleInstances?api-version=2020-10-01"

    assert (1, {scope}) == (len(asking.value(instances)), assignments(asking, scope))
    azure.shift(hours=1)
    assert (0, set()) == (len(asking.value(instances)), assignments(asking, scope))


def test_pim_in_azure_needs_a_licence(azure, asking):
    azure.licence = "P1"
    instances = f"{azure.scope('production')}/providers/Microsoft.Authorization/roleAssignmentScheduleInstances"

    assert (400, "AadPremiumLicenseRequired") == asking.refused(f"{instances}?api-version=2020-10-01")


def test_retention_of_tables_and_containers(azure, asking):
    workspace = azure.workspace("logs", "production", retention=30, tables={"SigninLogs": 365})
    archive = azure.storage_account(
        "archive", "production", containers={"signins": Container(365, locked=True)}, delete_after=400
    )

    def days(table):
        found = asking.ok(f"{workspace}/tables/{table}?api-version=2022-10-01")["properties"]
        return found["retentionInDays"], found["totalRetentionInDays"], found["totalRetentionInDaysAsDefault"]

    assert (30, 365, False) == days("SigninLogs")
    assert (30, 30, True) == days("AuditLogs")
    azure.set_retention("logs", "SigninLogs", 90)
    assert (30, 90, False) == days("SigninLogs")

    policy = asking.ok(
        f"{archive}/blobServices/default/containers/signins/immutabilityPolicies/default?api-version=2023-05-01"
    )
    assert (365, "Locked") == (
        policy["properties"]["immutabilityPeriodSinceCreationInDays"],
        policy["properties"]["state"],
    )
    rules = asking.ok(f"{archive}/managementPolicies/default?api-version=2023-05-01")["properties"]["policy"]["rules"]
    assert [{"baseBlob": {"delete": {"daysAfterModificationGreaterThan": 400}}}] == [
        each["definition"]["actions"] for each in rules
    ]
    azure.lifecycle("archive", None)
    assert (404, "ManagementPolicyNotFound") == asking.refused(
        f"{archive}/managementPolicies/default?api-version=2023-05-01"
    )


def test_the_activity_log_is_filtered_and_forgets(azure, asking):
    azure.open("ada")
    azure.azure_assignment("deploy", "Owner", "production")
    azure.log_setting("activity", ["Administrative"], workspace=azure.workspace("logs", "production"), at="production")
    values = (
        f"{azure.scope('production')}/providers/Microsoft.Insights/eventtypes/management/values?api-version=2015-04-01"
    )

    def operations(provider):
        condition = f"eventTimestamp ge '2025-12-01T00:00:00Z' and resourceProvider eq '{provider}'"
        return [each["operationName"]["value"] for each in asking.value(f"{values}&$filter={condition}")]

    assert 400 == asking.get(values).status
    assert ["Microsoft.Authorization/roleAssignments/write"] == operations("Microsoft.Authorization")
    assert ["Microsoft.Insights/diagnosticSettings/write"] == operations("Microsoft.Insights")
    azure.move_to(datetime(2026, 4, 1, 6, 0, 1, tzinfo=UTC))
    assert [] == operations("Microsoft.Authorization")


# -- worlds


def test_identifiers_follow_from_names():
    assert Tenant().user("ada") == Tenant().user("ada")
    assert Tenant("one").user("ada") != Tenant("two").user("ada")


def test_a_large_tenant_is_what_it_says(tenant, asking):
    made = seed(tenant, 300)

    assert {"users": 300, "groups": 30, "applications": 6} == made
    assert (300, 30, 6) == tuple(len(tenant.objects[kind]) for kind in ("users", "groups", "applications"))
    assert 30 == sum(each["userType"] == "Guest" for each in asking.value("/v1.0/users?$select=userType"))
