"""Where logs are sent, and what keeps them there: settings, workspaces with their tables, storage with its containers.

`retentionPolicy` inside a diagnostic setting is dead (ignored since 2025-09-30), so what counts is at the destination.
"""

from collections.abc import Iterable, Iterator

from observant.collect.microsoft.operation import Operation, arm
from observant.collect.microsoft.paging import entities_of, tidy
from observant.collect.microsoft.reading import Declaration, Part, Reading, each
from observant.collect.microsoft.refusal import GONE
from observant.collect.unread import Unread
from observant.evidence.snapshot import Collection, Entity, Json

TENANT_SETTINGS = arm(
    "/providers/microsoft.aadiam/diagnosticSettings", "microsoft.aadiam/diagnosticSettings/read", "2017-04-01"
)
SUBSCRIPTION_SETTINGS = arm(
    "/subscriptions/{subscription}/providers/Microsoft.Insights/diagnosticSettings",
    "Microsoft.Insights/diagnosticSettings/read",
    "2021-05-01-preview",
)

_WORKSPACES = "Microsoft.OperationalInsights/workspaces"
WORKSPACE = arm("{id}", f"{_WORKSPACES}/read", "2023-09-01", "workspace")
TABLES = arm("{id}/tables", f"{_WORKSPACES}/tables/read", "2022-10-01")
EXPORTS = arm("{id}/dataExports", f"{_WORKSPACES}/dataExports/read", "2020-08-01")

_ACCOUNTS = "Microsoft.Storage/storageAccounts"
ACCOUNT = arm("{id}", f"{_ACCOUNTS}/read", "2023-05-01", "storage account")
LIFECYCLE = arm("{id}/managementPolicies/default", f"{_ACCOUNTS}/managementPolicies/read", "2023-05-01")
BLOB_SERVICE = arm("{id}/blobServices/default", f"{_ACCOUNTS}/blobServices/read", "2023-05-01")
CONTAINERS = arm("{id}/blobServices/default/containers", f"{_ACCOUNTS}/blobServices/containers/read", "2023-05-01")
IMMUTABILITY = arm(
    "{id}/blobServices/default/containers/{container}/immutabilityPolicies/default",
    f"{_ACCOUNTS}/blobServices/containers/immutabilityPolicies/read",
    "2023-05-01",
)

DESTINATIONS = (WORKSPACE, TABLES, EXPORTS, ACCOUNT, LIFECYCLE, BLOB_SERVICE, CONTAINERS, IMMUTABILITY)

LOG_CONTAINERS = ("insights-logs-", "insights-activity-logs", "am-")
"""How the containers begin that Azure Monitor writes to: by category, formerly by activity log, by data export."""


def settings_part(collection: str, operation: Operation, *, of_subscription: bool) -> Part:
    """The diagnostic settings of the tenant, or of the subscription that is read."""

    def read(reading: Reading) -> Iterator[Collection]:
        parts = {"subscription": reading.identifier} if of_subscription else {}
        yield Collection(collection, entities_of(operation, reading.items(operation, None, **parts), "name"))

    return Part(Declaration((collection,), (operation,)), read)


def destinations_part(collection: str, settings: str) -> Part:
    """Everything that the settings in an earlier collection send to, each destination once."""

    def read(reading: Reading) -> Iterator[Collection]:
        found = destinations(entity.configuration for entity in reading.need(settings).entities)

        def destination(one: str) -> list[Entity]:
            return [Entity(one.lower(), {"id": one, "kind": found[one], **_READERS[found[one]](reading, one)})]

        def instead(one: str, unread: Unread) -> Entity:
            return Entity(one.lower(), {"id": one, "kind": found[one], **unread.instead})

        yield Collection(collection, each(found, destination, instead))

    return Part(Declaration((collection,), DESTINATIONS), read)


_KINDS = {
    "workspaceId": "workspace",
    "storageAccountId": "storage",
    "eventHubAuthorizationRuleId": "event_hub",
    "marketplacePartnerId": "partner",
}


def destinations(settings: Iterable[Json]) -> dict[str, str]:
    """ARM id -> kind of every destination, one spelling for each: ARM does not care for case."""
    found: dict[str, tuple[str, str]] = {}
    for setting in settings:
        properties = setting.get("properties") or {}
        for field, kind in _KINDS.items():
            identifier = properties.get(field)
            if isinstance(identifier, str) and identifier.startswith("/"):
                found.setdefault(identifier.lower(), (identifier, kind))
    return {identifier: kind for _, (identifier, kind) in sorted(found.items())}


def _workspace(reading: Reading, identifier: str) -> Json:
    return {
        "workspace": tidy(reading.one(WORKSPACE, id=identifier)),
        "tables": _sorted(reading.items(TABLES, id=identifier)),
        "dataExports": _sorted(reading.items(EXPORTS, id=identifier)),
    }


def _storage(reading: Reading, identifier: str) -> Json:
    return {
        "account": tidy(reading.one(ACCOUNT, id=identifier)),
        "lifecycle": _or_none(reading, LIFECYCLE, id=identifier),
        "blobService": tidy(reading.one(BLOB_SERVICE, id=identifier)),
        "containers": [
            _container(reading, identifier, one) for one in _sorted(reading.items(CONTAINERS, id=identifier))
        ],
    }


def _container(reading: Reading, account: str, container: Json) -> Json:
    """A container as listed; those that logs are written to with their immutability policy."""
    name = str(container.get("name", ""))
    if not name.startswith(LOG_CONTAINERS):
        return container
    return {**container, "immutabilityPolicy": _or_none(reading, IMMUTABILITY, id=account, container=name)}


def _or_none(reading: Reading, operation: Operation, **parts: str) -> Json | None:
    """An object of which there may be none, which is an answer too."""
    try:
        read: Json = tidy(reading.one(operation, None, **parts))
    except Unread as unread:
        if unread.code in GONE | _NONE_SET:
            return None
        raise
    return read


_NONE_SET = frozenset({"ManagementPolicyNotFound", "ContainerOperationFailure", "ImmutabilityPolicyNotFound"})


def _elsewhere(reading: Reading, identifier: str) -> Json:  # noqa: ARG001 (one of _READERS)
    """What becomes of logs in a hub or at a partner is not to be seen in Azure."""
    return {}


def _sorted(found: list[Json]) -> list[Json]:
    return sorted((tidy(one) for one in found), key=lambda one: str(one.get("id", one.get("name", ""))))


_READERS = {"workspace": _workspace, "storage": _storage, "event_hub": _elsewhere, "partner": _elsewhere}
