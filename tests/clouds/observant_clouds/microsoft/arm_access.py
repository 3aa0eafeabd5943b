"""Who may do what in Azure: role assignments, definitions, PIM, deny assignments."""

import re
from collections.abc import Callable

from observant_clouds.microsoft.activity import AUTHORIZATION
from observant_clouds.microsoft.arm_answers import route, scope_of
from observant_clouds.microsoft.azure import BUILTIN_AZURE_ROLES
from observant_clouds.microsoft.filters import Filter
from observant_clouds.microsoft.message import Refusal
from observant_clouds.microsoft.role_rules import RoleRules, rules_of
from observant_clouds.microsoft.routing import Call, Route
from observant_clouds.microsoft.state import Json, written

AUTH = ("2022-04-01",)
PIM = ("2020-10-01",)
_PROVIDER = f"providers/{AUTHORIZATION}"


def _assignments(kind: str, *, current: bool = False) -> Callable[[Call], list[Json]]:
    def rows(call: Call) -> list[Json]:
        scope, now = scope_of(call), written(call.tenant.now)
        found = [each for each in call.tenant.all(kind) if not current or _running(each["properties"], now)]
        return [each for each in found if _asked_for(call, each["properties"], scope)]

    return rows


def _running(properties: Json, now: str) -> bool:
    return bool(properties["startDateTime"] <= now < (properties["endDateTime"] or "9999"))


def _standing(call: Call) -> list[Json]:
    """Role assignments; those that an activation made are gone when it ends."""
    now = written(call.tenant.now)
    instances = call.tenant.all("azure roleAssignmentScheduleInstances")
    ended = {
        each["properties"]["originRoleAssignmentId"].lower()
        for each in instances
        if not _running(each["properties"], now)
    } - {
        each["properties"]["originRoleAssignmentId"].lower() for each in instances if _running(each["properties"], now)
    }
    return [each for each in _assignments("azureAssignments")(call) if each["id"].lower() not in ended]


def _asked_for(call: Call, properties: Json, scope: str) -> bool:
    """atScope(): at and above. principalId, assignedTo(): at, above and below. Nothing: the same, or at and below."""
    text = call.request.query.get("$filter", "")
    here, there = scope.lower(), properties["scope"].lower()
    above = there in call.tenant.above(here)
    below = here == "/" or here in call.tenant.above(there)
    conditions = [part.strip() for part in re.split(r"\s+and\s+", text) if part.strip()]
    for condition in conditions:
        if not _condition(call, condition, properties, above):
            return False
    return below or (above and (bool(conditions) or call.tenant.inherited_unasked))


def _condition(call: Call, condition: str, properties: Json, above: bool) -> bool:
    if condition.lower() == "atscope()":
        return above
    match = re.fullmatch(r"(?i)principalId eq '?([0-9a-f-]+)'?", condition)
    if match:
        return bool(properties.get("principalId") == match[1].lower())
    match = re.fullmatch(r"(?i)assignedTo\('([0-9a-f-]+)'\)", condition)
    if match:
        return properties.get("principalId") in {match[1].lower(), *_groups_of(call, match[1].lower())}
    raise Refusal(400, "InvalidFilter", f"The filter '{condition}' is not supported.")


def _groups_of(call: Call, principal: str) -> set[str]:
    reached: set[str] = set()
    waiting = [principal]
    while waiting:
        here = waiting.pop()
        more = {group for group, inside in call.tenant.members.items() if here in inside} - reached
        reached |= more
        waiting += more
    return reached


def _definitions(call: Call) -> list[Json]:
    """The roles that can be assigned at a scope: the built-in ones, and custom ones of it or above."""
    scope = scope_of(call)
    parts = scope.split("/")
    prefix = "/".join(parts[:3]) if scope.lower().startswith("/subscriptions/") else ""
    above = set(call.tenant.above(scope))
    builtin = [call.tenant.azure_role(name) for name in BUILTIN_AZURE_ROLES]
    custom = [
        each
        for each in call.tenant.all("azureRoles")
        if above & {where.lower() for where in each["properties"]["assignableScopes"]}
    ]
    found = [{**each, "id": f"{prefix}/{_PROVIDER}/roleDefinitions/{each['name']}"} for each in builtin + custom]
    text = call.request.query.get("$filter")
    if text is None or text.lower() == "atscopeandbelow()":
        return found
    wanted = Filter(text)
    wanted.check({"roleName": "eq", "type": "eq"}, "roleDefinition")
    return [each for each in found if wanted.matches(each["properties"])]


def _policy_assignments(call: Call) -> list[Json]:
    """One policy for each role at exactly this scope."""
    scope = scope_of(call)
    return [_policy(call, scope, name) for name in BUILTIN_AZURE_ROLES]


def _policy(call: Call, scope: str, role: str) -> Json:
    guid = call.tenant.azure_role(role)["name"]
    kept = call.tenant.objects["azureRoleRules"].get(f"{scope} {guid}".lower())
    rules = [_arm_rule(each) for each in rules_of(kept["rules"] if kept else RoleRules())]
    policy = call.tenant.guid("azure policy", scope, guid)
    base = scope.rstrip("/")
    return {
        "id": f"{base}/{_PROVIDER}/roleManagementPolicyAssignments/{policy}_{guid}",
        "name": f"{policy}_{guid}",
        "type": f"{AUTHORIZATION}/roleManagementPolicyAssignments",
        "properties": {
            "scope": scope,
            "roleDefinitionId": f"{base}/{_PROVIDER}/roleDefinitions/{guid}",
            "policyId": f"{base}/{_PROVIDER}/roleManagementPolicies/{policy}",
            "effectiveRules": rules,
        },
    }


def _arm_rule(rule: Json) -> Json:
    """Resource Manager's spelling of a rule: `ruleType` in place of `@odata.type`, approvers by id and type."""
    named = rule["@odata.type"].removeprefix("#microsoft.graph.unifiedRoleManagementPolicy")
    one = {k: v for k, v in rule.items() if k != "@odata.type"}
    if "setting" in one:
        one["setting"] = {
            **one["setting"],
            "approvalStages": [_stage(each) for each in one["setting"]["approvalStages"]],
        }
    return {**one, "ruleType": f"RoleManagementPolicy{named}"}


def _stage(stage: Json) -> Json:
    approvers = [
        {
            "id": each.get("userId") or each["groupId"],
            "userType": "User" if "userId" in each else "Group",
            "isBackup": False,
            "description": "",
        }
        for each in stage["primaryApprovers"]
    ]
    return {**stage, "primaryApprovers": approvers}


ROUTES: list[Route] = [
    route(f"{{+scope}}/{_PROVIDER}/roleAssignments", AUTH, _standing),
    route(f"{{+scope}}/{_PROVIDER}/roleDefinitions", AUTH, _definitions),
    route(f"{{+scope}}/{_PROVIDER}/denyAssignments", AUTH, _assignments("denyAssignments")),
    *(
        route(f"{{+scope}}/{_PROVIDER}/{kind}", PIM, _assignments(f"azure {kind}", current=True))
        for kind in ("roleAssignmentScheduleInstances", "roleEligibilityScheduleInstances")
    ),
    route(f"{{+scope}}/{_PROVIDER}/roleManagementPolicyAssignments", PIM, _policy_assignments),
]
