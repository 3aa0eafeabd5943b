"""Groups, who is in them and who owns what."""

from collections.abc import Iterable
from typing import Any

from observant_clouds.microsoft.journal import changed, principal_target
from observant_clouds.microsoft.state import Json, State, When

GROUP: Json = {
    "classification": None,
    "deletedDateTime": None,
    "description": None,
    "expirationDateTime": None,
    "groupTypes": [],
    "isAssignableToRole": None,
    "mail": None,
    "mailEnabled": False,
    "membershipRule": None,
    "membershipRuleProcessingState": None,
    "onPremisesLastSyncDateTime": None,
    "onPremisesSecurityIdentifier": None,
    "onPremisesSyncEnabled": None,
    "preferredDataLocation": None,
    "preferredLanguage": None,
    "proxyAddresses": [],
    "securityEnabled": True,
    "theme": None,
    "uniqueName": None,
    "visibility": None,
}


class Groups(State):
    """The part of a tenant that is groups, memberships and owners."""

    def group(
        self,
        name: str,
        members: Iterable[str] = (),
        *,
        owners: Iterable[str] = (),
        role_assignable: bool = False,
        hidden: bool = False,
        rule: str | None = None,
        created: When = 400,
        **properties: Any,
    ) -> str:
        """Make a group; `rule` makes it dynamic, `hidden` hides its members. Answers its id."""
        one = {
            **GROUP,
            "id": self.guid("group", name),
            "createdDateTime": self.at(created),
            "displayName": name,
            "isAssignableToRole": True if role_assignable else None,
            "mailNickname": name.replace(" ", "-"),
            "renewedDateTime": self.at(created),
            "securityIdentifier": f"S-1-12-1-{int(self.guid('sid', name)[:8], 16)}-1-1-1",
            "visibility": "HiddenMembership" if hidden else ("Private" if role_assignable else None),
            **properties,
        }
        if rule is not None:
            one.update(groupTypes=["DynamicMembership"], membershipRule=rule, membershipRuleProcessingState="On")
        self.keep("groups", name, one)
        self.journal("Add group", "Core Directory", "GroupManagement", "Add", [principal_target("groups", one)])
        for each in members:
            self.member(name, each)
        for each in owners:
            self.owner(name, each, kind="groups")
        return str(one["id"])

    def member(self, group: str, principal: str) -> None:
        """Put a user, group or service principal into a group."""
        one, kind, joined = self._pair(group, principal)
        self.members[one["id"]][joined["id"]] = kind
        self._membership("Add member to group", "Assign", kind, joined, one, added=True)

    def remove_member(self, group: str, principal: str) -> None:
        one, kind, left = self._pair(group, principal)
        del self.members[one["id"]][left["id"]]
        self._membership("Remove member from group", "Unassign", kind, left, one, added=False)

    def _pair(self, group: str, principal: str) -> tuple[Json, str, Json]:
        joined = self.id_of(principal)
        kind = self.kind_of(joined)
        assert kind is not None, f"no such principal: {principal}"
        return self.find("groups", group), kind, self.objects[kind][joined]

    def _membership(self, activity: str, operation: str, kind: str, who: Json, group: Json, *, added: bool) -> None:
        sides = [(None, group[key]) if added else (group[key], None) for key in ("id", "displayName")]
        properties = [changed("Group.ObjectID", *sides[0]), changed("Group.DisplayName", *sides[1])]
        targets = [principal_target(kind, who, *properties), principal_target("groups", group)]
        self.journal(activity, "Core Directory", "GroupManagement", operation, targets)

    def remove_group(self, name: str) -> None:
        one = self.find("groups", name)
        del self.objects["groups"][one["id"]]
        self.members.pop(one["id"], None)
        for held in self.members.values():
            held.pop(one["id"], None)
        self.journal("Delete group", "Core Directory", "GroupManagement", "Delete", [principal_target("groups", one)])

    def owner(self, owned: str, principal: str, *, kind: str = "applications") -> None:
        """Make a user or service principal an owner of a group, application or service principal (`kind`)."""
        one, who = self.find(kind, owned), self.id_of(principal)
        owner_kind = self.kind_of(who)
        assert owner_kind is not None, f"no such principal: {principal}"
        self.owners[one["id"]][who] = owner_kind
        word = {"groups": "group", "applications": "application", "servicePrincipals": "service principal"}[kind]
        category = "GroupManagement" if kind == "groups" else "ApplicationManagement"
        label = f"{word.title().replace(' ', '')}.ObjectID"
        targets = [principal_target(owner_kind, self.objects[owner_kind][who], changed(label, None, one["id"]))]
        self.journal(f"Add owner to {word}", "Core Directory", category, "Assign", targets)

    def remove_owner(self, owned: str, principal: str, *, kind: str = "applications") -> None:
        one, who = self.find(kind, owned), self.id_of(principal)
        owner_kind = self.owners[one["id"]].pop(who)
        word = {"groups": "group", "applications": "application", "servicePrincipals": "service principal"}[kind]
        category = "GroupManagement" if kind == "groups" else "ApplicationManagement"
        targets = [principal_target(owner_kind, self.objects[owner_kind][who])]
        self.journal(f"Remove owner from {word}", "Core Directory", category, "Unassign", targets)
