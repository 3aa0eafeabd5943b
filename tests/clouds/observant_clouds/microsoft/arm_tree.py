"""Azure's tree: management groups and subscriptions."""

from observant_clouds.microsoft.arm_answers import SUBSCRIPTION, may_read, route
from observant_clouds.microsoft.azure import mg_id
from observant_clouds.microsoft.message import Refusal
from observant_clouds.microsoft.routing import Call, Route
from observant_clouds.microsoft.state import Json

SUBSCRIPTIONS = ("2022-12-01", "2020-01-01")
MANAGEMENT = ("2023-04-01", "2020-05-01", "2021-04-01")


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


ROUTES: list[Route] = [
    route("/subscriptions", SUBSCRIPTIONS, _subscriptions),
    route(SUBSCRIPTION, SUBSCRIPTIONS, _subscription),
    route("/providers/Microsoft.Management/managementGroups", MANAGEMENT, _groups),
    route("/providers/Microsoft.Management/managementGroups/{group}", MANAGEMENT, _group),
]
