"""Azure Resource Manager: who may do what, where logs go, what happened."""

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from observant_clouds.microsoft.azure import AUTHORIZATION, BUILTIN_AZURE_ROLES, mg_id
from observant_clouds.microsoft.filters import Filter
from observant_clouds.microsoft.logs import ENTRA_CATEGORIES
from observant_clouds.microsoft.message import Answer, Refusal, Request
from observant_clouds.microsoft.paging import link
from observant_clouds.microsoft.role_rules import RoleRules, rules_of
from observant_clouds.microsoft.routing import Call, Route
from observant_clouds.microsoft.state import Json, written

AUTH = ("2022-04-01",)
PIM = ("2020-10-01",)
SUBSCRIPTIONS = ("2022-12-01", "2020-01-01")
MANAGEMENT = ("2023-04-01", "2020-05-01", "2021-04-01")
DIAGNOSTICS = ("2021-05-01-preview",)
AADIAM = ("2017-04-01", "2017-04-01-preview")
ACTIVITY = ("2015-04-01",)
WORKSPACES = ("2023-09-01", "2022-10-01")
EXPORTS = ("2020-08-01", "2023-09-01")
STORAGE = ("2023-05-01", "2023-01-01", "2022-09-01")

_PROVIDER = f"providers/{AUTHORIZATION}"
_SUBSCRIPTION = "/subscriptions/{subscription}"
_IN_GROUP = _SUBSCRIPTION + "/resourceGroups/{group}/providers"
_WORKSPACE = _IN_GROUP + "/Microsoft.OperationalInsights/workspaces/{workspace}"
_ACCOUNT = _IN_GROUP + "/Microsoft.Storage/storageAccounts/{account}"
_BLOBS = _ACCOUNT + "/blobServices/default"
_PAGE = 500
_BAD_TOKEN = Refusal(400, "InvalidSkipToken", "The skip token is invalid or has expired.")


def may_read(call: Call, scope: str) -> None:
    """Raises the 403 when the caller is Reader neither at the scope nor above it."""
    above = call.tenant.above(scope) if not scope.lower().startswith("/providers/microsoft.aadiam") else [scope.lower()]
    if not set(above) & {each.lower() for each in call.reads}:
        raise _denied(call, scope)


def _denied(call: Call, scope: str) -> Refusal:
    message = (
        f"The client '{call.tenant.guid('app', 'observant')}' does not have authorization to perform the action over "
        f"scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials."
    )
    return Refusal(403, "AuthorizationFailed", message)


def check_version(request: Request, versions: Iterable[str], kind: str) -> None:
    """Raises the 400 Resource Manager answers without a known `api-version`."""
    asked = {name.lower(): value for name, value in request.query.items()}.get("api-version")
    if not asked:
        message = "The api-version query parameter (?api-version=) is required for all requests."
        raise Refusal(400, "MissingApiVersionParameter", message)
    if asked not in versions:
        message = (
            f"The resource type '{kind}' does not support the api-version '{asked}'. Supported: '{','.join(versions)}'."
        )
        raise Refusal(400, "InvalidResourceType", message)


def route(template: str, versions: tuple[str, ...], respond: Callable[[Call], Any]) -> Route:
    """A route that answers what `respond` gives: one object, or a list as pages with nextLink."""
    kind = template.rpartition("/providers/")[2] or template

    def answer(call: Call) -> Answer:
        check_version(call.request, versions, kind)
        token = call.request.query.get("$skipToken")
        found = [] if token else respond(call)
        if isinstance(found, dict):
            return Answer(200, found)
        page, following = call.pages.page(token, lambda: found, _PAGE, _BAD_TOKEN)
        body: Json = {"value": page}
        if following is not None:
            body["nextLink"] = link(call.request, "$skipToken", following)
        return Answer(200, body)

    return Route(template, answer, limit="arm", versions=versions)


def _scope(call: Call) -> str:
    """The scope that stands in the path; unknown subscriptions and management groups are refused as in Azure."""
    scope = call.places["scope"].rstrip("/") or "/"
    match = re.match(r"/subscriptions/([^/]+)", scope, re.IGNORECASE)
    if match and match[1].lower() not in call.tenant.objects["subscriptions"]:
        raise Refusal(404, "SubscriptionNotFound", f"The subscription '{match[1]}' could not be found.")
    may_read(call, scope)
    return scope


# -- role assignments and their like


def _assignments(kind: str, *, current: bool = False) -> Callable[[Call], list[Json]]:
    def rows(call: Call) -> list[Json]:
        scope, now = _scope(call), written(call.tenant.now)
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
    """atScope(): at and above. principalId, assignedTo(): at, above and below. Nothing: the same."""
    text = call.request.query.get("$filter", "")
    here, there = scope.lower(), properties["scope"].lower()
    above = there in call.tenant.above(here)
    below = here == "/" or here in call.tenant.above(there)
    conditions = [part.strip() for part in re.split(r"\s+and\s+", text) if part.strip()]
    for condition in conditions:
        if not _condition(call, condition, properties, above):
            return False
    return above or below


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
    scope = _scope(call)
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
    scope = _scope(call)
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


# -- the tree


def _subscriptions(call: Call) -> list[Json]:
    reads = {each.lower() for each in call.reads}
    return [each for each in call.tenant.all("subscriptions") if reads & set(call.tenant.above(each["id"]))]


def _subscription(call: Call) -> Json:
    wanted = call.places["subscription"].lower()
    if wanted not in {each["subscriptionId"] for each in _subscriptions(call)}:
        raise Refusal(404, "SubscriptionNotFound", f"The subscription '{wanted}' could not be found.")
    return call.tenant.objects["subscriptions"][wanted]


def _groups(call: Call) -> list[Json]:
    root = _root(call)
    return [_group_head(each, call.tenant.tenant_id) for each in (root, *call.tenant.all("managementGroups"))]


def _root(call: Call) -> Json:
    may_read(call, mg_id(call.tenant.tenant_id))
    name = call.tenant.tenant_id
    return {"id": mg_id(name), "name": name, "displayName": "Tenant Root Group", "parent": None}


def _group_head(group: Json, tenant: str) -> Json:
    return {
        "id": group["id"],
        "type": "Microsoft.Management/managementGroups",
        "name": group["name"],
        "properties": {"tenantId": tenant, "displayName": group["displayName"]},
    }


def _group(call: Call) -> Json:
    wanted = mg_id(call.places["group"]).lower()
    root = _root(call)
    group = root if wanted == root["id"].lower() else call.tenant.objects["managementGroups"].get(wanted)
    if group is None:
        raise Refusal(404, "NotFound", f"'{call.places['group']}' was not found.")
    one = _group_head(group, call.tenant.tenant_id)
    parent = group["parent"]
    one["properties"]["details"] = {"version": 1, "parent": _parent(call, parent) if parent else None}
    query = {name.lower(): value.lower() for name, value in call.request.query.items()}
    if query.get("$expand") == "children":
        one["properties"]["children"] = _children(call, group["id"], deep=query.get("$recurse") == "true") or None
    return one


def _parent(call: Call, id_: str) -> Json:
    known = call.tenant.objects["managementGroups"].get(id_.lower())
    return {
        "id": id_,
        "name": id_.rpartition("/")[2],
        "displayName": known["displayName"] if known else "Tenant Root Group",
    }


def _children(call: Call, parent: str, *, deep: bool) -> list[Json]:
    tenant, found = call.tenant, []
    for each in tenant.all("managementGroups"):
        if each["parent"].lower() == parent.lower():
            child: Json = {
                "id": each["id"],
                "type": "Microsoft.Management/managementGroups",
                "name": each["name"],
                "displayName": each["displayName"],
            }
            if deep:
                child["children"] = _children(call, each["id"], deep=True) or None
            found.append(child)
    for id_, each in tenant.objects["subscriptionParents"].items():
        if each["parent"].lower() == parent.lower():
            shown = tenant.objects["subscriptions"][id_]["displayName"]
            found.append({"id": f"/subscriptions/{id_}", "type": "/subscriptions", "name": id_, "displayName": shown})
    return found


# -- logs


def _tenant_settings(call: Call) -> list[Json]:
    may_read(call, "/providers/microsoft.aadiam")
    return call.tenant.log_settings(None)


def _tenant_categories(call: Call) -> list[Json]:
    may_read(call, "/providers/microsoft.aadiam")
    kind = "microsoft.aadiam/diagnosticSettingsCategories"
    base = "/providers/microsoft.aadiam/diagnosticSettingsCategories"
    return [
        {"id": f"{base}/{each}", "type": kind, "name": each, "properties": {"categoryType": "Logs"}}
        for each in ENTRA_CATEGORIES
    ]


def _activity(call: Call, scope: str) -> list[Json]:
    text = call.request.query.get("$filter")
    if text is None and scope:
        raise Refusal(400, "BadRequest", "The $filter query parameter with eventTimestamp is required.")
    oldest = written(call.tenant.now - timedelta(days=90))
    now = written(call.tenant.now)
    found = [
        each
        for each in call.tenant.all("activityLog")
        if oldest <= each["eventTimestamp"] <= now and (each["subscriptionId"].lower() == scope)
    ]
    if text is not None:
        # the service writes moments in quotes, and spells the provider as a plain value
        wanted = Filter(re.sub(r"'(\d{4}-\d\d-\d\dT[^']*)'", r"\1", text))
        supported = {
            "eventTimestamp": "ge le gt lt",
            "resourceProvider": "eq",
            "resourceGroupName": "eq",
            "resourceUri": "eq",
            "caller": "eq",
            "correlationId": "eq",
            "eventChannels": "eq",
            "levels": "eq",
        }
        wanted.check(supported, "eventData")
        found = [
            each
            for each in found
            if wanted.matches({**each, "resourceProvider": each["resourceProviderName"]["value"]})
        ]
    return sorted(found, key=lambda each: str(each["eventTimestamp"]))[::-1]


def _tenant_activity(call: Call) -> list[Json]:
    may_read(call, "/")
    return _activity(call, "")


def _subscription_activity(call: Call) -> list[Json]:
    may_read(call, f"/subscriptions/{call.places['subscription']}")
    return _activity(call, call.places["subscription"].lower())


def _kept(kind: str, place: str) -> Callable[[Call], Json]:
    """The resource the path names, in the case it was made with."""

    def find(call: Call) -> Json:
        may_read(call, f"/subscriptions/{call.places['subscription']}")
        name = call.places[place]
        found = next((each for each in call.tenant.all(kind) if _same_resource(each["id"], call, name)), None)
        if found is None:
            message = f"The Resource '{name}' under resource group '{call.places['group']}' was not found."
            raise Refusal(404, "ResourceNotFound", message)
        return found

    return find


def _same_resource(id_: str, call: Call, name: str) -> bool:
    parts = [part.lower() for part in id_.split("/")]
    return (parts[2], parts[4], parts[-1]) == tuple(
        x.lower() for x in (call.places["subscription"], call.places["group"], name)
    )


def _below(kind: str, owner: Callable[[Call], Json], place: str | None = None) -> Callable[[Call], Any]:
    """What is kept under a resource: all of it, or the one that `place` names."""

    def find(call: Call) -> Any:
        held = call.tenant.objects[kind].get(owner(call)["id"], {})
        if place is None:
            return list(held.values())
        found = {name.lower(): each for name, each in held.items()}.get(call.places[place].lower())
        if found is None:
            raise Refusal(404, "ResourceNotFound", f"'{call.places[place]}' was not found.")
        return found

    return find


_workspace, _account = _kept("workspaces", "workspace"), _kept("storageAccounts", "account")


def _lifecycle(call: Call) -> Json:
    found = call.tenant.objects["lifecycles"].get(_account(call)["id"])
    if found is None:
        raise Refusal(404, "ManagementPolicyNotFound", "No ManagementPolicy found for this account.")
    return found


def _blob_service(call: Call) -> Json:
    base = _account(call)["id"]
    return {
        "id": f"{base}/blobServices/default",
        "name": "default",
        "type": "Microsoft.Storage/storageAccounts/blobServices",
        "properties": {
            "cors": {"corsRules": []},
            "deleteRetentionPolicy": {"enabled": False},
            "isVersioningEnabled": False,
        },
    }


def _of_subscription(kind: str) -> Callable[[Call], list[Json]]:
    def rows(call: Call) -> list[Json]:
        base = f"/subscriptions/{call.places['subscription']}".lower()
        may_read(call, base)
        return [each for each in call.tenant.all(kind) if each["id"].lower().startswith(f"{base}/")]

    return rows


def _settings_at(call: Call) -> list[Json]:
    return call.tenant.log_settings(_scope(call))


ROUTES: list[Route] = [
    route("/subscriptions", SUBSCRIPTIONS, _subscriptions),
    route(_SUBSCRIPTION, SUBSCRIPTIONS, _subscription),
    route("/providers/Microsoft.Management/managementGroups", MANAGEMENT, _groups),
    route("/providers/Microsoft.Management/managementGroups/{group}", MANAGEMENT, _group),
    route("/providers/microsoft.aadiam/diagnosticSettings", AADIAM, _tenant_settings),
    route("/providers/microsoft.aadiam/diagnosticSettingsCategories", AADIAM, _tenant_categories),
    route("/providers/Microsoft.Insights/eventtypes/management/values", ACTIVITY, _tenant_activity),
    route(
        f"{_SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values",
        ACTIVITY,
        _subscription_activity,
    ),
    route(
        f"{_SUBSCRIPTION}/providers/Microsoft.OperationalInsights/workspaces",
        WORKSPACES,
        _of_subscription("workspaces"),
    ),
    route(_WORKSPACE, WORKSPACES, _workspace),
    route(f"{_WORKSPACE}/tables", WORKSPACES, _below("tables", _workspace)),
    route(f"{_WORKSPACE}/tables/{{table}}", WORKSPACES, _below("tables", _workspace, "table")),
    route(f"{_WORKSPACE}/dataExports", EXPORTS, _below("dataExports", _workspace)),
    route(f"{_SUBSCRIPTION}/providers/Microsoft.Storage/storageAccounts", STORAGE, _of_subscription("storageAccounts")),
    route(_ACCOUNT, STORAGE, _account),
    route(f"{_ACCOUNT}/managementPolicies/default", STORAGE, _lifecycle),
    route(_BLOBS, STORAGE, _blob_service),
    route(f"{_BLOBS}/containers", STORAGE, _below("containers", _account)),
    route(f"{_BLOBS}/containers/{{container}}", STORAGE, _below("containers", _account, "container")),
    route(
        f"{_BLOBS}/containers/{{container}}/immutabilityPolicies/default",
        STORAGE,
        _below("immutability", _account, "container"),
    ),
    route("{+scope}/providers/Microsoft.Insights/diagnosticSettings", DIAGNOSTICS, _settings_at),
    route(f"{{+scope}}/{_PROVIDER}/roleAssignments", AUTH, _standing),
    route(f"{{+scope}}/{_PROVIDER}/roleDefinitions", AUTH, _definitions),
    route(f"{{+scope}}/{_PROVIDER}/denyAssignments", AUTH, _assignments("denyAssignments")),
    *(
        route(f"{{+scope}}/{_PROVIDER}/{kind}", PIM, _assignments(f"azure {kind}", current=True))
        for kind in ("roleAssignmentScheduleInstances", "roleEligibilityScheduleInstances")
    ),
    route(f"{{+scope}}/{_PROVIDER}/roleManagementPolicyAssignments", PIM, _policy_assignments),
]
"""Resource Manager's paths; those with a scope of any length come last."""
