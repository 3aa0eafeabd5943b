"""What real services answered and others exported is taken into the tenant and served back unchanged."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clouds.asking import Asking
from collect.microsoft.tenants import Reached
from observant.collect.entra.policies import CONDITIONAL_ACCESS_POLICIES
from observant.collect.microsoft.reading import Reading
from observant_clouds.microsoft import Service, Tenant
from observant_clouds.microsoft.arm_access import AUTH, PIM
from observant_clouds.microsoft.arm_logs import ACTIVITY, DIAGNOSTICS, EXPORTS, STORAGE, WORKSPACES
from observant_clouds.microsoft.arm_tree import SUBSCRIPTIONS
from observant_clouds.microsoft.graph_directory import SHAPES
from observant_clouds.microsoft.state import TYPES, read, written

SHARED = Path(__file__).parents[3] / "shared" / "data"

KINDS = {
    "/applications": "applications",
    "/auditLogs/directoryAudits": "directoryAudits",
    "/auditLogs/signIns": "signIns",
    "/groups": "groups",
    "/identity/conditionalAccess/namedLocations": "namedLocations",
    "/identity/conditionalAccess/policies": "conditionalAccessPolicies",
    "/identityGovernance/accessReviews/definitions": "accessReviews",
    "/roleManagement/directory/roleAssignments": "roleAssignments",
    "/roleManagement/directory/roleAssignmentScheduleInstances": "roleAssignmentScheduleInstances",
    "/roleManagement/directory/roleDefinitions": "roleDefinitions",
    "/roleManagement/directory/roleEligibilityScheduleInstances": "roleEligibilityScheduleInstances",
    "/servicePrincipals": "servicePrincipals",
    "/users": "users",
}
"""Lists of the documentation's examples, and where the tenant keeps such objects."""
MOMENTS = {"directoryAudits": "activityDateTime", "signIns": "createdDateTime"}


def shared(*parts):
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs {path}, which is not part of this repository")
    return path


def documented():
    """(path, objects) of every example that lists objects; some of them were left without their id."""
    for number, example in enumerate(json.loads(shared("graph", "doc-examples-v1.json").read_text())["examples"]):
        objects = example["body"].get("value", [])
        if example["path_template"] in KINDS and objects:
            yield example["path_template"], [{"id": f"{number}-{place}", **each} for place, each in enumerate(objects)]
        single = re.sub(r"/\{[^}]*\}$", "", example["path_template"])
        if single != example["path_template"] and single in KINDS:
            yield single, [{"id": str(number), **example["body"]}]


def asked(path, names):
    return f"/v1.0{path}?$select={','.join(names)}"


def test_the_documentations_examples_are_served_back_unchanged():
    compared = 0
    for path, objects in documented():
        kind, tenant = KINDS[path], Tenant()
        moment = MOMENTS.get(kind) or "startDateTime"
        known = [read(each[moment]) for each in objects if each.get(moment)]
        tenant.move_to(max(known, default=tenant.now))
        for each in objects:
            tenant.take(kind, {"roleAssignmentOriginId": None, **each} if kind.startswith("roleAssignmentS") else each)
        names = sorted({name for each in objects for name in each if "@" not in name} & selectable(kind, objects))
        answered = {each["id"]: each for each in Asking(Service(tenant)).value(asked(path, names))}
        for each in objects:
            compared += 1
            given = {name: value for name, value in each.items() if name in {*names, "@odata.type"}}
            assert given == {name: answered[each["id"]].get(name) for name in given}

    assert 50 < compared


def selectable(kind, objects):
    """What the description of a type has; an example of groups has the properties of a mailbox as well."""
    names = {name for each in objects for name in each}
    return names & SHAPES[kind].known if kind in SHAPES else names


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/policies/identitySecurityDefaultsEnforcementPolicy", "securityDefaults"),
        ("/policies/authenticationMethodsPolicy", "authenticationMethodsPolicy"),
    ],
)
def test_the_documentations_single_objects_are_served_back_unchanged(path, kind):
    (body,) = (
        each["body"]
        for each in json.loads(shared("graph", "doc-examples-v1.json").read_text())["examples"]
        if each["path_template"] == path
    )
    tenant = Tenant()
    given = {name: value for name, value in body.items() if name != "@odata.context"}
    tenant.objects["tenantPolicies"][kind] = dict(given)
    answered = Asking(Service(tenant)).ok(f"/v1.0{path}")

    assert given == {name: answered[name] for name in answered if name != "@odata.context"}


OWNING = {"applications": "applications", "servicePrincipals": "servicePrincipals", "groups": "groups"}
"""Kinds that have owners, by the first segment of their path."""
NOT_SERVED = {
    "/directoryRoles",
    "/directoryRoles/{directoryRole-id}/members",
    "/domains",
    "/groupSettings",
    "/groups/delta()",
    "/oauth2PermissionGrants",
    "/policies/adminConsentRequestPolicy",
    "/policies/crossTenantAccessPolicy/default",
    "/policies/crossTenantAccessPolicy/partners",
    "/policies/roleManagementPolicies",
    "/policies/roleManagementPolicies/{unifiedRoleManagementPolicy-id}/rules",
    "/roleManagement/directory/roleAssignmentScheduleRequests",
    "/roleManagement/directory/roleAssignmentSchedules",
    "/roleManagement/directory/roleEligibilityScheduleRequests",
    "/roleManagement/directory/roleEligibilitySchedules",
    "/users/delta()",
}
"""Examples of requests that nobody here makes, and that the tenant does not answer."""
ALONE = {
    "/policies/identitySecurityDefaultsEnforcementPolicy": "securityDefaults",
    "/policies/authenticationMethodsPolicy": "authenticationMethodsPolicy",
}
"""Single objects, and what the tenant calls them."""
MINE = "00000000-0000-4000-8000-00000000000a"


def held_by(tenant, owner, objects):
    """Takes the members or owners of one thing. Answers id -> kind."""
    kinds = {word: kind for kind, word in TYPES.items()}
    tenant.take(owner, {"id": MINE, "displayName": "Mine", "visibility": None, "isAssignableToRole": None})
    held = {one["id"]: kinds.get(one.get("@odata.type"), "users") for one in objects}
    for one in objects:
        tenant.take(held[one["id"]], one)
    return held


def related(tenant, path, objects):
    """Takes the objects that a path lists into their places. Answers the address that shows them, or None."""
    segments = re.sub(r"\{[^}]*\}", MINE, path).strip("/").split("/")
    owner, relation = segments[0], segments[-1]
    if relation in ("owners", "members", "transitiveMembers") and owner in OWNING:
        held = tenant.owners if relation == "owners" else tenant.members
        held[MINE] = held_by(tenant, owner, objects)
    elif relation in ("memberOf", "transitiveMemberOf"):
        tenant.take("users", {"id": MINE})
        for one in objects:
            tenant.take("groups", one)
            tenant.members[one["id"]] = {MINE: "users"}
    elif relation in ("appRoleAssignedTo", "appRoleAssignments"):
        mine = objects[0]["resourceId" if relation == "appRoleAssignedTo" else "principalId"]
        tenant.take("servicePrincipals", {"id": mine})
        segments[1] = mine
        for one in objects:
            tenant.take("appRoleAssignments", one)
    elif relation in ("instances", "decisions"):
        tenant.take("accessReviews", {"id": MINE})
        runs = objects if relation == "instances" else [{"id": MINE}]
        tenant.objects["accessReviewInstances"][MINE] = {one["id"]: one for one in runs}
        tenant.objects["accessReviewDecisions"][MINE] = {one["id"]: one for one in objects}
    elif path in ("/organization", "/subscribedSkus", "/policies/roleManagementPolicyAssignments"):
        for one in objects:
            tenant.take(relation, one)
    else:
        return None
    if relation == "roleManagementPolicyAssignments":
        expanded = "&$expand=policy($expand=rules)" if "policy" in objects[0] else ""
        return f"/v1.0{path}?$filter=scopeType eq '{objects[0]['scopeType']}'{expanded}"
    return f"/v1.0/{'/'.join(segments)}"


def shown(path, objects):
    """What of the example the service can show: of members and owners, the properties that are listed by default."""
    if path.endswith(("ers", "Of", "getByIds")):
        for one in objects:
            names = SHAPES[next((kind for kind, word in TYPES.items() if word == one.get("@odata.type")), "users")]
            yield one["id"], {name: value for name, value in one.items() if name in (names.defaults or names.known)}
    else:
        yield from ((one["id"], one) for one in objects)


def test_the_documentations_examples_of_what_belongs_to_something_are_served_back_unchanged():
    """Members, owners, grants, runs of reviews and their decisions, rules, and the organization itself."""
    told, answered = set(), {*KINDS, *ALONE, *NOT_SERVED}
    for number, example in enumerate(json.loads(shared("graph", "doc-examples-v1.json").read_text())["examples"]):
        path, tenant = example["path_template"], Tenant()
        told.add(re.sub(r"/\{[^}]*\}$", "", path))
        listed = example["body"].get("value", [])
        # Two of one example share an id, which is a slip of the documentation.
        objects = list(
            {one["id"]: one for one in ({"id": f"{number}-{n}", **each} for n, each in enumerate(listed))}.values()
        )
        if path == "/directoryObjects/getByIds":
            for one in objects:
                tenant.take("users", one)
            body = Asking(Service(tenant)).post(f"/v1.0{path}", {"ids": [one["id"] for one in objects]}).body
        else:
            address = related(tenant, path, objects) if objects else None
            if address is None:
                continue
            body = Asking(Service(tenant)).ok(address)
        answered.add(path)
        found = {one["id"]: one for one in body["value"]}
        for id_, given in shown(path, objects):
            assert given == {name: found[id_].get(name) for name in given}, path

    assert set() == told ^ answered


ARM_KINDS = {
    "RoleAssignments_ListForSubscription": "azureAssignments",
    "RoleAssignments_ListForScope": "azureAssignments",
    "GetAllDenyAssignments": "denyAssignments",
    "GetDenyAssignmentByScope": "denyAssignments",
    "GetRoleAssignmentScheduleInstancesByScope": "azure roleAssignmentScheduleInstances",
    "GetRoleEligibilityScheduleInstancesByScope": "azure roleEligibilityScheduleInstances",
    "WorkspacesGet": "workspaces",
    "TablesList": "tables",
    "DataExportListByWorkspace": "dataExports",
    "StorageAccountGetProperties": "storageAccounts",
    "StorageAccountGetManagementPolicy": "lifecycles",
    "BlobContainersList": "containers",
    "BlobContainersGetImmutabilityPolicy": "immutability",
    "listSubscriptionDiagnosticSettings": "logSettings",
    "GetSubscription": "subscriptions",
    "GetActivityLogsFiltered": "activityLog",
}
"""Official examples of Resource Manager, and where the tenant keeps such objects."""
VERSIONS = {
    "azureAssignments": AUTH,
    "denyAssignments": AUTH,
    "azure roleAssignmentScheduleInstances": PIM,
    "azure roleEligibilityScheduleInstances": PIM,
    "workspaces": WORKSPACES,
    "tables": WORKSPACES,
    "dataExports": EXPORTS,
    "logSettings": DIAGNOSTICS,
    "subscriptions": SUBSCRIPTIONS,
    "activityLog": ACTIVITY,
    **dict.fromkeys(("storageAccounts", "lifecycles", "containers", "immutability"), STORAGE),
}
BELOW = {"tables": 2, "dataExports": 2, "lifecycles": 2, "containers": 4, "immutability": 4}
"""How many segments of an id come after that of the resource it is below."""


def placed(tenant, kind, one):
    """Where the tenant keeps it; the address that answers it, or a list with it."""
    id_ = f"/{one['id'].lstrip('/')}"
    address = id_.rpartition("/")[0]
    base = "/".join(id_.split("/")[: -BELOW.get(kind, 0)]) if kind in BELOW else ""
    match kind:
        case "tables" | "dataExports" | "containers":
            tenant.objects[kind][base] = {one["name"]: one}
            address = f"{base}/{'blobServices/default/containers' if kind == 'containers' else kind}"
        case "lifecycles":
            tenant.objects[kind][base] = one
            address = id_
        case "immutability":
            base = id_.partition("/blobServices/")[0]
            name = id_.split("/containers/")[1].partition("/")[0]
            tenant.objects["containers"][base] = {name: {"name": name}}
            tenant.objects[kind][base] = {name: one}
            address = id_
        case "logSettings":
            scope = f"/subscriptions/{id_.split('/')[2]}"
            tenant.objects[kind][id_.lower()] = one
            tenant.objects["logSettingScopes"][id_.lower()] = {"scope": scope.lower()}
            address = f"{scope}/providers/Microsoft.Insights/diagnosticSettings"
        case "activityLog":
            tenant.objects[kind][one["eventDataId"]] = one
            since = f"$filter=eventTimestamp ge {one['eventTimestamp']}"
            scope = f"/subscriptions/{one['subscriptionId']}/providers/Microsoft.Insights"
            address = f"{scope}/eventtypes/management/values?{since}"
        case "subscriptions":
            address = id_
        case _:
            tenant.objects[kind][id_ if kind in ("workspaces", "storageAccounts") else id_.lower()] = one
            address = id_ if kind in ("workspaces", "storageAccounts") else address
    if base:
        owner = "workspaces" if "/workspaces/" in base.lower() else "storageAccounts"
        tenant.objects[owner][base] = {"id": base}
    return address


def arm_examples():
    folder = shared("arm", "specification")
    for name, kind in ARM_KINDS.items():
        (file,) = folder.rglob(f"{name}.json")
        body = json.loads(file.read_text())["responses"]["200"]["body"]
        for one in body["value"] if isinstance(body.get("value"), list) else [body]:
            yield name, kind, one


def test_resource_managers_examples_are_served_back_unchanged():
    compared = 0
    for name, kind, one in arm_examples():
        tenant = Tenant()
        given = f"/{one['id'].lstrip('/')}".split("/")
        subscription = given[2].lower()
        tenant.objects["subscriptions"][subscription] = one if kind == "subscriptions" else {"id": "/".join(given[:3])}
        tenant.objects["subscriptions"][subscription].setdefault("subscriptionId", subscription)
        moment = one.get("eventTimestamp") or (one.get("properties") or {}).get("startDateTime")
        tenant.move_to(read(moment[:19] + "Z") if moment else tenant.now)
        address = placed(tenant, kind, one)
        asking = Asking(Service(tenant))
        version = VERSIONS[kind][0]
        body = asking.ok(f"{address}{'&' if '?' in address else '?'}api-version={version}")
        compared += 1

        assert one in body.get("value", [body]), name

    assert 18 <= compared


def exported_policies():
    for file in sorted(shared("azure", "ca-policies").rglob("*.json")):
        yield from _policies(json.loads(file.read_text()))


def _policies(node):
    if isinstance(node, list):
        for each in node:
            yield from _policies(each)
    elif isinstance(node, dict):
        if {"displayName", "conditions", "state"} <= set(node):
            yield node
        else:
            for each in node.values():
                yield from _policies(each)


def powershell_policies():
    """Policies as PowerShell exported them, with Graph's spelling of names and moments restored."""
    for name in ("scuba-tenant-createreport.json", "scuba-tenant-runrego.json"):
        found = json.loads(shared("azure", name).read_text())["conditional_access_policies"]
        for policy in found if isinstance(found, list) else [found]:
            yield _spelled(policy)


def _spelled(node):
    if isinstance(node, list):
        return [_spelled(each) for each in node]
    if isinstance(node, dict):
        return {key[0].lower() + key[1:]: _spelled(value) for key, value in node.items()}
    moment = re.fullmatch(r"/Date\((\d+)\)/", node) if isinstance(node, str) else None
    return node if moment is None else written(datetime.fromtimestamp(int(moment[1]) // 1000, UTC))


@pytest.mark.parametrize(("policies", "at_least"), [(exported_policies, 100), (powershell_policies, 20)])
def test_exported_policies_are_served_back_unchanged(policies, at_least):
    tenant, taken = Tenant(), {}
    for number, policy in enumerate(policies()):
        whole = {**policy, "id": tenant.guid("exported", number)}
        taken[tenant.raw_policy(whole)] = whole

    served = Asking(Service(tenant)).value("/v1.0/identity/conditionalAccess/policies")

    assert at_least < len(taken)
    assert taken == {each["id"]: each for each in served}
    assert without_transport(taken) == {one.urn: one.configuration for one in collected(tenant).entities}


def collected(tenant):
    """What the product makes of the policies that a tenant serves."""
    reached = Reached(tenant)
    reading = Reading(reached.session(), reached.time.now, tenant.tenant_id)
    (collection,) = CONDITIONAL_ACCESS_POLICIES.collections(reading)
    return collection


def without_transport(node):
    if isinstance(node, list):
        return [without_transport(each) for each in node]
    if isinstance(node, dict):
        return {key: without_transport(each) for key, each in node.items() if not key.endswith("@odata.context")}
    return node


def test_what_nobody_has_heard_of_yet_is_collected_all_the_same():
    tenant = Tenant()
    strange = {
        "id": "00000000-0000-4000-8000-000000000001",
        "displayName": "From next year",
        "state": "enabledForSome",
        "conditions": {"clientAppTypes": ["telepathy"], "quantum": {"entangled": True}, "users": {"includeMoods": []}},
        "grantControls": {"operator": "XOR", "builtInControls": ["oath"], "authenticationStrength": None},
        "unheardOf": [None, 3, {"a": 1.5}],
    }
    tenant.raw_policy(strange)

    assert [strange] == [one.configuration for one in collected(tenant).entities]
