"""Which programs may do what in Microsoft Graph as themselves: application permissions, read from Graph's own side.

Graph lists everything that is granted on it in one listing, where asking each service principal would take a request
for each. A grant names a role of Graph by id; what the role is called stands with Graph's service principal.
"""

from collections.abc import Iterator

from observant.collect.microsoft.operation import graph
from observant.collect.microsoft.paging import entities_of
from observant.collect.microsoft.reading import Declaration, Part, Reading
from observant.evidence.snapshot import Collection, Entity, Json

_READ = "Application.Read.All"
_RESOURCE = graph("/servicePrincipals/{id}", _READ)
_GRANTED = graph("/servicePrincipals/{id}/appRoleAssignedTo", _READ, units=2)

GRAPH_APP = "00000003-0000-0000-c000-000000000000"
"""The application id of Microsoft Graph, the same in every tenant and cloud."""


def _permissions(reading: Reading) -> Iterator[Collection]:
    principals = reading.need("entra.service_principals").entities
    found = [one for each in principals if _app(each) == GRAPH_APP for one in _granted_on(reading, each.urn)]
    yield Collection("entra.app_permissions", entities_of(_GRANTED, found))


def _app(principal: Entity) -> str:
    return str(principal.configuration.get("appId", "")).lower()


def _granted_on(reading: Reading, resource: str) -> Iterator[Json]:
    """Each grant, with the name of its role as `appRoleValue` where the resource has such a role."""
    described = reading.one(_RESOURCE, {"$select": "id,appId,appRoles"}, id=resource)
    roles = described.get("appRoles")
    named = {role["id"]: role.get("value") for role in roles if "id" in role} if isinstance(roles, list) else {}
    for grant in reading.items(_GRANTED, {"$top": "999"}, id=resource):
        role = grant.get("appRoleId")
        yield {**grant, "appRoleValue": named[role]} if role in named else grant


APP_PERMISSIONS = Part(Declaration(("entra.app_permissions",), (_RESOURCE, _GRANTED)), _permissions)
