"""What kinds of object an export may hold, how to tell them by their content, and which command saves them."""

import re
from collections.abc import Callable
from typing import NamedTuple

from observant.evidence.snapshot import Json

GRAPH = "https://graph.microsoft.com/v1.0"
ARM = "https://management.azure.com"


class Kind(NamedTuple):
    """One kind of object. The first kind of `KINDS` that fits is taken."""

    collection: str
    context: str
    """What `@odata.context` says after `$metadata#`, without selections; empty for ARM."""
    fits: Callable[[Json], bool]
    url: str
    """What `az rest --method get --url` saves it from."""
    urn: str = "id"
    single: bool = False
    """An object of which a tenant or subscription has one; it goes by the scope's identifier."""

    @property
    def command(self) -> str:
        return f'az rest --method get --url "{self.url}" > {self.collection.replace(".", "-").replace("_", "-")}.json'


def _has(*keys: str) -> Callable[[Json], bool]:
    needed = frozenset(keys)
    return lambda one: needed <= one.keys()


def _arm(kind: str) -> Callable[[Json], bool]:
    written = kind.lower()
    return lambda one: str(one.get("type", "")).lower() == written


def _policy_of(scope_type: str) -> Callable[[Json], bool]:
    return lambda one: {"policyId", "scopeId"} <= one.keys() and one.get("scopeType") == scope_type


def _setting_below(prefix: str) -> Callable[[Json], bool]:
    def fits(one: Json) -> bool:
        # Published examples have these ids without the slash at their beginning.
        written = f"/{str(one.get('id', '')).lower().lstrip('/')}"
        return written.startswith(prefix) and "/diagnosticsettings/" in written

    return fits


_ROLES = "roleManagement/directory"
_PIM = "identityGovernance/privilegedAccess/group"
_CA = "identity/conditionalAccess"
_AT = f"{ARM}/subscriptions/<subscription>/providers"
_AUTHORIZATION = f"{_AT}/Microsoft.Authorization"
_POLICY_ASSIGNMENTS = "policies/roleManagementPolicyAssignments"
_RULES = "&$expand=policy($expand=rules)"


def _graph(
    collection: str, context: str, fits: Callable[[Json], bool], query: str = "", urn: str = "id", *, one: bool = False
) -> Kind:
    return Kind(collection, context, fits, f"{GRAPH}/{context}{query}", urn, one)


def _of_subscription(collection: str, kind: str, version: str) -> Kind:
    url = f"{_AUTHORIZATION}/{kind}?api-version={version}"
    return Kind(collection, "", _arm(f"Microsoft.Authorization/{kind}"), url)


KINDS: tuple[Kind, ...] = (
    _graph("entra.organization", "organization", _has("verifiedDomains", "tenantType")),
    _graph("entra.licences", "subscribedSkus", _has("skuId", "servicePlans"), urn="skuId"),
    _graph(
        "entra.registration_details",
        "reports/authenticationMethods/userRegistrationDetails",
        _has("isMfaRegistered", "methodsRegistered"),
    ),
    _graph("entra.users", "users", _has("userPrincipalName", "id"), "?$top=999&$select=<fields>,signInActivity"),
    _graph("entra.groups", "groups", _has("groupTypes", "securityEnabled"), "?$top=999"),
    _graph("entra.service_principals", "servicePrincipals", _has("appId", "servicePrincipalType"), "?$top=999"),
    _graph("entra.applications", "applications", _has("appId", "passwordCredentials"), "?$top=999"),
    _graph("entra.role_definitions", f"{_ROLES}/roleDefinitions", _has("rolePermissions", "templateId")),
    _graph(
        "entra.role_assignment_instances",
        f"{_ROLES}/roleAssignmentScheduleInstances",
        _has("assignmentType", "roleDefinitionId", "directoryScopeId"),
    ),
    _graph(
        "entra.role_eligibility_instances",
        f"{_ROLES}/roleEligibilityScheduleInstances",
        _has("roleEligibilityScheduleId", "roleDefinitionId"),
    ),
    _graph(
        "entra.role_assignments",
        f"{_ROLES}/roleAssignments",
        _has("principalId", "roleDefinitionId", "directoryScopeId"),
    ),
    _graph(
        "entra.role_policies",
        _POLICY_ASSIGNMENTS,
        _policy_of("DirectoryRole"),
        f"?$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'{_RULES}",
    ),
    _graph(
        "entra.group_policies",
        _POLICY_ASSIGNMENTS,
        _policy_of("Group"),
        f"?$filter=scopeId eq '<group>' and scopeType eq 'Group'{_RULES}",
    ),
    _graph(
        "entra.group_assignment_instances",
        f"{_PIM}/assignmentScheduleInstances",
        _has("assignmentScheduleId", "groupId"),
        "?$filter=groupId eq '<group>'",
    ),
    _graph(
        "entra.group_eligibility_instances",
        f"{_PIM}/eligibilityScheduleInstances",
        _has("eligibilityScheduleId", "groupId"),
        "?$filter=groupId eq '<group>'",
    ),
    _graph("entra.conditional_access_policies", f"{_CA}/policies", _has("conditions", "grantControls", "state")),
    _graph(
        "entra.named_locations",
        f"{_CA}/namedLocations",
        lambda one: "ipRanges" in one or "countriesAndRegions" in one,
    ),
    _graph(
        "entra.authentication_contexts",
        f"{_CA}/authenticationContextClassReferences",
        _has("isAvailable", "displayName"),
    ),
    _graph(
        "entra.authentication_strengths",
        "policies/authenticationStrengthPolicies",
        _has("allowedCombinations", "policyType"),
    ),
    _graph(
        "entra.authentication_methods_policy",
        "policies/authenticationMethodsPolicy",
        _has("authenticationMethodConfigurations"),
        one=True,
    ),
    _graph(
        "entra.security_defaults",
        "policies/identitySecurityDefaultsEnforcementPolicy",
        lambda one: one.get("id") == "00000000-0000-0000-0000-000000000005" and "isEnabled" in one,
        one=True,
    ),
    _graph(
        "entra.authorization_policy",
        "policies/authorizationPolicy",
        _has("allowInvitesFrom", "guestUserRoleId"),
        one=True,
    ),
    Kind(
        "entra.log_settings",
        "",
        _setting_below("/providers/microsoft.aadiam/"),
        f"{ARM}/providers/microsoft.aadiam/diagnosticSettings?api-version=2017-04-01",
        "name",
    ),
    Kind(
        "azure.subscription",
        "",
        _has("subscriptionId", "tenantId", "state"),
        f"{ARM}/subscriptions/<subscription>?api-version=2022-12-01",
        single=True,
    ),
    _of_subscription("azure.role_definitions", "roleDefinitions", "2022-04-01"),
    _of_subscription("azure.role_assignments", "roleAssignments", "2022-04-01"),
    _of_subscription("azure.role_assignment_instances", "roleAssignmentScheduleInstances", "2020-10-01"),
    _of_subscription("azure.role_eligibility_instances", "roleEligibilityScheduleInstances", "2020-10-01"),
    _of_subscription("azure.role_policies", "roleManagementPolicyAssignments", "2020-10-01"),
    _of_subscription("azure.deny_assignments", "denyAssignments", "2022-04-01"),
    Kind(
        "azure.log_settings",
        "",
        _setting_below("/subscriptions/"),
        f"{_AT}/Microsoft.Insights/diagnosticSettings?api-version=2021-05-01-preview",
        "name",
    ),
)

MEMBERS = Kind(
    "entra.group_members",
    "directoryObjects",
    _has("never told by its content"),  # an answer about members does not say of which group: its file's name does
    f"{GRAPH}/groups/<group>/members?$select=id&$top=999",
)
MEMBERS_COMMAND = f'az rest --method get --url "{MEMBERS.url}" > members-<group>.json, for each group'

BY_COLLECTION = {kind.collection: kind for kind in (*KINDS, MEMBERS)}


def kind_of(one: Json) -> Kind | None:
    """The kind of an object by its properties."""
    return next((kind for kind in KINDS if kind.fits(one)), None)


_OF_A_GROUP = re.compile(r"groups(\('[^']*'\)|/[^/]+)/members\b")


def kind_in(context: str) -> Kind | None:
    """The kind that `@odata.context` names, for lists that may be empty; None when it names two or none."""
    named_path = context.partition("$metadata#")[2]
    if _OF_A_GROUP.match(named_path):
        return MEMBERS
    path = named_path.partition("(")[0].removesuffix("/$entity").strip("/")
    named = [kind for kind in (*KINDS, MEMBERS) if path and kind.context in (path, f"policies/{path}")]
    return named[0] if len(named) == 1 else None
