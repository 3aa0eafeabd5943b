"""Every answer of the test tenant is of the shape Microsoft publishes, in a world that has something of everything."""

from datetime import timedelta

import pytest

from clouds.asking import Asking
from clouds.published import (
    arm_problems,
    arm_schema,
    entity_problems,
    graph_paths,
    graph_problems,
)
from observant_clouds.microsoft import Service, Tenant, seed
from observant_clouds.microsoft.service import ARM_ROUTES, GRAPH_ROUTES

UNPUBLISHED = {
    "get /groups/{group-id}/members/{cast}",
    "get /groups/{group-id}/transitiveMembers/{cast}",
}
"""Casts, which the descriptions at hand leave out; their items are those of the list they narrow."""


def everything() -> tuple[Service, dict[str, str]]:
    """A tenant in which no list is empty, and what stands in the places of its paths."""
    tenant = Tenant()
    seed(tenant, 120)
    tenant.open(f"user-00000@{tenant.domain}")
    tenant.role_policy(
        "Global Administrator",
        approval=True,
        approvers=["user-00001", "Tier 0"],
        activation_hours=1.5,
        authentication_context="c1",
    )
    tenant.group_policy("Tier 0", approval=True)
    tenant.change_policy("Block legacy authentication", state="disabled")
    tenant.remove_member("CA exclusions", "user-00000")
    tenant.member("CA exclusions", "user-00003")
    tenant.owner("Tier 0", "user-00004", kind="groups")
    tenant.owner("app-0000", "user-00004", kind="servicePrincipals")
    tenant.change_user("user-00005", accountEnabled=False)
    tenant.guest("newcomer", accepted=False)
    key = tenant.secret("app-0000")
    tenant.certificate("app-0000", kind="servicePrincipals")
    tenant.program_sign_in("app-0000", key_id=key)
    tenant.application_permission("app-0001", "Invoices.Read", on="app-0000")
    tenant.application_permission("app-0000", "User.Read.All")
    tenant.sign_in("user-00001", logged=True, client="IMAP4")
    tenant.sign_in("user-00001", logged=True, interactive=False)
    tenant.role("user-00004", "Global Administrator", outside_pim=True)
    tenant.access_review("guests", guests_only=True, reviewers=("user-00001",), by="user-00001")
    decisions = {"user-00009": "Approve", "user-00019": "Deny", "user-00029": "NotReviewed", "app-0000": "Approve"}
    instance = tenant.review_instance("guests", 20, 6, decisions, reviewer="user-00001")
    tenant.authentication_context("c1", "Sensitive")
    tenant.custom_strength("Keys only", ["fido2"])
    tenant.conditional_access(
        "Keys only", strength="Keys only", exclude_guests="serviceProvider", roles=["Global Reader"]
    )
    tenant.named_location("Germany", countries=["DE"])
    tenant.custom_role("Reader and more", ["microsoft.directory/users/basic/update"])
    tenant.security_defaults(False)
    tenant.authorization(allowInvitesFrom="everyone")
    tenant.group_assignment("Tier 0", "user-00013")
    tenant.deny("stack", "app-0000", "subscription-0", ["*/delete"])
    tenant.azure_eligible("user-00001", "Owner", "subscription-0")
    tenant.azure_activate("user-00001", "Owner", "subscription-0")
    tenant.custom_azure_role("VM starter", ["Microsoft.Compute/virtualMachines/start/action"], "subscription-0")
    tenant.azure_role_policy("Owner", "subscription-0", approval=True, approvers=["user-00001", "Tier 0"])
    tenant.activity("elevateAccess/action", "/providers/Microsoft.Authorization", by="user-00004")
    archive = tenant.find("storageAccounts", "logarchive")["id"]
    tenant.data_export("logs", "export", ["SigninLogs"], archive)
    tenant.lifecycle("logarchive", 365, ["insights-logs-"])
    places = {
        "user-id": tenant.id_of("user-00003"),
        "group-id": tenant.id_of("Tier 0"),
        "application-id": tenant.id_of("app-0000", "applications"),
        "servicePrincipal-id": tenant.id_of("app-0000", "servicePrincipals"),
        "directoryObject-id": tenant.id_of("user-00001"),
        "policy-id": next(iter(tenant.objects["conditionalAccessPolicies"])),
        "definition-id": tenant.id_of("guests", "accessReviews"),
        "instance-id": instance,
        "subscription": tenant.id_of("subscription-0", "subscriptions"),
        "+scope": f"/subscriptions/{tenant.id_of('subscription-0', 'subscriptions')}",
        "group": "logs",
        "workspace": "logs",
        "table": "SigninLogs",
        "account": "logarchive",
        "container": "insights-logs-signinlogs",
    }
    return Service(tenant), places


WORLD, PLACES = everything()
_OF_GROUP = f"?$filter=groupId eq '{PLACES['group-id']}'"
_OF_ROLES = "?$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'&$expand=policy($expand=rules)"
_NEEDED_QUERY = {
    "/policies/roleManagementPolicyAssignments": _OF_ROLES,
    "/identityGovernance/privilegedAccess/group/assignmentScheduleInstances": _OF_GROUP,
    "/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances": _OF_GROUP,
    "/applications": "?$expand=owners($select=id)",
    "/roleManagement/directory/roleAssignmentScheduleInstances": "?$expand=principal($select=id),roleDefinition",
    "/roleManagement/directory/roleAssignments": "?$expand=principal",
}


def filled(template: str, places: dict[str, str] = PLACES) -> str:
    for name, value in places.items():
        template = template.replace(f"{{{name}}}", value)
    return template


GRAPH = [
    (version, route.template)
    for route in GRAPH_ROUTES
    for version in route.versions
    if route.method == "GET" and f"get {route.template}" in graph_paths(version)
]


@pytest.mark.parametrize(("version", "template"), GRAPH)
def test_graph_answers_what_is_published(version, template):
    body = Asking(WORLD).ok(f"/{version}{filled(template)}{_NEEDED_QUERY.get(template, '')}")

    assert body.get("value") != []
    assert [] == graph_problems(version, f"get {template}", body)


def test_every_graph_path_is_published_in_one_version_or_the_other():
    served = {f"{route.method.lower()} {route.template}" for route in GRAPH_ROUTES}
    described = {operation for version in ("v1.0", "beta") for operation in graph_paths(version)}

    assert UNPUBLISHED == {each for each in served - described if not each.endswith("$count")}


def test_every_path_opens_to_its_least_privileged_permission():
    """As far as it reads: nobody grants an application that reads what only writes, or is meant for another product."""
    shut = []
    for route in GRAPH_ROUTES:
        least = graph_paths("v1.0").get(f"{route.method.lower()} {route.template}", {}).get("permissions", [])
        reading = {each for each in least if ".Read." in each or ".ReadBasic." in each}
        if reading and not reading & set(route.permissions):
            shut.append((route.template, sorted(reading)))

    assert [("/organization", ["DeviceManagementServiceConfig.Read.All"])] == shut


def arm_cases():
    for route in ARM_ROUTES:
        path = filled(route.template)
        if route.template.endswith("managementGroups/{group}"):
            path = f"/providers/Microsoft.Management/managementGroups/{WORLD.tenant.tenant_id}"
        yield pytest.param(route, path, id=route.template)


@pytest.mark.parametrize(("route", "path"), list(arm_cases()))
def test_resource_manager_answers_what_is_published(route, path):
    since = (WORLD.tenant.now - timedelta(days=89)).strftime("%Y-%m-%dT%H:%M:%SZ")
    more = f"&$filter=eventTimestamp ge '{since}'" if "eventtypes" in path else "&$expand=children&$recurse=true"
    described = [version for version in route.versions if arm_schema(path, version)]
    assert described, f"no described version among {route.versions}"

    for version in described:
        body = Asking(WORLD).ok(f"{path}?api-version={version}{more}")

        assert body.get("value") != []
        assert [] == arm_problems(path, version, body)


def test_a_misspelt_property_is_found():
    body = Asking(WORLD).ok("/v1.0/users?$select=id,userType")
    body["value"][0]["usertype"] = "Guest"

    assert ["$.value[0].usertype: no such property"] == graph_problems("v1.0", "get /users", body)


def test_a_wrong_type_is_found():
    body = Asking(WORLD).ok("/v1.0/users?$select=id,accountEnabled")
    body["value"][0]["accountEnabled"] = "yes"

    assert ["$.value[0].accountEnabled: 'yes' is not of type 'boolean'"] == graph_problems("v1.0", "get /users", body)


def test_a_wrong_kind_of_rule_is_found():
    rule = {
        "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule",
        "id": "x",
        "maximumDuration": 8,
    }

    assert entity_problems("v1.0", "unifiedRoleManagementPolicyRule", rule)
