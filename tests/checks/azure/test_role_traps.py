"""Roles in production that look one way and are another."""

from pathlib import Path

import pytest

from worlds.directory import TENANT, Directory
from worlds.judging import SUBSCRIPTION, judged, told, why

CHECK = "azure-production-principal"
HERE = f"/subscriptions/{SUBSCRIPTION}"
MANAGEMENT_GROUPS = "/providers/Microsoft.Management/managementGroups"
ACTIONS = {
    "owner": (["*"], []),
    "contributor": (["*"], ["Microsoft.Authorization/*/Write"]),
    "administrator": (["Microsoft.Authorization/roleAssignments/write"], []),
    "custom": (["*/write"], []),
    "reader": (["*/read"], []),
}


def estate(tenant: Directory, azure: Directory) -> None:
    """A subscription in a management group, below the root one, and a service principal for each role."""
    children = [{"id": HERE, "type": "/subscriptions"}]
    live = {"id": f"{MANAGEMENT_GROUPS}/live", "displayName": "Live systems", "parent": f"{MANAGEMENT_GROUPS}/root"}
    tenant.keep("entra.management_groups", "live", {**live, "children": children})
    tenant.keep("entra.management_groups", "root", {"id": f"{MANAGEMENT_GROUPS}/root", "displayName": "Root"})
    for name, (actions, excluded) in ACTIONS.items():
        tenant.service_principal(name)
        permissions = [{"actions": actions, "notActions": excluded}]
        given = {"roleName": name, "type": "CustomRole", "permissions": permissions}
        azure.keep("azure.role_definitions", f"/x/roledefinitions/{name}", {"properties": given})


def give(azure: Directory, who: str, role: str, scope: str = HERE, kind: str = "ServicePrincipal", **more: str) -> None:
    given = {"principalId": who, "principalType": kind, "scope": scope, "roleDefinitionId": f"/x/{role}", **more}
    azure.keep("azure.role_assignments", f"{who} {role} {scope}", {"properties": given})


def verdicts(found: dict[str, str]) -> dict[str, str]:
    return {label.partition(":")[0]: verdict for label, verdict in found.items()}


def test_powers_count_and_not_names(tmp_path: Path) -> None:
    def build(tenant: Directory, azure: Directory) -> None:
        estate(tenant, azure)
        for role in ACTIONS:
            give(azure, role, role)

    promised = {"production_access": {"production": ["name:Shop"], "allowed": ["owner"]}}
    assert {"owner": "pass", "contributor": "fail", "administrator": "fail", "custom": "fail"} == verdicts(
        told(judged(tmp_path, build, **promised), CHECK)
    )


@pytest.mark.parametrize(
    ("declared", "verdict"),
    [
        ("name:Shop", "fail"),
        (f"id:{SUBSCRIPTION}", "fail"),
        ("group:live", "fail"),
        ("group:Live systems", "fail"),
        ("group:Root", "fail"),
        ("tag:env=prod*", "fail"),
        ("name:shop", None),
        ("tag:env=test", None),
        ("Shop", None),
    ],
)
def test_what_is_declared_to_be_production(tmp_path: Path, declared: str, verdict: str | None) -> None:
    def build(tenant: Directory, azure: Directory) -> None:
        estate(tenant, azure)
        azure.keep("azure.subscription", SUBSCRIPTION, {"displayName": "Shop", "tags": {"env": "production"}})
        give(azure, "owner", "owner")

    found = told(judged(tmp_path, build, production_access={"production": [declared]}), CHECK)
    assert ([] if verdict is None else [verdict]) == list(found.values())


def test_where_it_was_given_and_through_whom(tmp_path: Path) -> None:
    def build(tenant: Directory, azure: Directory) -> None:
        estate(tenant, azure)
        tenant.group("pipelines", "group:inner")
        tenant.group("inner", "servicePrincipal:reader")
        tenant.group("dark")
        tenant.hide_members("dark")
        tenant.user("ada")
        give(azure, "custom", "owner", f"{MANAGEMENT_GROUPS}/root")
        give(azure, "contributor", "owner", f"{HERE}/resourceGroups/rg")
        give(azure, "pipelines", "owner", kind="Group")
        give(azure, "dark", "owner", "/", kind="Group")
        give(azure, "ada", "owner", kind="User")
        give(azure, "administrator", "owner", condition="@Resource[x] StringEquals 'y'")

    promised = {"production_access": {"production": ["name:Shop"]}}
    found = judged(tmp_path, build, **promised)
    assert {
        "custom": "fail",
        "reader": "fail",
        "administrator": "fail",
        "somebody in a group that could not be read": "unknown",
    } == verdicts(told(found, CHECK))
    label = f"administrator: owner at {HERE}"
    assert "owner given at subscription" in why(found, CHECK, label).because
    assert "on the condition @Resource[x]" in why(found, CHECK, label).because
    promised["production_access"]["resource_groups"] = True  # type: ignore[assignment]
    assert "fail" == verdicts(told(judged(tmp_path / "all", build, **promised), CHECK))["contributor"]


def test_a_tree_that_does_not_show_the_subscription_leaves_it_open(tmp_path: Path) -> None:
    def build(tenant: Directory, azure: Directory) -> None:
        estate(tenant, azure)
        tenant.keep("entra.management_groups", "live", {"id": f"{MANAGEMENT_GROUPS}/live", "children": []})
        give(azure, "owner", "owner")

    found = told(judged(tmp_path, build, production_access={"production": ["group:live"]}), CHECK)
    assert ["unknown"] == list(found.values())


def schedule(azure: Directory, kind: str, who: str, role: str, *, is_a: str = "User", **more: str | None) -> None:
    """An instance as PIM lists it: `assignment` or `eligibility`."""
    given = {"principalId": who, "principalType": is_a, "scope": HERE, "roleDefinitionId": f"/x/{role}", **more}
    azure.keep(f"azure.role_{kind}_instances", f"{kind} {who} {role}", {"properties": given})


def test_people_in_production_for_good_for_hours_and_for_the_asking(tmp_path: Path) -> None:
    """A listing of assignments shows what is activated like what is held for good."""
    ends = {"startDateTime": "2025-06-02T05:00:00Z", "endDateTime": "2025-06-02T09:00:00Z"}
    year = {"startDateTime": "2025-01-01T00:00:00Z", "endDateTime": "2025-12-31T00:00:00Z"}

    def build(tenant: Directory, azure: Directory) -> None:
        estate(tenant, azure)
        for name in ("standing", "active", "inside", "may", "endless", "reads", "breakglass-1", "named"):
            tenant.user(name)
        tenant.group("team", "inside")
        tenant.group("asking", "may")
        for name in ("standing", "active", "breakglass-1", "named"):
            give(azure, name, "owner", kind="User")
        give(azure, "reads", "reader", kind="User")
        give(azure, "team", "contributor", kind="Group")
        schedule(azure, "assignment", "active", "owner", assignmentType="Activated", **ends)
        schedule(azure, "assignment", "standing", "owner", assignmentType="Assigned", startDateTime=None)
        schedule(azure, "eligibility", "asking", "owner", is_a="Group", **year)
        schedule(azure, "eligibility", "endless", "owner", startDateTime="2025-01-01T00:00:00Z")
        for name, home, owners in (("ours", TENANT, []), ("theirs", "elsewhere", []), ("owned", TENANT, ["may"])):
            more = {"servicePrincipalType": "Application", "appOwnerOrganizationId": home}
            tenant.service_principal(name, owners=[{"id": each, "type": "user"} for each in owners], **more)
            give(azure, name, "contributor")

    promised = {"production_access": {"production": ["name:Shop"]}, "production_people": {"allowed": ["named@*"]}}
    found = judged(tmp_path, build, **promised)
    assert {
        "standing@example.com": "fail",
        "active@example.com": "pass",
        "inside@example.com": "fail",
        "may@example.com": "pass",
        "endless@example.com": "pass",
        "breakglass-1@example.com": "pass",
        "named@example.com": "pass",
    } == verdicts(told(found, "azure-standing-privilege"))
    assert {"ours": "fail", "owned": "fail"} == verdicts(told(found, "azure-application-owner"))
    assert "owned by may@example.com" in why(found, "azure-application-owner", "owned").because
    assert {"may@example.com": "pass", "endless@example.com": "fail"} == verdicts(
        told(found, "azure-permanent-eligibility")
    )


def rules(azure: Directory, role: str, scope: str, *, approval: bool = True, longest: str = "PT8H") -> None:
    """The policy of a role at a scope, as Resource Manager answers it."""
    listed = [
        {"id": "Expiration_EndUser_Assignment", "maximumDuration": longest},
        {"id": "Enablement_EndUser_Assignment", "enabledRules": ["MultiFactorAuthentication", "Justification"]},
        {"id": "Approval_EndUser_Assignment", "setting": {"isApprovalRequired": approval, "approvalStages": []}},
        {"id": "AuthenticationContext_EndUser_Assignment", "isEnabled": False, "claimValue": ""},
    ]
    given = {"scope": scope, "roleDefinitionId": f"{scope}/x/{role}", "effectiveRules": listed}
    azure.keep("azure.role_policies", f"{scope} {role}".lower(), {"properties": given})


def test_the_rules_that_are_passed_on_the_way_to_an_azure_role(tmp_path: Path) -> None:
    """Each scope has rules of its own; a group that holds a role for good is passed by the group's rules."""
    live, rg = f"{MANAGEMENT_GROUPS}/live", f"{HERE}/resourceGroups/rg"

    def build(tenant: Directory, azure: Directory) -> None:
        estate(tenant, azure)
        for name in ("ann", "ben", "cid"):
            tenant.user(name)
        for role, scope in (("owner", HERE), ("owner", live), ("contributor", HERE), ("reader", HERE), ("custom", rg)):
            given = {"startDateTime": "2025-01-01T00:00:00Z", "endDateTime": None, "scope": scope}
            schedule(azure, "eligibility", "ann" if scope == HERE else "ben", role, **given)
        rules(azure, "owner", HERE, approval=False)
        rules(azure, "owner", live, longest="PT10H")
        rules(azure, "reader", HERE, approval=False)
        rules(azure, "custom", rg, approval=False)
        # The outer group is Owner for good; who becomes a member of the inner one is Owner too.
        tenant.group("outer", "group:inner")
        tenant.group("inner")
        give(azure, "outer", "owner", kind="Group")
        tenant.in_group("eligible", "inner", "cid")
        listed = {"policy": {"rules": [{"id": "Expiration_EndUser_Assignment", "maximumDuration": "P1D"}]}}
        tenant.keep("entra.group_policies", "inner", {"scopeId": "inner", "roleDefinitionId": "member", **listed})

    promised = {"production_access": {"production": ["name:Shop"]}}
    found = judged(tmp_path, build, **promised)
    assert {
        f"role owner at {HERE}": "fail",
        f"role owner at {live.lower()}": "pass",
        f"role contributor at {HERE}": "unknown",  # no rules were read for it
        "group inner (member)": "unknown",  # and of these only how long
    } == told(found, "azure-activation-requirements")
    assert "asks for no approval" in why(found, "azure-activation-requirements", f"role owner at {HERE}").because
    assert {
        f"role owner at {HERE}": "pass",
        f"role owner at {live.lower()}": "fail",
        f"role contributor at {HERE}": "unknown",
        "group inner (member)": "fail",
    } == told(found, "azure-activation-length")
    elsewhere = judged(tmp_path / "test", build, production_access={"production": ["name:Other"]})
    assert {} == told(elsewhere, "azure-activation-requirements")
