"""Graph's roles, policies, reviews and logs."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from observant_clouds.microsoft import permissions as may
from observant_clouds.microsoft.filters import Filter
from observant_clouds.microsoft.graph_answers import everything, listing, missing, named, one, single
from observant_clouds.microsoft.message import Refusal
from observant_clouds.microsoft.query import Expand, Expansion, Query, Shape
from observant_clouds.microsoft.role_rules import RoleRules, rules_of
from observant_clouds.microsoft.routing import Call, Route
from observant_clouds.microsoft.state import TYPES, Json, written

_ROLE = "/roleManagement/directory"
_HELD = {"principalId": "eq", "roleDefinitionId": "eq", "directoryScopeId": "eq"}
_CA = "/identity/conditionalAccess"
_PIM_GROUP = "/identityGovernance/privilegedAccess/group"


# -- roles


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
    return of_roles + of_groups


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
    return lambda call: [each for each in call.tenant.all(kind) if _lasts(call, each)]


def _lasts(call: Call, each: Json) -> bool:
    return bool(each["startDateTime"] <= written(call.tenant.now) < each["endDateTime"])


# -- reviews


def _review_instances(call: Call) -> list[Json]:
    named("accessReviews", "definition-id")(call)
    return list(call.tenant.objects["accessReviewInstances"].get(call.places["definition-id"], {}).values())


def _decisions(call: Call) -> list[Json]:
    if call.places["instance-id"] not in {each["id"] for each in _review_instances(call)}:
        raise missing(call.places["instance-id"])
    return list(call.tenant.objects["accessReviewDecisions"].get(call.places["instance-id"], {}).values())


# -- logs and reports


def _recent(kind: str, moment: str) -> Any:
    """Events that the directory still keeps, newest first."""

    def rows(call: Call) -> list[Json]:
        now = call.tenant.now
        oldest = written(now - timedelta(days=call.tenant.native_retention_days))
        kept = [each for each in call.tenant.all(kind) if oldest <= each[moment] <= written(now)]
        return sorted(kept, key=lambda each: str(each[moment]))[::-1]

    return rows


def _registrations(call: Call) -> list[Json]:
    tenant = call.tenant
    admins = {each["principalId"] for each in tenant.role_assignments()}
    return [
        _registration(user, tenant.objects["registrations"].get(id_, {}), id_ in admins, tenant.at())
        for id_, user in tenant.objects["users"].items()
    ]


_PASSWORDLESS = {
    "fido2SecurityKey",
    "microsoftAuthenticatorPasswordless",
    "passKeyDeviceBound",
    "passKeyDeviceBoundAuthenticator",
    "windowsHelloForBusiness",
}
_STRONG = _PASSWORDLESS | {
    "hardwareOneTimePasscode",
    "microsoftAuthenticatorPush",
    "mobilePhone",
    "softwareOneTimePasscode",
}


def _registration(user: Json, given: Json, admin: bool, at: str) -> Json:
    methods = given.get("methodsRegistered", [])
    strong = bool(_STRONG & set(methods))
    details = {
        "id": user["id"],
        "userPrincipalName": user["userPrincipalName"],
        "userDisplayName": user["displayName"],
        "userType": user["userType"].lower(),
        "isAdmin": admin,
        "isSsprRegistered": strong,
        "isSsprEnabled": True,
        "isSsprCapable": strong,
        "isMfaRegistered": strong,
        "isMfaCapable": strong,
        "isPasswordlessCapable": bool(_PASSWORDLESS & set(methods)),
        "lastUpdatedDateTime": at,
        "methodsRegistered": methods,
        "isSystemPreferredAuthenticationMethodEnabled": True,
        "systemPreferredAuthenticationMethods": [],
        "userPreferredMethodForSecondaryAuthentication": "none",
    }
    return {**details, **given}


_AUDIT_FILTERS = {
    "activityDateTime": "eq ge le gt lt",
    "activityDisplayName": "eq startswith",
    "category": "eq",
    "correlationId": "eq",
    "initiatedBy/app/displayName": "eq startswith",
    "initiatedBy/user/id": "eq",
    "initiatedBy/user/userPrincipalName": "eq startswith",
    "loggedByService": "eq",
    "result": "eq",
    "targetResources/displayName": "eq startswith",
    "targetResources/id": "eq",
}
_SIGN_IN_FILTERS = {
    "appId": "eq",
    "clientAppUsed": "eq",
    "conditionalAccessStatus": "eq",
    "createdDateTime": "eq ge le gt lt",
    "signInEventTypes": "eq",
    "userId": "eq",
    "userPrincipalName": "eq startswith",
}


def _sign_ins(call: Call) -> list[Json]:
    """v1.0 has the interactive ones; beta all kinds, told apart by signInEventTypes, and by default the interactive."""
    found = _recent("signIns", "createdDateTime")(call)
    marked = [
        {**each, "signInEventTypes": ["interactiveUser" if each["isInteractive"] else "nonInteractiveUser"]}
        for each in found
    ]
    if call.version == "beta":
        asked = "signineventtypes" in call.request.query.get("$filter", "").lower()
        return marked if asked else [each for each in marked if each["isInteractive"]]
    return [each for each in found if each["isInteractive"]]


def _expiring_pages(limit: int) -> dict[str, int]:
    return {"page": limit, "largest": limit}


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
    listing(
        f"{_CA}/policies",
        everything("conditionalAccessPolicies"),
        may.POLICIES,
        Shape("conditionalAccessPolicy", {"id": "eq", "state": "eq", "displayName": "eq"}),
        limit="conditional-access",
    ),
    one(
        f"{_CA}/policies/{{policy-id}}",
        named("conditionalAccessPolicies", "policy-id"),
        may.POLICIES,
        Shape("conditionalAccessPolicy"),
        limit="conditional-access",
    ),
    listing(
        f"{_CA}/namedLocations",
        everything("namedLocations"),
        may.POLICIES,
        Shape("namedLocation", {"id": "eq", "displayName": "eq"}),
        limit="conditional-access",
    ),
    listing(
        f"{_CA}/authenticationContextClassReferences",
        everything("authenticationContextClassReferences"),
        may.CONTEXTS,
        Shape("authenticationContextClassReference"),
        limit="conditional-access",
    ),
    listing(
        "/policies/authenticationStrengthPolicies",
        lambda call: call.tenant.strengths(),
        may.AUTHENTICATION_METHODS,
        Shape("authenticationStrengthPolicy", {"policyType": "eq", "id": "eq"}),
    ),
    single("/policies/authenticationMethodsPolicy", "authenticationMethodsPolicy", may.AUTHENTICATION_METHODS),
    single("/policies/identitySecurityDefaultsEnforcementPolicy", "securityDefaults", may.POLICIES),
    single("/policies/authorizationPolicy", "authorizationPolicy", may.POLICIES),
    listing(
        "/reports/authenticationMethods/userRegistrationDetails",
        _registrations,
        may.LOGS,
        Shape(
            "userRegistrationDetails",
            {"id": "eq", "isMfaCapable": "eq", "isMfaRegistered": "eq", "isAdmin": "eq", "userType": "eq"},
            page=1000,
        ),
        licence="P1",
        limit="reports",
    ),
    *(
        listing(
            f"/reports/{kind}",
            everything(kind),
            may.LOGS,
            Shape(entity, {"appId": "eq"}, page=1000),
            versions=("beta",),
            licence="P1",
            limit="reports",
        )
        for kind, entity in (
            ("servicePrincipalSignInActivities", "servicePrincipalSignInActivity"),
            ("appCredentialSignInActivities", "appCredentialSignInActivity"),
        )
    ),
    listing(
        "/auditLogs/directoryAudits",
        _recent("directoryAudits", "activityDateTime"),
        may.LOGS,
        Shape("directoryAudit", _AUDIT_FILTERS, orders=("activityDateTime",), **_expiring_pages(1000)),
        limit="reports",
    ),
    listing(
        "/auditLogs/signIns",
        _sign_ins,
        may.LOGS,
        Shape("signIn", _SIGN_IN_FILTERS, orders=("createdDateTime",), **_expiring_pages(1000)),
        licence="P1",
        limit="reports",
    ),
    listing(
        "/identityGovernance/accessReviews/definitions",
        everything("accessReviews"),
        may.REVIEWS,
        Shape("accessReviewScheduleDefinition", {"id": "eq", "displayName": "eq contains"}),
        licence="P2",
        limit="governance",
    ),
    listing(
        "/identityGovernance/accessReviews/definitions/{definition-id}/instances",
        _review_instances,
        may.REVIEWS,
        Shape("accessReviewInstance", {"status": "eq", "startDateTime": "ge le"}),
        licence="P2",
        limit="governance",
    ),
    listing(
        "/identityGovernance/accessReviews/definitions/{definition-id}/instances/{instance-id}/decisions",
        _decisions,
        may.REVIEWS,
        Shape("accessReviewInstanceDecisionItem", {"decision": "eq"}),
        licence="P2",
        limit="governance",
    ),
]
