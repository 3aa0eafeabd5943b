"""A tenant whose snapshots are made by hand and go through log, inventory and derivation like any others."""

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from analysis.conditional_access.tenants import id_of
from observant.evidence.snapshot import Collection, Entity, Snapshot
from observant.inventory.projection import Inventory
from observant.period.evaluate import Evaluation
from worlds.workbench import Workbench, policy

SCOPE = "entra:11111111-2222-3333-4444-555555555555"
START = datetime(2025, 3, 1, 6, tzinfo=UTC)
Json = dict[str, Any]

COLLECTIONS = (
    "entra.users",
    "entra.groups",
    "entra.group_members",
    "entra.role_definitions",
    "entra.role_assignments",
    "entra.role_eligibility_instances",
    "entra.group_eligibility_instances",
    "entra.conditional_access_policies",
    "entra.authentication_strengths",
    "entra.security_defaults",
    "entra.directory_audits",
    "entra.registration_details",
)


class TenantLog:
    """`state`: collection -> id -> object, changed by the test and then read by `snapshot`."""

    def __init__(self, folder: Path) -> None:
        self.state: dict[str, dict[str, Json]] = {name: {} for name in COLLECTIONS}
        self.usage: dict[str, dict[str, Json]] = {"entra.user_activity": {}}
        self.state["entra.security_defaults"]["tenant"] = {"isEnabled": False}
        self.bench = Workbench(folder, START)
        self.inventory = Inventory.open(None)

    # -- what is in the tenant

    def user(self, name: str, **changed: Any) -> None:
        self.state["entra.users"][id_of(name)] = {
            "id": id_of(name),
            "userPrincipalName": f"{name}@example.com",
            "displayName": name,
            "accountEnabled": True,
            "userType": "Member",
            "creationType": None,
            "externalUserState": None,
            "createdDateTime": "2024-01-01T00:00:00Z",
        } | changed

    def guest(self, name: str) -> None:
        self.user(name, userType="Guest", creationType="Invitation", externalUserState="Accepted")

    def group(self, name: str, users: str = "", groups: str = "", unread: bool = False) -> None:
        self.state["entra.groups"][id_of(name)] = {"id": id_of(name), "displayName": name}
        kinds = [(one, "user") for one in users.split()] + [(one, "group") for one in groups.split()]
        listed = [{"id": id_of(one), "type": kind} for one, kind in kinds]
        content: Json = {"Unread": {"reason": "denied", "detail": "403"}} if unread else {"members": listed}
        self.state["entra.group_members"][id_of(name)] = {"id": id_of(name)} | content

    def role(self, template: str, name: str, privileged: bool = True) -> None:
        self.state["entra.role_definitions"][template] = {
            "id": template,
            "templateId": template,
            "displayName": name,
            "isBuiltIn": True,
            "isEnabled": True,
            "isPrivileged": privileged,
        }

    def _held(self, collection: str, role: str, name: str, scope: str) -> None:
        urn = f"{role} {name} {scope}"
        self.state[collection][urn] = {
            "principalId": id_of(name),
            "roleDefinitionId": role,
            "directoryScopeId": scope,
            "startDateTime": None,
            "endDateTime": None,
        }

    def grant(self, role: str, name: str, scope: str = "/") -> None:
        self._held("entra.role_assignments", role, name, scope)

    def eligible(self, role: str, name: str, scope: str = "/") -> None:
        self._held("entra.role_eligibility_instances", role, name, scope)

    def policy(self, document: Json) -> None:
        self.state["entra.conditional_access_policies"][document["id"]] = document

    def event(self, at: datetime, activity: str, before: Json | None, after: Json | None) -> None:
        """As the directory audit log writes it."""
        policy = before or after or {}
        change = {"displayName": "ConditionalAccessPolicy"}
        change |= {"oldValue": json.dumps(before) if before else None, "newValue": json.dumps(after) if after else None}
        urn = f"event{len(self.state['entra.directory_audits'])}"
        self.state["entra.directory_audits"][urn] = {
            "id": urn,
            "activityDisplayName": f"{activity} conditional access policy",
            "activityDateTime": at.isoformat(),
            "result": "success",
            "initiatedBy": {"user": {"userPrincipalName": "eve@example.com"}},
            "targetResources": [
                {"id": policy["id"], "displayName": policy["displayName"], "modifiedProperties": [change]}
            ],
        }

    # -- what is read of it

    def snapshot(self, after: timedelta = timedelta()) -> None:
        """Read everything, some time after START."""
        collections = [
            Collection(name, [Entity(urn, deepcopy(body)) for urn, body in sorted(self.state[name].items())])
            for name in COLLECTIONS
        ]
        for name, used in self.usage.items():
            collections.append(Collection(name, [Entity(urn, {"id": urn}, body) for urn, body in sorted(used.items())]))
        started = START + after
        self.bench.record(Snapshot(SCOPE, started, started + timedelta(minutes=1), "api", "test", collections, []))

    def evaluate(self, **promised: dict[str, object] | None) -> Evaluation:
        return self.bench.evaluate(policy(date(2025, 1, 1), **promised), inventory=self.inventory)

    def rows(self, table: str, *columns: str, **promised: dict[str, object] | None) -> list[Mapping[str, Any]]:
        """Rows of a derived table, the times in hours since START."""
        evaluation = self.evaluate(**promised)
        names = ("member", "valid_from", "valid_to", *columns)
        found = evaluation.query(f"SELECT {', '.join(names)} FROM {table} ORDER BY member, valid_from")
        return [
            {
                name: hours(value) if isinstance(value, datetime) else value
                for name, value in zip(names, row, strict=True)
            }
            for row in found
        ]


def hours(moment: datetime) -> float | None:
    """None for what has no end."""
    return None if moment.year == 9999 else (moment.replace(tzinfo=UTC) - START) / timedelta(hours=1)
