"""The test tenant's Graph behaves as the real one does, where a collector can tell."""

import urllib.error
import urllib.parse
import urllib.request

import pytest

from clouds.asking import EVENTUAL, Asking
from observant_clouds.microsoft import (
    RECOMMENDED,
    Certificate,
    Secret,
    Service,
    Tenant,
    seed,
)

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


# -- worlds


def test_identifiers_follow_from_names():
    assert Tenant().user("ada") == Tenant().user("ada")
    assert Tenant("one").user("ada") != Tenant("two").user("ada")


def test_a_large_tenant_is_what_it_says(tenant, asking):
    made = seed(tenant, 300)

    assert {"users": 300, "groups": 30, "applications": 6} == made
    assert (300, 30, 6) == tuple(len(tenant.objects[kind]) for kind in ("users", "groups", "applications"))
    assert 30 == sum(each["userType"] == "Guest" for each in asking.value("/v1.0/users?$select=userType"))
