"""Where Azure's logs and the tenant's go, how long they are kept there, and the activity log."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from observant_clouds.microsoft.arm_answers import SUBSCRIPTION, may_read, route, scope_of
from observant_clouds.microsoft.filters import Filter
from observant_clouds.microsoft.logs import ENTRA_CATEGORIES
from observant_clouds.microsoft.message import Refusal
from observant_clouds.microsoft.routing import Call, Route
from observant_clouds.microsoft.state import Json, written

DIAGNOSTICS = ("2021-05-01-preview",)
AADIAM = ("2017-04-01", "2017-04-01-preview")
ACTIVITY = ("2015-04-01",)
WORKSPACES = ("2023-09-01", "2022-10-01")
EXPORTS = ("2020-08-01", "2023-09-01")
STORAGE = ("2023-05-01", "2023-01-01", "2022-09-01")

_IN_GROUP = SUBSCRIPTION + "/resourceGroups/{group}/providers"
_WORKSPACE = _IN_GROUP + "/Microsoft.OperationalInsights/workspaces/{workspace}"
_ACCOUNT = _IN_GROUP + "/Microsoft.Storage/storageAccounts/{account}"
_BLOBS = _ACCOUNT + "/blobServices/default"


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
    return call.tenant.log_settings(scope_of(call))


ROUTES: list[Route] = [
    route("/providers/microsoft.aadiam/diagnosticSettings", AADIAM, _tenant_settings, paged=False),
    route("/providers/microsoft.aadiam/diagnosticSettingsCategories", AADIAM, _tenant_categories, paged=False),
    route("/providers/Microsoft.Insights/eventtypes/management/values", ACTIVITY, _tenant_activity),
    route(
        f"{SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values",
        ACTIVITY,
        _subscription_activity,
    ),
    route(
        f"{SUBSCRIPTION}/providers/Microsoft.OperationalInsights/workspaces",
        WORKSPACES,
        _of_subscription("workspaces"),
    ),
    route(_WORKSPACE, WORKSPACES, _workspace),
    route(f"{_WORKSPACE}/tables", WORKSPACES, _below("tables", _workspace), paged=False),
    route(f"{_WORKSPACE}/tables/{{table}}", WORKSPACES, _below("tables", _workspace, "table")),
    route(f"{_WORKSPACE}/dataExports", EXPORTS, _below("dataExports", _workspace), paged=False),
    route(f"{SUBSCRIPTION}/providers/Microsoft.Storage/storageAccounts", STORAGE, _of_subscription("storageAccounts")),
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
    route("{+scope}/providers/Microsoft.Insights/diagnosticSettings", DIAGNOSTICS, _settings_at, paged=False),
]
