"""Privileged roles that look one way and are another."""

from pathlib import Path
from typing import Any

from worlds.directory import GLOBAL_ADMINISTRATOR, PRIVILEGED_ROLE_ADMINISTRATOR, USER_ADMINISTRATOR, Directory
from worlds.judging import judged, told, why

STANDING = "entra-standing-privilege"


def test_what_is_standing_access(tmp_path: Path) -> None:
    def build(tenant: Directory, _: Directory) -> None:
        for name in ("outside", "active", "short", "long", "breakglass-1", "unit"):
            tenant.user(name)
            if name not in ("active", "unit"):
                tenant.assign(name, USER_ADMINISTRATOR, **spans.get(name, {}))
        tenant.assign("active", USER_ADMINISTRATOR, activated=True, endDateTime="2025-06-02T10:00:00Z")
        tenant.assign("unit", USER_ADMINISTRATOR, directoryScopeId="/administrativeUnits/1")

    spans: dict[str, dict[str, Any]] = {
        "short": {"startDateTime": "2025-06-01T00:00:00Z", "endDateTime": "2025-06-10T00:00:00Z"},
        "long": {"startDateTime": "2025-06-01T00:00:00Z", "endDateTime": "2025-09-01T00:00:00Z"},
    }
    found = told(judged(tmp_path, build, privileged_roles={"max_assignment": "15 days"}), STANDING)

    assert {"outside": "fail", "active": "pass", "short": "pass", "long": "fail", "breakglass-1": "pass"} == {
        label.partition("@")[0]: verdict for label, verdict in found.items() if not label.startswith("unit")
    }
    assert "fail" == found["unit@example.com: User Administrator in /administrativeUnits/1"]


def test_without_a_time_that_is_allowed_every_assignment_is_standing(tmp_path: Path) -> None:
    def build(tenant: Directory, _: Directory) -> None:
        tenant.user("ada")
        tenant.assign("ada", USER_ADMINISTRATOR, endDateTime="2025-06-10T00:00:00Z")

    assert ["fail"] == list(told(judged(tmp_path, build, privileged_roles={}), STANDING).values())


def test_owning_a_group_is_holding_its_role(tmp_path: Path) -> None:
    def build(tenant: Directory, _: Directory) -> None:
        tenant.user("ada")
        tenant.group("admins", owners=("ada",))
        tenant.assign("admins", USER_ADMINISTRATOR)

    found = judged(tmp_path, build)
    label = "ada@example.com: User Administrator through admins"
    assert {label: "fail"} == told(found, STANDING)
    assert "owns a group that holds the role" == why(found, STANDING, label).because


def test_custom_roles_are_unknown_until_somebody_judges_them(tmp_path: Path) -> None:
    def build(tenant: Directory, _: Directory) -> None:
        tenant.user("ada")
        for name, more in (("reader", {}), ("helper", {}), ("marked", {"isPrivileged": True})):
            tenant.keep("entra.role_definitions", name, {"displayName": name, "isBuiltIn": False, **more})
            tenant.assign("ada", name)

    found = told(judged(tmp_path, build, privileged_roles={"ordinary_roles": ["reader"]}), STANDING)
    assert {"reader": "pass", "helper": "unknown", "marked": "fail"} == {
        label.rpartition(" ")[2]: verdict for label, verdict in found.items()
    }


def test_a_group_that_may_not_be_read_is_unknown_and_the_rest_is_not(tmp_path: Path) -> None:
    def build(tenant: Directory, _: Directory) -> None:
        tenant.user("ada")
        tenant.group("admins")
        tenant.hide_members("admins")
        tenant.assign("admins", USER_ADMINISTRATOR)
        tenant.assign("ada", USER_ADMINISTRATOR)

    found = told(judged(tmp_path, build), STANDING)
    assert ["fail", "unknown"] == sorted(found.values())


def test_unlicensed_is_unknown_and_the_number_still_counts(tmp_path: Path) -> None:
    def build(tenant: Directory, _: Directory) -> None:
        for name in ("a", "b", "c", "d", "e"):
            tenant.user(name)
            tenant.assign(name, GLOBAL_ADMINISTRATOR)

    hidden = ["entra.role_assignment_instances", "entra.role_eligibility_instances"]
    found = judged(tmp_path, build, hidden=hidden)
    assert {"unknown"} >= set(told(found, STANDING).values())
    assert {"Global Administrator": "fail", "Privileged Role Administrator": "pass"} == told(
        found, "entra-administrator-number"
    )


def test_who_cannot_be_seen_may_be_one_too_many(tmp_path: Path) -> None:
    def build(tenant: Directory, _: Directory) -> None:
        tenant.user("a")
        tenant.group("admins", "a")
        tenant.group("hidden")
        tenant.hide_members("hidden")
        for holder in ("a", "admins", "hidden"):  # a twice, and counted once
            tenant.assign(holder, PRIVILEGED_ROLE_ADMINISTRATOR)

    found = judged(tmp_path, build, administrator_number={"global_administrators": 1})
    assert {"Global Administrator": "pass"} == told(found, "entra-administrator-number")
    found = judged(
        tmp_path / "two", build, administrator_number={"global_administrators": 1, "privileged_role_administrators": 1}
    )
    number = why(found, "entra-administrator-number", "Privileged Role Administrator")
    assert ("unknown", "held by 1 or more: a@example.com") == (number.verdict.value, number.because)


def test_who_may_activate_the_role_counts_where_that_is_promised(tmp_path: Path) -> None:
    check = "entra-administrator-eligible"

    def build(tenant: Directory, _: Directory) -> None:
        for name in "abcde":
            tenant.user(name)
        tenant.assign("a", GLOBAL_ADMINISTRATOR)
        tenant.eligible("a", GLOBAL_ADMINISTRATOR)  # twice, and counted once
        tenant.eligible("b", GLOBAL_ADMINISTRATOR)
        tenant.group("admins", "c", owners=("e",))
        tenant.in_group("eligible", "admins", "d")
        tenant.eligible("admins", GLOBAL_ADMINISTRATOR)
        tenant.eligible("a", USER_ADMINISTRATOR)

    number = {"global_administrators": 1, "global_administrators_with_eligible": 4}
    found = judged(tmp_path, build, administrator_number=number)
    assert {"Global Administrator": "fail"} == told(found, check)
    assert "open to 5: a@example.com, b@example.com" in why(found, check, "Global Administrator").because
    assert {"Global Administrator": "pass"} == told(found, "entra-administrator-number")
    found = judged(tmp_path / "five", build, administrator_number=number | {"global_administrators_with_eligible": 5})
    assert {"Global Administrator": "pass"} == told(found, check)

    def hidden(tenant: Directory, azure: Directory) -> None:
        build(tenant, azure)
        tenant.hide_members("admins")

    found = judged(
        tmp_path / "hidden", hidden, administrator_number=number | {"global_administrators_with_eligible": 5}
    )
    assert {"Global Administrator": "unknown"} == told(found, check)
    assert {} == told(judged(tmp_path / "none", build, administrator_number={"global_administrators": 1}), check)


def test_eligible_without_end(tmp_path: Path) -> None:
    def build(tenant: Directory, _: Directory) -> None:
        for name in ("always", "year", "decade", "grouped"):
            tenant.user(name)
        tenant.eligible("always", USER_ADMINISTRATOR)
        tenant.eligible("year", USER_ADMINISTRATOR, endDateTime="2026-01-01T00:00:00Z")
        tenant.eligible("decade", USER_ADMINISTRATOR, endDateTime="2035-01-01T00:00:00Z")
        tenant.group("admins")
        tenant.in_group("eligible", "admins", "grouped")  # PIM for groups writes the year 9999
        tenant.assign("admins", USER_ADMINISTRATOR)

    found = told(judged(tmp_path, build), "entra-permanent-eligibility")
    assert {"always": "fail", "year": "pass", "decade": "fail", "grouped": "fail"} == {
        label.partition("@")[0]: verdict for label, verdict in found.items()
    }


def rules(role: str, *, approval: bool, mfa: bool = True, hours: int = 8, **more: Any) -> dict[str, Any]:
    enabled = ["Justification", *(["MultiFactorAuthentication"] if mfa else [])]
    approvers = more.pop("approvers", [])
    setting = {"isApprovalRequired": approval, "approvalStages": [{"primaryApprovers": approvers}]}
    found = [
        {"id": "Expiration_EndUser_Assignment", "maximumDuration": f"PT{hours}H"},
        {"id": "Enablement_EndUser_Assignment", "enabledRules": enabled},
        {"id": "AuthenticationContext_EndUser_Assignment", "isEnabled": False, "claimValue": None},
        {"id": "Approval_EndUser_Assignment", "setting": setting},
    ]
    return {"scopeId": "/", "roleDefinitionId": role, "policy": {"rules": found}, **more}


def test_the_rules_that_are_really_passed_count(tmp_path: Path) -> None:
    """A role that a group holds for good is reached by the group's rules; nobody passes those of the role."""

    def build(tenant: Directory, _: Directory) -> None:
        tenant.user("ada")
        tenant.group("admins")
        tenant.assign("admins", GLOBAL_ADMINISTRATOR)
        tenant.in_group("eligible", "admins", "ada")
        tenant.keep("entra.role_policies", "role", rules(GLOBAL_ADMINISTRATOR, approval=False, mfa=False))
        tenant.keep("entra.group_policies", "group", rules("member", approval=True, scopeId="admins", hours=24))

    found = judged(tmp_path, build)
    assert {"group admins (member)": "pass"} == told(found, "entra-activation-requirements")
    assert {"group admins (member)": "fail"} == told(found, "entra-activation-length")


def test_rules_that_are_not_there_are_unknown(tmp_path: Path) -> None:
    def build(tenant: Directory, _: Directory) -> None:
        tenant.user("ada")
        tenant.eligible("ada", GLOBAL_ADMINISTRATOR)

    assert {"role Global Administrator": "unknown"} == told(judged(tmp_path, build), "entra-activation-requirements")


def test_approvers_who_are_not_there(tmp_path: Path) -> None:
    people = [{"@odata.type": "#microsoft.graph.singleUser", "userId": name} for name in ("ada", "left", "never")]
    groups = [
        {"@odata.type": "#microsoft.graph.groupMembers", "groupId": name} for name in ("full", "empty", "dark", "gone")
    ]
    manager = [{"@odata.type": "#microsoft.graph.requestorManager"}]

    def build(tenant: Directory, _: Directory) -> None:
        tenant.user("ada")
        tenant.user("left", accountEnabled=False)
        tenant.group("full", "group:inner")
        tenant.group("inner", "ada")
        tenant.group("empty")
        tenant.group("gone", "left", "servicePrincipal:robot")
        tenant.service_principal("robot")
        tenant.group("dark")
        tenant.hide_members("dark")
        named = rules(GLOBAL_ADMINISTRATOR, approval=True, approvers=[*people, *groups, *manager])
        tenant.keep("entra.role_policies", "role", named)

    found = told(judged(tmp_path, build), "entra-approver")
    assert {
        "ada@example.com": "pass",
        "left@example.com": "fail",
        "singleUser": "fail",
        "full": "pass",
        "empty": "fail",
        "gone": "fail",
        "dark": "unknown",
        "requestorManager": "unknown",
    } == {label.partition(",")[0]: verdict for label, verdict in found.items()}


def test_an_authentication_context_is_as_strong_as_the_policy_behind_it(tmp_path: Path) -> None:
    asked = {"c1": "everybody", "c2": "nobody", "c3": "reported", "c4": "some", "c5": "device", "c6": "at risk"}

    def policy(context: str, **more: Any) -> dict[str, Any]:
        applications = {"includeAuthenticationContextClassReferences": [context]}
        users = {"includeUsers": ["All"]}
        grants = {"operator": "OR", "builtInControls": ["mfa"]}
        conditions = {"applications": applications, "users": users, **more.pop("conditions", {})}
        given = {"id": context, "displayName": context, "state": "enabled", "conditions": conditions}
        return given | {"grantControls": grants} | more

    def build(tenant: Directory, _: Directory) -> None:
        tenant.user("ada")
        for context, name in asked.items():
            tenant.group(name)
            tenant.assign(name, GLOBAL_ADMINISTRATOR)
            tenant.in_group("eligible", name, "ada")
            found = rules("member", approval=True, mfa=False, scopeId=name)
            found["policy"]["rules"][2] |= {"isEnabled": True, "claimValue": context}
            tenant.keep("entra.group_policies", name, found)
        some, risky = {"users": {"includeGroups": ["some"]}}, {"signInRiskLevels": ["high"]}
        device = {"operator": "OR", "builtInControls": ["mfa", "compliantDevice"]}
        for one in (
            policy("c1"),
            policy("c3", state="enabledForReportingButNotEnforced"),
            policy("c4", conditions=some),
            policy("c5", grantControls=device),
            policy("c6", conditions=risky),
        ):
            tenant.keep("entra.conditional_access_policies", one["id"], one)

    found = judged(tmp_path, build)
    assert {
        "group everybody (member)": "pass",
        "group nobody (member)": "fail",
        "group reported (member)": "fail",
        "group some (member)": "unknown",
        "group device (member)": "fail",
        "group at risk (member)": "unknown",
    } == told(found, "entra-activation-context")
    assert {"pass"} == set(told(found, "entra-activation-requirements").values())
