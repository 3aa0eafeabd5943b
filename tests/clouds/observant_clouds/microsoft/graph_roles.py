"""Graph's directory roles and PIM: who holds what, who may activate what, under which rules."""

from collections.abc import Mapping
from typing import Any

from observant_clouds.microsoft import permissions as may
from observant_clouds.microsoft.filters import Filter
from observant_clouds.microsoft.graph_answers import listing
from observant_clouds.microsoft.message import Refusal
from observant_clouds.microsoft.query import Expand, Expansion, Query, Shape
from observant_clouds.microsoft.role_rules import RoleRules, rules_of
from observant_clouds.microsoft.routing import Call, Route
from observant_clouds.microsoft.state import TYPES, Json

_ROLE = "/roleManagement/directory"
_HELD = {"principalId": "eq", "roleDefinitionId": "eq", "directoryScopeId": "eq"}
_PIM_GROUP = "/identityGovernance/privilegedAccess/group"


def _definitions(call: Call) -> list[Json]:
    found = call.tenant.role_definitions()
    if call.version == "beta":
        return found
    return [{name: value for name, value in each.items() if name != "isPrivileged"} for each in found]


def _expand_held(call: Call) -> Mapping[str, Expansion]:
    def principal(held: Json, _: Expand) -> Any:
        kind = call.tenant.kind_of(held["principalId"])
        return None if kind is None else {"@odata.type": TYPES[kind], **call.tenant.objects[kind][held["principalId"]]}

    def role(held: Json, _: Expand) -> Any:
        whole = call.tenant.role_definition(held["roleDefinitionId"])
        return {name: value for name, value in whole.items() if name != "isPrivileged" or call.version == "beta"}

    def using(held: Json, _: Expand) -> Any:
        return call.tenant.objects["roleEligibilityScheduleInstances"].get(held.get("activatedUsing", ""))

    return {"principal": principal, "roleDefinition": role, "activatedUsing": using}


def _instances(kind: str) -> Any:
    def rows(call: Call) -> list[Json]:
        return [{k: v for k, v in each.items() if k != "activatedUsing"} for each in call.tenant.current(kind)]

    return rows


def _assigned(call: Call) -> list[Json]:
    """`activatedUsing` is a link that only `$expand` follows, but it must still be there to follow."""
    return call.tenant.current("roleAssignmentScheduleInstances")


# -- PIM policies


def policy_assignment(call: Call, scope_id: str, scope_type: str, role: str, rules: RoleRules) -> Json:
    """A policy and its assignment, with everything that can be expanded under `policy`."""
    policy = f"{scope_type}_{scope_id.strip('/') or call.tenant.tenant_id}_{call.tenant.guid('policy', scope_id, role)}"
    made = [_beta_rule(each) for each in rules_of(rules)] if call.version == "beta" else rules_of(rules)
    return {
        "id": f"{policy}_{role}",
        "policyId": policy,
        "scopeId": scope_id,
        "scopeType": scope_type,
        "roleDefinitionId": role,
        "policy": {
            "id": policy,
            "displayName": scope_type,
            "description": scope_type,
            "isOrganizationDefault": False,
            "scopeId": scope_id,
            "scopeType": scope_type,
            "lastModifiedDateTime": None,
            "lastModifiedBy": {"id": None, "displayName": None},
            "rules": made,
            "effectiveRules": made,
        },
    }


def _beta_rule(rule: Json) -> Json:
    """beta names approvers by `id` where v1.0 has `userId` and `groupId`."""
    if "setting" not in rule:
        return rule
    stages = [
        {**stage, "primaryApprovers": [_beta_approver(each) for each in stage["primaryApprovers"]]}
        for stage in rule["setting"]["approvalStages"]
    ]
    return {**rule, "setting": {**rule["setting"], "approvalStages": stages}}


def _beta_approver(approver: Json) -> Json:
    id_ = approver.get("userId") or approver["groupId"]
    return {"@odata.type": approver["@odata.type"], "isBackup": False, "id": id_}


def _policy_assignments(call: Call) -> list[Json]:
    tenant = call.tenant
    of_roles = [
        policy_assignment(call, "/", "DirectoryRole", role["id"], _rules(tenant.objects["roleRules"], role["id"]))
        for role in tenant.role_definitions()
    ]
    of_groups = [
        policy_assignment(call, group, "Group", access, _rules(tenant.objects["groupRules"], f"{group} {access}"))
        for group in _pim_groups(call)
        for access in ("member", "owner")
    ]
    return [*tenant.all("roleManagementPolicyAssignments"), *of_roles, *of_groups]


def _rules(settings: Mapping[str, Json], key: str) -> RoleRules:
    found: RoleRules = settings[key]["rules"] if key in settings else RoleRules()
    return found


def _pim_groups(call: Call) -> list[str]:
    """Groups that are under PIM: role-assignable, or with a schedule or a policy of their own."""
    objects = call.tenant.objects
    scheduled = {
        each["groupId"]
        for kind in ("groupAssignmentScheduleInstances", "groupEligibilityScheduleInstances")
        for each in objects[kind].values()
    }
    ruled = {key.split()[0] for key in objects["groupRules"]}
    return [id_ for id_, group in objects["groups"].items() if group["isAssignableToRole"] or id_ in scheduled | ruled]


def _expand_policy(call: Call) -> Mapping[str, Expansion]:
    def policy(assignment: Json, expand: Expand) -> Json:
        inner = {each.name for each in expand.inner}
        return {k: v for k, v in assignment["policy"].items() if k not in ("rules", "effectiveRules") or k in inner}

    return {"policy": policy}


def _requires(*names: str) -> Any:
    """The list is answered only to a filter that names one of these properties."""

    def check(call: Call, query: Query) -> None:
        text = query.given.get("$filter")
        used = {path for path, operator in Filter(text).uses if operator == "eq"} if text else set()
        if query.token is None and not used & set(names):
            wanted = " or ".join(names)
            raise Refusal(400, "MissingParameter", f"The request must be filtered by {wanted}.")

    return check


def _group_instances(kind: str) -> Any:
    return lambda call: call.tenant.current(kind)


ROUTES: list[Route] = [
    listing(
        f"{_ROLE}/roleDefinitions",
        _definitions,
        may.ROLES,
        Shape("unifiedRoleDefinition", {"id": "eq", "displayName": "eq", "isBuiltIn": "eq"}, page=500),
    ),
    listing(
        f"{_ROLE}/roleAssignments",
        lambda call: call.tenant.role_assignments(),
        may.ROLES,
        Shape("unifiedRoleAssignment", _HELD),
        expand=_expand_held,
    ),
    listing(
        f"{_ROLE}/roleAssignmentScheduleInstances",
        _assigned,
        may.ASSIGNMENT_SCHEDULES,
        Shape(
            "unifiedRoleAssignmentScheduleInstance",
            {**_HELD, "assignmentType": "eq", "memberType": "eq"},
            on_request=frozenset({"activatedUsing"}),
        ),
        expand=_expand_held,
        licence="P2",
        limit="governance",
    ),
    listing(
        f"{_ROLE}/roleEligibilityScheduleInstances",
        _instances("roleEligibilityScheduleInstances"),
        may.ELIGIBILITY_SCHEDULES,
        Shape("unifiedRoleEligibilityScheduleInstance", {**_HELD, "memberType": "eq"}),
        expand=_expand_held,
        licence="P2",
        limit="governance",
    ),
    listing(
        "/policies/roleManagementPolicyAssignments",
        _policy_assignments,
        (*may.ROLE_POLICIES, *may.GROUP_POLICIES),
        Shape(
            "unifiedRoleManagementPolicyAssignment",
            {"scopeId": "eq", "scopeType": "eq", "roleDefinitionId": "eq"},
            on_request=frozenset({"policy"}),
            page=500,
        ),
        expand=_expand_policy,
        check=_requires("scopeType"),
        licence="P2",
        limit="governance",
    ),
    *(
        listing(
            f"{_PIM_GROUP}/{word}ScheduleInstances",
            _group_instances(kind),
            permissions,
            Shape(entity, {"groupId": "eq", "principalId": "eq", "accessId": "eq"}),
            check=_requires("groupId", "principalId"),
            licence="P2",
            limit="governance",
        )
        for word, kind, permissions, entity in (
            (
                "assignment",
                "groupAssignmentScheduleInstances",
                may.GROUP_ASSIGNMENTS,
                "privilegedAccessGroupAssignmentScheduleInstance",
            ),
            (
                "eligibility",
                "groupEligibilityScheduleInstances",
                may.GROUP_ELIGIBILITIES,
                "privilegedAccessGroupEligibilityScheduleInstance",
            ),
        )
    ),
]
