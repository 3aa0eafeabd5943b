"""What programs may do in Microsoft Graph as themselves: application permissions, granted by an administrator."""

from observant_clouds.microsoft.journal import changed, target
from observant_clouds.microsoft.programs import SERVICE_PRINCIPAL, Programs
from observant_clouds.microsoft.state import Json, When

GRAPH_APP = "00000003-0000-0000-c000-000000000000"
"""The application id of Microsoft Graph, the same in every tenant and cloud."""
MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
"""The tenant that Microsoft's own applications are registered in."""


class AppPermissions(Programs):
    """The part of a tenant that is application permissions."""

    def application_permission(self, name: str, permission: str, *, on: str | None = None, granted: When = 300) -> str:
        """Grant a program a permission of Graph such as `User.Read.All`, or `on` another program. Answers its id."""
        holder, resource = self.find("servicePrincipals", name), self._permission_resource(on)
        role = self._app_role(resource, permission)
        id_ = self.guid("app role assignment", holder["id"], role["id"])
        one = {
            "id": id_,
            "deletedDateTime": None,
            "appRoleId": role["id"],
            "createdDateTime": self.at(granted),
            "principalDisplayName": holder["displayName"],
            "principalId": holder["id"],
            "principalType": "ServicePrincipal",
            "resourceDisplayName": resource["displayName"],
            "resourceId": resource["id"],
        }
        self.objects["appRoleAssignments"][id_] = one
        edit = changed("AppRole.Value", None, permission)
        targets = [target("ServicePrincipal", resource["id"], resource["displayName"], edit)]
        activity = "Add app role assignment to service principal"
        self.journal(activity, "Core Directory", "ApplicationManagement", "Add", targets)
        return id_

    def revoke_permission(self, name: str, permission: str) -> None:
        """Take a permission away. Raises KeyError when it was not granted."""
        holder, resource = self.find("servicePrincipals", name), self._permission_resource(None)
        del self.objects["appRoleAssignments"][
            self.guid("app role assignment", holder["id"], self._app_role(resource, permission)["id"])
        ]
        targets = [target("ServicePrincipal", resource["id"], resource["displayName"])]
        activity = "Remove app role assignment from service principal"
        self.journal(activity, "Core Directory", "ApplicationManagement", "Remove", targets)

    def _permission_resource(self, name: str | None) -> Json:
        """The service principal of a program; that of Graph is there as soon as something is granted on it."""
        if name is not None:
            return self.find("servicePrincipals", name)
        id_ = self.guid("service principal", GRAPH_APP)
        if id_ not in self.objects["servicePrincipals"]:
            name = "Microsoft Graph"
            one = {
                **SERVICE_PRINCIPAL,
                "id": id_,
                "appDisplayName": name,
                "appId": GRAPH_APP,
                "appOwnerOrganizationId": MICROSOFT,
                "appRoles": [],
                "createdDateTime": self.at(400),
                "displayName": name,
                "servicePrincipalNames": [GRAPH_APP],
                "signInAudience": "AzureADMultipleOrgs",
            }
            self.keep("servicePrincipals", name, one)
        return self.objects["servicePrincipals"][id_]

    def _app_role(self, resource: Json, permission: str) -> Json:
        found = next((each for each in resource["appRoles"] if each["value"] == permission), None)
        if found is None:
            found = {
                "id": self.guid("app role", permission),
                "allowedMemberTypes": ["Application"],
                "description": permission,
                "displayName": permission,
                "isEnabled": True,
                "origin": "Application",
                "value": permission,
            }
            resource["appRoles"].append(found)
        return found
