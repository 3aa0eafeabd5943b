"""PIM for groups: standing and eligible members and owners, and the rules of becoming active."""

from typing import Any

from observant_clouds.microsoft.groups import Groups
from observant_clouds.microsoft.privileges import Privileges
from observant_clouds.microsoft.state import When


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
