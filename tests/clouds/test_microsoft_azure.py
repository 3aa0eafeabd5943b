"""The test tenant's Resource Manager behaves as the real one does, where a collector can tell."""

from datetime import UTC, datetime

import pytest

from clouds.asking import Asking
from observant_clouds.microsoft import (
    Container,
    Service,
    Tenant,
)


@pytest.fixture
def tenant():
    return Tenant()


@pytest.fixture
def asking(tenant):
    return Asking(Service(tenant))


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
