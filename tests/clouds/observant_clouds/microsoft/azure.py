"""Management groups, subscriptions, and who may do what in them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from observant_clouds.microsoft.activity import AUTHORIZATION, ActivityLog
from observant_clouds.microsoft.role_rules import RoleRules
from observant_clouds.microsoft.state import Json, When

BUILTIN_AZURE_ROLES: dict[str, tuple[str, list[str], list[str]]] = {
    "Owner": ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", ["*"], []),
    "Contributor": (
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        ["*"],
        [
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
        ],
    ),
    "Reader": ("acdd72a7-3385-48ef-bd42-f606fba81ae7", ["*/read"], []),
    "User Access Administrator": (
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        ["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"],
        [],
    ),
    "Role Based Access Control Administrator": (
        "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        [
            "Microsoft.Authorization/roleAssignments/write",
            "Microsoft.Authorization/roleAssignments/delete",
            "*/read",
            "Microsoft.Support/*",
        ],
        [],
    ),
}
_KINDS = {"users": "User", "groups": "Group", "servicePrincipals": "ServicePrincipal", None: "Unknown"}


class Azure(ActivityLog):
    """The part of a tenant that is Azure."""

    def management_group(self, name: str, *, parent: str | None = None, display: str = "") -> str:
        """Make a management group below another, or below the root. Answers its ARM id."""
        id_ = mg_id(name)
        self.objects["managementGroups"][id_.lower()] = {
            "id": id_,
            "name": name,
            "displayName": display or name,
            "parent": mg_id(parent or self.tenant_id),
        }
        return id_

    def subscription(self, name: str, *, parent: str | None = None, tags: dict[str, str] | None = None) -> str:
        """Make a subscription, in a management group or below the root. Answers its id (a GUID)."""
        id_ = self.guid("subscription", name)
        one = {
            "id": f"/subscriptions/{id_}",
            "subscriptionId": id_,
            "displayName": name,
            "tenantId": self.tenant_id,
            "state": "Enabled",
            "authorizationSource": "RoleBased",
            "managedByTenants": [],
            "subscriptionPolicies": {
                "locationPlacementId": "Public_2014-09-01",
                "quotaId": "PayAsYouGo_2014-09-01",
                "spendingLimit": "Off",
            },
            "tags": tags or {},
        }
        self.objects["subscriptions"][id_] = one
        self.names["subscriptions", name.lower()] = id_
        self.objects["subscriptionParents"][id_] = {"parent": mg_id(parent or self.tenant_id)}
        return id_

    def scope(self, name: str) -> str:
        """A scope by the name of its subscription or management group; paths, `/` included, stay as they are."""
        if name.startswith("/"):
            return name if name == "/" else name.rstrip("/")
        if ("subscriptions", name.lower()) in self.names:
            return f"/subscriptions/{self.names['subscriptions', name.lower()]}"
        if mg_id(name).lower() in self.objects["managementGroups"] or name == self.tenant_id:
            return mg_id(name)
        raise KeyError(f"no such scope: {name}")

    def above(self, scope: str) -> list[str]:
        """The scope and everything it inherits from, up to `/`, in lower case."""
        found, here = [], scope.lower()
        while here not in ("", "/"):
            found.append(here)
            here = self._parent(here)
        return [*found, "/"]

    def _parent(self, scope: str) -> str:
        if "/managementgroups/" in scope:
            known = self.objects["managementGroups"].get(scope)
            return str(known["parent"]).lower() if known else "/"
        parts = scope.split("/")
        if len(parts) == 3 and parts[1] == "subscriptions":
            known = self.objects["subscriptionParents"].get(parts[2])
            return str(known["parent"]).lower() if known else "/"
        if len(parts) == 5 and parts[3] == "resourcegroups":
            return "/".join(parts[:3])
        return scope.rpartition("/providers/")[0] or "/"

    # -- roles

    def azure_role(self, name: str) -> Json:
        """A built-in or custom role definition by name, without the scope it is asked at."""
        if name in BUILTIN_AZURE_ROLES:
            guid, actions, excluded = BUILTIN_AZURE_ROLES[name]
            return self._azure_definition(name, guid, actions, excluded, "BuiltInRole", ["/"])
        return self.find("azureRoles", name)

    def _azure_definition(
        self, name: str, guid: str, actions: list[str], excluded: list[str], kind: str, scopes: list[str]
    ) -> Json:
        permission = {"actions": actions, "notActions": excluded, "dataActions": [], "notDataActions": []}
        return {
            "id": f"/providers/{AUTHORIZATION}/roleDefinitions/{guid}",
            "type": f"{AUTHORIZATION}/roleDefinitions",
            "name": guid,
            "properties": {
                "roleName": name,
                "type": kind,
                "description": f"The role {name}.",
                "assignableScopes": scopes,
                "permissions": [permission],
                "createdOn": "2015-02-02T21:55:09.8806423Z",
                "updatedOn": "2024-01-01T00:00:00.0000000Z",
                "createdBy": None,
                "updatedBy": None,
            },
        }

    def custom_azure_role(self, name: str, actions: Iterable[str], scope: str, *, excluded: Iterable[str] = ()) -> str:
        """Define a role that can be assigned at `scope`. Answers its GUID."""
        guid, where = self.guid("azure role", name), self.scope(scope)
        one = self._azure_definition(name, guid, list(actions), list(excluded), "CustomRole", [where])
        one["id"] = f"{where}/providers/{AUTHORIZATION}/roleDefinitions/{guid}"
        self.keep("azureRoles", name, one)
        return guid

    def azure_assignment(
        self, principal: str, role: str, scope: str, *, created: When = 300, by: str | None = None, **properties: Any
    ) -> str:
        """Assign an Azure role at a scope. Answers the assignment's ARM id."""
        where, who = self.scope(scope), self.id_of(principal)
        name = self.guid("azure assignment", who, role, where)
        one: Json = {
            "id": f"{where.rstrip('/')}/providers/{AUTHORIZATION}/roleAssignments/{name}",
            "type": f"{AUTHORIZATION}/roleAssignments",
            "name": name,
            "properties": {
                "roleDefinitionId": self._definition_at(role, where),
                "principalId": who,
                "principalType": _KINDS[self.kind_of(who)],
                "scope": where,
                "condition": None,
                "conditionVersion": None,
                "createdOn": self.at(created),
                "updatedOn": self.at(created),
                "createdBy": self.id_of(by, "users") if by else None,
                "updatedBy": self.id_of(by, "users") if by else None,
                "delegatedManagedIdentityResourceId": None,
                "description": None,
                **properties,
            },
        }
        self.objects["azureAssignments"][one["id"].lower()] = one
        self.activity("roleAssignments/write", one["id"], by=by, body=one["properties"])
        return str(one["id"])

    def remove_azure_assignment(self, principal: str, role: str, scope: str, *, by: str | None = None) -> None:
        where, who = self.scope(scope), self.id_of(principal)
        name = self.guid("azure assignment", who, role, where)
        id_ = f"{where.rstrip('/')}/providers/{AUTHORIZATION}/roleAssignments/{name}"
        del self.objects["azureAssignments"][id_.lower()]
        self.activity("roleAssignments/delete", id_, by=by)

    def _definition_at(self, role: str, where: str) -> str:
        guid = self.azure_role(role)["name"]
        parts = where.split("/")
        prefix = "/".join(parts[:3]) if where.startswith("/subscriptions/") else ""
        return f"{prefix}/providers/{AUTHORIZATION}/roleDefinitions/{guid}"

    def deny(self, name: str, principal: str, scope: str, actions: Iterable[str]) -> str:
        """A deny assignment, as a managed application or a deployment stack makes one."""
        where, guid = self.scope(scope), self.guid("deny", name)
        who = self.id_of(principal)
        one: Json = {
            "id": f"{where}/providers/{AUTHORIZATION}/denyAssignments/{guid}",
            "type": f"{AUTHORIZATION}/denyAssignments",
            "name": guid,
            "properties": {
                "denyAssignmentName": name,
                "description": "",
                "permissions": [{"actions": list(actions), "notActions": [], "dataActions": [], "notDataActions": []}],
                "scope": where,
                "doNotApplyToChildScopes": False,
                "principals": [{"id": who, "type": _KINDS[self.kind_of(who)]}],
                "excludePrincipals": [],
                "isSystemProtected": True,
            },
        }
        self.objects["denyAssignments"][one["id"].lower()] = one
        return str(one["id"])

    # -- PIM for Azure resources

    def azure_eligible(self, principal: str, role: str, scope: str, *, start: When = 300, until: When = None) -> str:
        """Let a principal activate an Azure role. Answers the instance's ARM id."""
        return self._azure_instance("roleEligibilityScheduleInstances", principal, role, scope, start, until, {})

    def azure_activate(self, principal: str, role: str, scope: str, hours: float = 8, *, when: When = None) -> str:
        """Activate an eligible Azure role: an assignment that ends by itself."""
        begun = self.moment(when)
        assignment = self.azure_assignment(principal, role, scope, created=begun, by=None)
        more = {"assignmentType": "Activated", "originRoleAssignmentId": assignment}
        return self._azure_instance(
            "roleAssignmentScheduleInstances", principal, role, scope, begun, begun + timedelta(hours=hours), more
        )

    def _azure_instance(
        self, kind: str, principal: str, role: str, scope: str, start: When, until: When, more: Json
    ) -> str:
        where, who = self.scope(scope), self.id_of(principal)
        name = self.guid("azure", kind, who, role, where, self.at(start))
        schedule = "roleEligibilitySchedule" if kind.startswith("roleEligibility") else "roleAssignmentSchedule"
        one: Json = {
            "id": f"{where.rstrip('/')}/providers/{AUTHORIZATION}/{kind}/{name}",
            "type": f"{AUTHORIZATION}/{kind}",
            "name": name,
            "properties": {
                "scope": where,
                "roleDefinitionId": self._definition_at(role, where),
                "principalId": who,
                "principalType": _KINDS[self.kind_of(who)],
                f"{schedule}Id": f"{where.rstrip('/')}/providers/{AUTHORIZATION}/{schedule}s/{name}",
                "status": "Provisioned",
                "startDateTime": self.at(start),
                "endDateTime": None if until is None else self.at(until),
                "memberType": "Direct",
                "createdOn": self.at(start),
                "condition": None,
                "conditionVersion": None,
                **more,
            },
        }
        self.objects[f"azure {kind}"][one["id"].lower()] = one
        return str(one["id"])

    def azure_role_policy(self, role: str, scope: str, **rules: Any) -> None:
        """Set how an Azure role is activated at a scope; the settings are `RoleRules`."""
        where, approvers = self.scope(scope), rules.pop("approvers", ())
        named = tuple((self.kind_of(each), each) for each in self.ids(approvers))
        key = f"{where} {self.azure_role(role)['name']}".lower()
        self.objects["azureRoleRules"][key] = {
            "rules": RoleRules(**rules, approvers=named),
            "scope": where,
            "role": role,
        }


def mg_id(name: str) -> str:
    return name if name.startswith("/") else f"/providers/Microsoft.Management/managementGroups/{name}"
