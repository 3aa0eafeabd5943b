"""PIM for groups: standing and eligible members and owners, and the rules of becoming active."""

from datetime import timedelta
from typing import Any

from observant_clouds.microsoft.groups import Groups
from observant_clouds.microsoft.journal import principal_target, target
from observant_clouds.microsoft.privileges import Privileges
from observant_clouds.microsoft.state import Json, When

_ADD, _CATEGORY = "Add member to role", "GroupManagement"


class PrivilegedGroups(Groups, Privileges):
    """The part of a tenant that is groups under PIM."""

    def group_assignment(
        self, group: str, principal: str, *, start: When = 300, until: When = None, access: str = "member"
    ) -> str:
        """Manage a standing membership or ownership (`access`) of a group with PIM; joins the group too."""
        return self._group_instance("groupAssignmentScheduleInstances", group, principal, start, until, access)

    def group_eligible(
        self, group: str, principal: str, *, start: When = 300, until: When = None, access: str = "member"
    ) -> str:
        """Let a principal activate membership or ownership of a group."""
        return self._group_instance("groupEligibilityScheduleInstances", group, principal, start, until, access)

    def group_activate(
        self,
        group: str,
        principal: str,
        hours: float = 8,
        *,
        when: When = None,
        access: str = "member",
        justification: str = "",
        approved_by: str | None = None,
    ) -> str:
        """Activate an eligible membership or ownership. A member is one until the caller removes it from the group."""
        begun = self.moment(when)
        kind = "groupAssignmentScheduleInstances"
        id_ = self._group_instance(kind, group, principal, begun, begun + timedelta(hours=hours), access)
        self.objects[kind][id_]["assignmentType"] = "activated"
        one, who = self.find("groups", group), self.id_of(principal)
        targets = [
            target("Role", self.guid("access", one["id"], access), access.capitalize()),
            principal_target("users", self.objects["users"][who]),
            target("Group", one["id"], one["displayName"]),
        ]
        details = [{"key": "Justification", "value": justification}]
        more: Json = {"when": begun, "by": principal, "reason": justification, "details": details}
        self.journal(f"{_ADD} requested (PIM activation)", "PIM", _CATEGORY, "Request", targets, **more)
        if approved_by is not None:
            approved = {**more, "by": approved_by}
            self.journal(f"{_ADD} request approved (PIM activation)", "PIM", _CATEGORY, "Approve", targets, **approved)
        self.journal(f"{_ADD} completed (PIM activation)", "PIM", _CATEGORY, "ActivateRole", targets, **more)
        ended: Json = {"when": begun + timedelta(hours=hours), "by": "MS-PIM"}
        activity = "Remove member from role (PIM activation expired)"
        self.journal(activity, "PIM", _CATEGORY, "DeactivateRole", targets, **ended)
        return id_

    def _group_instance(self, kind: str, group: str, principal: str, start: When, until: When, access: str) -> str:
        one, who, begun = self.find("groups", group), self.id_of(principal), self.at(start)
        id_ = f"{one['id']}_{access}_{self.guid(kind, one['id'], who, access, begun)}"
        eligible = kind.startswith("groupEligibility")
        schedule = "eligibilityScheduleId" if eligible else "assignmentScheduleId"
        # the real service writes an end even where there is none, far in the future
        end = self.at("9999-12-31T23:59:59Z") if until is None else self.at(until)
        self.objects[kind][id_] = {
            "id": id_,
            "accessId": access,
            "groupId": one["id"],
            "memberType": "direct",
            "principalId": who,
            "startDateTime": begun,
            "endDateTime": end,
            schedule: id_,
            **({} if eligible else {"assignmentType": "assigned"}),
        }
        if not eligible and access == "member":
            self.member(group, principal)
        return id_

    def group_policy(self, group: str, access: str = "member", **rules: Any) -> None:
        """Set how membership or ownership of a PIM group is activated."""
        self._rules("groupRules", f"{self.id_of(group, 'groups')} {access}", rules)
