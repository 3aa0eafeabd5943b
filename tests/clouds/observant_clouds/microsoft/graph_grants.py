"""Graph's answers about application permissions: by who holds them, and by what they are held on."""

from observant_clouds.microsoft import permissions as may
from observant_clouds.microsoft.graph_answers import Rows, listing, named
from observant_clouds.microsoft.query import Shape
from observant_clouds.microsoft.routing import Call, Route
from observant_clouds.microsoft.state import Json

_SHAPE = Shape("appRoleAssignment", {"id": "eq", "principalDisplayName": "eq startswith", "resourceId": "eq"})
_PRINCIPAL = "/servicePrincipals/{servicePrincipal-id}"


def _grants(where: str) -> Rows:
    def rows(call: Call) -> list[Json]:
        id_ = named("servicePrincipals", "servicePrincipal-id")(call)["id"]
        return [each for each in call.tenant.all("appRoleAssignments") if each[where] == id_]

    return rows


ROUTES: list[Route] = [
    listing(f"{_PRINCIPAL}/appRoleAssignedTo", _grants("resourceId"), may.APPLICATIONS, _SHAPE, cost=2),
    listing(f"{_PRINCIPAL}/appRoleAssignments", _grants("principalId"), may.APPLICATIONS, _SHAPE, cost=2),
]
