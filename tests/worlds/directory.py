"""A directory put together by hand, in the shapes in which collectors record one. For tests of single traps."""

from datetime import datetime, timedelta
from typing import Any

from observant.evidence.snapshot import Collection, Entity, Snapshot
from observant.model.time import text

Json = dict[str, Any]
TENANT = "7a0c5d0e-0000-4000-8000-000000000001"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
PRIVILEGED_ROLE_ADMINISTRATOR = "e8611ab8-c189-46e8-94e1-60213ab1f814"
USER_ADMINISTRATOR = "fe930be7-5e62-47db-91af-98c3a49a38b1"
DIRECTORY_READERS = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
ROLES = {
    GLOBAL_ADMINISTRATOR: "Global Administrator",
    PRIVILEGED_ROLE_ADMINISTRATOR: "Privileged Role Administrator",
    USER_ADMINISTRATOR: "User Administrator",
    DIRECTORY_READERS: "Directory Readers",
}
UNREAD: Json = {"Unread": {"reason": "denied", "detail": "Authorization_RequestDenied"}}


class Directory:
    """Collections of one scope as collection -> urn -> (configuration, usage). A change shows in the next `read`."""

    def __init__(self, scope: str = f"entra:{TENANT}") -> None:
        self.scope = scope
        self.found: dict[str, dict[str, tuple[Json, Json | None]]] = {}
        self._number = 0
        if scope.startswith("entra:"):
            self.keep("entra.organization", TENANT, {"displayName": "Example"})
            for id_, name in ROLES.items():
                role = {"templateId": id_, "displayName": name, "isBuiltIn": True, "isEnabled": True}
                self.keep("entra.role_definitions", id_, role)

    def keep(self, collection: str, urn: str, configuration: Json, usage: Json | None = None) -> str:
        self.found.setdefault(collection, {})[urn] = (configuration, usage)
        return urn

    def drop(self, collection: str, urn: str) -> None:
        del self.found[collection][urn]

    def user(self, name: str, *, signed_in: str | None = None, **more: Any) -> str:
        configuration = {
            "userPrincipalName": f"{name}@example.com",
            "displayName": name,
            "accountEnabled": True,
            "userType": "Member",
            "creationType": None,
            "externalUserState": None,
            "createdDateTime": "2024-01-01T00:00:00Z",
            **more,
        }
        activity = None if signed_in is None else {"lastSuccessfulSignInDateTime": signed_in}
        self.keep("entra.user_activity", name, {"id": name}, {"signInActivity": activity})
        return self.keep("entra.users", name, configuration)

    def group(self, name: str, *members: str, owners: tuple[str, ...] = (), **more: Any) -> str:
        """A group by name; members are users unless they are written `group:` or `servicePrincipal:`."""
        self.keep("entra.groups", name, {"displayName": name, "groupTypes": [], **more})
        self.keep("entra.group_members", name, {"id": name, "members": [_principal(each) for each in members]})
        self.keep("entra.group_owners", name, {"id": name, "owners": [_principal(each) for each in owners]})
        return name

    def hide_members(self, group: str) -> None:
        self.keep("entra.group_members", group, {"id": group, **UNREAD})

    def service_principal(self, name: str, **more: Any) -> str:
        configuration = {"displayName": name, "appId": f"app-{name}", "owners": [], **more}
        return self.keep("entra.service_principals", name, configuration)

    def permit(self, principal: str, permission: str | None) -> str:
        """An application permission of Graph; None: one whose name is not known."""
        given = {
            "principalId": principal,
            "principalType": "ServicePrincipal",
            "appRoleId": "r",
            "appRoleValue": permission,
        }
        return self.keep("entra.app_permissions", self._fresh("permission"), given)

    def assign(self, principal: str, role: str, *, activated: bool = False, **more: Any) -> str:
        configuration = {
            "principalId": principal,
            "roleDefinitionId": role,
            "directoryScopeId": "/",
            "assignmentType": "Activated" if activated else "Assigned",
            "memberType": "Direct",
            "startDateTime": None,
            "endDateTime": None,
            **more,
        }
        id_ = self._fresh("assignment")
        self.keep("entra.role_assignments", id_, {k: configuration[k] for k in list(configuration)[:3]})
        return self.keep("entra.role_assignment_instances", id_, configuration)

    def unassign(self, id_: str) -> None:
        self.drop("entra.role_assignments", id_)
        self.drop("entra.role_assignment_instances", id_)

    def eligible(self, principal: str, role: str, **more: Any) -> str:
        configuration = {
            "principalId": principal,
            "roleDefinitionId": role,
            "directoryScopeId": "/",
            "memberType": "Direct",
            "startDateTime": "2025-01-01T00:00:00Z",
            "endDateTime": None,
            **more,
        }
        return self.keep("entra.role_eligibility_instances", self._fresh("eligibility"), configuration)

    def in_group(self, kind: str, group: str, principal: str, access: str = "member", **more: Any) -> str:
        """`kind`: assigned, activated or eligible."""
        configuration = {
            "groupId": group,
            "principalId": principal,
            "accessId": access,
            "memberType": "direct",
            "startDateTime": "2025-01-01T00:00:00Z",
            "endDateTime": "9999-12-31T23:59:59Z",
            **({} if kind == "eligible" else {"assignmentType": kind}),
            **more,
        }
        name = "eligibility" if kind == "eligible" else "assignment"
        return self.keep(f"entra.group_{name}_instances", self._fresh(kind), configuration)

    def read(self, at: datetime, names: frozenset[str]) -> Snapshot:
        """A complete reading of the named collections; those of which nothing was made are empty."""
        collections = [
            Collection(name, [Entity(urn, *facets) for urn, facets in self.found.get(name, {}).items()])
            for name in sorted(names)
        ]
        return Snapshot(
            scope=self.scope,
            started=at,
            finished=at + timedelta(minutes=2),
            origin="api",
            supplied_by="tests",
            collections=collections,
            requests=[],
        )

    def _fresh(self, kind: str) -> str:
        self._number += 1
        return f"{kind}-{self._number}"


def _principal(written: str) -> Json:
    kind, _, id_ = written.rpartition(":")
    return {"id": id_, "type": kind or "user"}


def ago(now: datetime, days: float) -> str:
    return text(now - timedelta(days=days))
