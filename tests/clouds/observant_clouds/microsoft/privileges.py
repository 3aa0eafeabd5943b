"""Directory roles and privileged identity management: standing, eligible and activated, and the rules of activation."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from observant_clouds.microsoft.journal import changed, principal_target, target
from observant_clouds.microsoft.role_rules import RoleRules
from observant_clouds.microsoft.state import Json, State, When, read

BUILTIN_ROLES: dict[str, Json] = {
    role["displayName"]: role for role in json.loads((Path(__file__).parent / "data/builtin_roles.json").read_text())
}

_SCHEDULES = {
    "roleAssignmentScheduleInstances": "roleAssignmentScheduleId",
    "roleEligibilityScheduleInstances": "roleEligibilityScheduleId",
}


class Privileges(State):
    """The part of a tenant that is roles, who holds them and for how long."""

    def role_definition(self, name: str) -> Json:
        """A built-in or custom role definition, found by name or id, with `isPrivileged` as beta answers it."""
        builtin = BUILTIN_ROLES.get(name) or next(
            (role for role in BUILTIN_ROLES.values() if role["templateId"] == name), None
        )
        if builtin is None:
            return self.find("roleDefinitions", name)
        return {
            "id": builtin["templateId"],
            "description": f"The built-in role {builtin['displayName']}.",
            "displayName": builtin["displayName"],
            "isBuiltIn": True,
            "isEnabled": True,
            "isPrivileged": builtin["isPrivileged"],
            "resourceScopes": ["/"],
            "rolePermissions": [
                {"allowedResourceActions": ["microsoft.directory/users/standard/read"], "condition": None}
            ],
            "templateId": builtin["templateId"],
            "version": "1",
        }

    def role_definitions(self) -> list[Json]:
        return [*map(self.role_definition, BUILTIN_ROLES), *self.all("roleDefinitions")]

    def custom_role(self, name: str, actions: Iterable[str], *, enabled: bool = True, privileged: bool = False) -> str:
        """Define a role of one's own. Answers its id."""
        one: Json = {
            "id": self.guid("role", name),
            "description": None,
            "displayName": name,
            "isBuiltIn": False,
            "isEnabled": enabled,
            "isPrivileged": privileged,
            "resourceScopes": ["/"],
            "rolePermissions": [{"allowedResourceActions": list(actions), "condition": None}],
            "templateId": self.guid("role", name),
            "version": None,
        }
        targets = [target("Role", one["id"], name)]
        self.journal("Add role definition", "Core Directory", "RoleManagement", "Add", targets)
        return str(self.keep("roleDefinitions", name, one)["id"])

    # -- who holds a role

    def role(
        self,
        principal: str,
        role: str,
        *,
        start: When = 300,
        until: When = None,
        scope: str = "/",
        outside_pim: bool = False,
        by: str | None = None,
    ) -> str:
        """Assign a role for good, or `until` a moment. `outside_pim` leaves no start, as a direct assignment does."""
        held = self._held(principal, role, scope)
        begun = None if outside_pim else self.at(start)
        made = self._instance("roleAssignmentScheduleInstances", held, begun, until, assignmentType="Assigned")
        self._assignment(held)
        span = "permanent" if until is None else "timebound"
        if outside_pim:
            self._role_event(f"Add member to role outside of PIM ({span})", held, "Assign", service="PIM", by=by)
        else:
            self._role_event(f"Add member to role in PIM completed ({span})", held, "Assign", service="PIM", by=by)
        self._role_event("Add member to role", held, "Assign", by=by)
        return str(made["id"])

    def eligible(
        self,
        principal: str,
        role: str,
        *,
        start: When = 300,
        until: When = None,
        scope: str = "/",
        by: str | None = None,
    ) -> str:
        """Let a principal activate a role, for good or `until` a moment."""
        held = self._held(principal, role, scope)
        made = self._instance("roleEligibilityScheduleInstances", held, self.at(start), until)
        span = "permanent" if until is None else "timebound"
        self._role_event(f"Add eligible member to role in PIM completed ({span})", held, "Assign", service="PIM", by=by)
        return str(made["id"])

    def activate(
        self,
        user: str,
        role: str,
        hours: float = 8,
        *,
        when: When = None,
        justification: str = "",
        ticket: str = "",
        approved_by: str | None = None,
    ) -> str:
        """Activate an eligible role; it ends by itself. Raises KeyError when the user is not eligible."""
        held = self._held(user, role, "/")
        using = self._eligibility(held)
        begun = self.moment(when)
        made = self._instance(
            "roleAssignmentScheduleInstances",
            held,
            self.at(begun),
            begun + timedelta(hours=hours),
            assignmentType="Activated",
            activatedUsing=using,
        )
        self._assignment(held)
        details = [{"key": "Justification", "value": justification}]
        if ticket:
            details.append({"key": "TicketNumber", "value": ticket})
        more: Json = {"service": "PIM", "by": user, "when": begun, "reason": justification, "details": details}
        self._role_event(
            "Add member to role requested (PIM activation)", held, "CreateRequestPermanentEligibleRole", **more
        )
        if approved_by is not None:
            approved = {**more, "by": approved_by}
            self._role_event("Add member to role request approved (PIM activation)", held, "ApproveRequest", **approved)
        self._role_event("Add member to role completed (PIM activation)", held, "ActivateRole", **more)
        ended: Json = {"service": "PIM", "by": "MS-PIM", "when": begun + timedelta(hours=hours)}
        self._role_event("Remove member from role (PIM activation expired)", held, "DeactivateRole", **ended)
        return str(made["id"])

    def _eligibility(self, held: Json) -> str:
        through = {
            held["principalId"],
            *(group for group, inside in self.members.items() if held["principalId"] in inside),
        }
        for id_, each in self.objects["roleEligibilityScheduleInstances"].items():
            if each["principalId"] in through and each["roleDefinitionId"] == held["roleDefinitionId"]:
                return id_
        raise KeyError(f"not eligible: {held}")

    def remove_role(self, principal: str, role: str, *, eligible: bool = False, by: str | None = None) -> None:
        """Take a standing assignment, or with `eligible` an eligibility, away."""
        held = self._held(principal, role, "/")
        kind = "roleEligibilityScheduleInstances" if eligible else "roleAssignmentScheduleInstances"
        same = [id_ for id_, each in self.objects[kind].items() if _same(each, held)]
        if not same:
            raise KeyError(f"not assigned: {principal}, {role}")
        for id_ in same:
            del self.objects[kind][id_]
        if eligible:
            self._role_event(
                "Remove eligible member from role in PIM completed (permanent)", held, "Unassign", service="PIM", by=by
            )
            return
        for id_ in [id_ for id_, each in self.objects["roleAssignments"].items() if _same(each, held)]:
            del self.objects["roleAssignments"][id_]
        self._role_event("Remove member from role", held, "Unassign", by=by)

    def _held(self, principal: str, role: str, scope: str) -> Json:
        return {
            "principalId": self.id_of(principal),
            "roleDefinitionId": self.role_definition(role)["id"],
            "directoryScopeId": scope,
            "appScopeId": None,
        }

    def _assignment(self, held: Json) -> Json:
        id_ = self.guid("role assignment", *held.values())
        self.objects["roleAssignments"][id_] = {"id": id_, **held}
        return self.objects["roleAssignments"][id_]

    def _instance(self, kind: str, held: Json, start: str | None, until: When, **more: Any) -> Json:
        id_ = self.guid(kind, *held.values(), start)
        one = {
            "id": id_,
            **held,
            "startDateTime": start,
            "endDateTime": None if until is None else self.at(until),
            "memberType": "Direct",
            _SCHEDULES[kind]: self.guid("schedule", id_),
            **more,
        }
        if kind == "roleAssignmentScheduleInstances":
            one["roleAssignmentOriginId"] = self.guid("role assignment", *held.values())
        self.objects[kind][id_] = one
        return one

    def _role_event(
        self, activity: str, held: Json, operation: str, *, service: str = "Core Directory", **more: Any
    ) -> None:
        role = self.role_definition(held["roleDefinitionId"])
        kind = self.kind_of(held["principalId"])
        who = self.objects[kind].get(held["principalId"]) if kind else None
        gone = operation == "Unassign"
        properties = [
            changed(f"Role.{name}", *((value, None) if gone else (None, value)))
            for name, value in (
                ("ObjectID", role["id"]),
                ("DisplayName", role["displayName"]),
                ("TemplateId", role["templateId"]),
            )
        ]
        person = principal_target(kind, who, *properties) if kind and who else target("User", held["principalId"], None)
        role_target = target("Role", role["id"], role["displayName"])
        targets = [role_target, person] if service == "PIM" else [person, role_target]
        self.journal(activity, service, "RoleManagement", operation, targets, **more)

    # -- what is so now

    def current(self, kind: str) -> list[Json]:
        """Schedule instances that have begun and not ended."""
        return [each for each in self.all(kind) if lasts(each, self.now)]

    def role_assignments(self) -> list[Json]:
        """Everybody who holds a role now, assigned or activated; an assignment ends with the last of its instances."""
        kind = "roleAssignmentScheduleInstances"
        scheduled = {each["roleAssignmentOriginId"] for each in self.all(kind)}
        over = scheduled - {each["roleAssignmentOriginId"] for each in self.current(kind)}
        return [each for each in self.all("roleAssignments") if each["id"] not in over]

    # -- the rules of activation

    def role_policy(self, role: str, **rules: Any) -> None:
        """Set how a role is activated; the settings are `RoleRules`."""
        definition = self.role_definition(role)
        self._rules("roleRules", definition["id"], rules)
        targets = [target("Role", definition["id"], definition["displayName"])]
        self.journal("Update role setting in PIM", "PIM", "RoleManagement", "Update", targets)

    def _rules(self, kind: str, id_: str, rules: Json) -> None:
        approvers = rules.pop("approvers", ())
        named = [(self.kind_of(each), each) for each in self.ids(approvers)]
        self.objects[kind][id_] = {"rules": RoleRules(**rules, approvers=tuple(named))}


def lasts(instance: Json, now: datetime) -> bool:
    """Whether a schedule instance has begun and not ended."""
    start, end = instance["startDateTime"], instance["endDateTime"]
    return (start is None or read(start) <= now) and (end is None or now < read(end))


def _same(one: Json, held: Json) -> bool:
    return all(one[name] == held[name] for name in ("principalId", "roleDefinitionId", "directoryScopeId"))
