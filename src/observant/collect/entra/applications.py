"""Applications and service principals: credentials, federated credentials, owners, and when they last signed in."""

from collections.abc import Callable, Iterator

from observant.collect.entra.directory import PAGE, reconciled
from observant.collect.entra.groups import references
from observant.collect.microsoft.clouds import CLOUDS
from observant.collect.microsoft.operation import Operation, beta, graph
from observant.collect.microsoft.pace import Service
from observant.collect.microsoft.paging import entities_of, tidy
from observant.collect.microsoft.reading import Ahead, Declaration, Part, Reading, each
from observant.collect.microsoft.refusal import Refused
from observant.collect.unread import Unread
from observant.evidence.snapshot import Collection, Entity, Json

_READ = "Application.Read.All"

APPLICATIONS_LISTED = graph("/applications", _READ, units=3)
APPLICATIONS_COUNTED = graph("/applications/$count", _READ, units=2)
APPLICATION_OWNERS = graph("/applications/{id}/owners", _READ, units=2)
FEDERATED = graph("/applications/{id}/federatedIdentityCredentials", _READ, units=2)
PRINCIPALS_LISTED = graph("/servicePrincipals", _READ, units=3)
PRINCIPALS_COUNTED = graph("/servicePrincipals/$count", _READ, units=2)
PRINCIPAL_OWNERS = graph("/servicePrincipals/{id}/owners", _READ, units=2)
ACTIVITIES = beta("/reports/servicePrincipalSignInActivities", "AuditLog.Read.All", Service.REPORTS)

APPLICATION_FIELDS = "id,appId,displayName,createdDateTime,signInAudience,passwordCredentials,keyCredentials,tags"
PRINCIPAL_FIELDS = (
    "id,appId,displayName,servicePrincipalType,accountEnabled,appOwnerOrganizationId,passwordCredentials,"
    "keyCredentials,tags,createdDateTime,alternativeNames"
)
_OWNERS = {"$expand": "owners($select=id)"}
MOST_EXPANDED = 20
"""How many owners an expanded listing shows at most."""


def _applications(reading: Reading) -> Iterator[Collection]:
    found = reading.items(APPLICATIONS_LISTED, {"$select": APPLICATION_FIELDS, **PAGE, **_OWNERS})
    listed = {entity.urn: entity for entity in entities_of(APPLICATIONS_LISTED, found)}
    shown = {application["id"]: application for application in found}

    def read(application: str) -> list[Entity]:
        owners = _owners(reading, APPLICATION_OWNERS, shown[application])
        credentials = [tidy(one) for one in reading.items(FEDERATED, None, id=application)]
        more = {"owners": owners, "federatedIdentityCredentials": credentials}
        return [Entity(application, {**listed[application].configuration, **more})]

    def ahead(applications: list[str]) -> None:
        reading.ahead(FEDERATED, [({}, {"id": application}) for application in applications])

    yield _counted(reading, "entra.applications", APPLICATIONS_COUNTED, listed, read, ahead)


def _principals(reading: Reading) -> Iterator[Collection]:
    found = reading.items(PRINCIPALS_LISTED, {"$select": PRINCIPAL_FIELDS, **PAGE, **_OWNERS})
    listed = {entity.urn: entity for entity in entities_of(PRINCIPALS_LISTED, found)}
    shown = {principal["id"]: principal for principal in found}

    def read(principal: str) -> list[Entity]:
        owners = _owners(reading, PRINCIPAL_OWNERS, shown[principal])
        return [Entity(principal, {**listed[principal].configuration, "owners": owners})]

    yield _counted(reading, "entra.service_principals", PRINCIPALS_COUNTED, listed, read)


def _counted(
    reading: Reading,
    name: str,
    counting: Operation,
    listed: dict[str, Entity],
    read: Callable[[str], list[Entity]],
    ahead: Ahead = lambda _: None,
) -> Collection:
    def instead(urn: str, unread: Unread) -> Entity:
        known = {key: listed[urn].configuration.get(key) for key in ("id", "appId", "displayName")}
        return Entity(urn, {**known, **unread.instead})

    return reconciled(reading, name, each(listed, read, instead, ahead), counting)


def _owners(reading: Reading, operation: Operation, owned: Json) -> list[Json]:
    """The owners in a listing, or all of them from a listing of their own when that shows only the first."""
    shown = owned.get("owners")
    if not isinstance(shown, list) or len(shown) >= MOST_EXPANDED or "owners@odata.nextLink" in owned:
        shown = reading.items(operation, {"$select": "id"}, id=owned["id"])
    return references(operation, shown)


_NATIONAL = frozenset(cloud.graph for name, cloud in CLOUDS.items() if name != "global")


def _activities(reading: Reading) -> list[Json]:
    """The report, which Microsoft has in the global cloud only. Raises Unread, which says so in the others."""
    try:
        return reading.items(ACTIVITIES)
    except Refused as refused:
        if refused.status not in (400, 404) or reading.session.endpoints.graph not in _NATIONAL:
            raise
        detail = f"this report is not offered in national clouds ({refused.detail})"
        raise Refused(refused.reason, detail, refused.code, refused.status) from refused


def _activity(reading: Reading) -> Iterator[Collection]:
    entities: list[Entity] = []
    for entity in entities_of(ACTIVITIES, _activities(reading), "appId"):
        usage = {key: value for key, value in entity.configuration.items() if key not in ("appId", "id")}
        entities.append(Entity(entity.urn, {"appId": entity.urn}, usage))
    yield Collection("entra.service_principal_activity", entities)


APPLICATIONS = Part(
    Declaration(("entra.applications",), (APPLICATIONS_LISTED, APPLICATIONS_COUNTED, APPLICATION_OWNERS, FEDERATED)),
    _applications,
)

SERVICE_PRINCIPALS = Part(
    Declaration(("entra.service_principals",), (PRINCIPALS_LISTED, PRINCIPALS_COUNTED, PRINCIPAL_OWNERS)),
    _principals,
)

SERVICE_PRINCIPAL_ACTIVITY = Part(Declaration(("entra.service_principal_activity",), (ACTIVITIES,)), _activity)
