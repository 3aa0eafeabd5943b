"""Groups that matter: the members, the owners and the PIM of those that a policy, a role or a review refers to.

Members are read level by level, so that the path by which somebody holds something can be shown.
"""

import re
from collections.abc import Iterable, Iterator

import msgspec

from observant.collect.entra.roles import RULES
from observant.collect.microsoft.operation import Operation, graph
from observant.collect.microsoft.pace import Service
from observant.collect.microsoft.paging import entities_of
from observant.collect.microsoft.reading import Declaration, Part, Reading, each
from observant.collect.unread import Unread
from observant.evidence.snapshot import Collection, Entity, GapReason, Json

MEMBERS = graph("/groups/{id}/members", "GroupMember.Read.All", units=3)
OWNERS = graph("/groups/{id}/owners", "GroupMember.Read.All", units=3)

_PIM = "/identityGovernance/privilegedAccess/group"
ASSIGNED = graph(
    f"{_PIM}/assignmentScheduleInstances", "PrivilegedAssignmentSchedule.Read.AzureADGroup", Service.GOVERNANCE
)
ELIGIBLE = graph(
    f"{_PIM}/eligibilityScheduleInstances", "PrivilegedEligibilitySchedule.Read.AzureADGroup", Service.GOVERNANCE
)
POLICIES = graph(
    "/policies/roleManagementPolicyAssignments",
    "RoleManagementPolicy.Read.AzureADGroup",
    Service.GOVERNANCE,
    detail="groups",
)

REFERRING = (
    "entra.conditional_access_policies",
    "entra.authentication_methods_policy",
    "entra.role_assignments",
    "entra.role_assignment_instances",
    "entra.role_eligibility_instances",
    "entra.role_policies",
    "entra.group_assignment_instances",
    "entra.group_eligibility_instances",
    "entra.group_policies",
    "entra.access_reviews",
)
"""Collections whose groups have their members read. One that is a gap refers to nothing that could be judged."""

HIDDEN = "Member.Read.Hidden"

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
"""Graph writes ids in lower case; asking for both takes three times as long."""
_ID_ONLY = {"$select": "id"}
_SELECT = {**_ID_ONLY, "$top": "999"}
_TYPES = ("user", "group", "servicePrincipal", "device", "orgContact")


def reference(principal: Json) -> Json:
    """A directory object as `{"id", "type"}`."""
    kind = str(principal.get("@odata.type", "")).rpartition(".")[2]
    return {"id": principal.get("id"), "type": kind if kind in _TYPES else "other"}


def references(operation: Operation, found: Iterable[Json]) -> list[Json]:
    """Directory objects by id, each once. Raises Unread for one without an id."""
    entities_of(operation, found)
    by_id = {one["id"]: reference(one) for one in found}
    return [by_id[one] for one in sorted(by_id)]


PIM_INSTANCES = ("entra.group_assignment_instances", "entra.group_eligibility_instances")


def privileged_groups(reading: Reading) -> list[str]:
    """Groups that can hold a directory role, those that hold a role on Azure resources, and those that PIM lets into
    one of them, as far as that has been read. Raises Unread.
    """
    groups = reading.need("entra.groups").entities
    privileged = {group.urn for group in groups if group.configuration.get("isAssignableToRole") is True}
    privileged |= reading.also_groups
    for name in PIM_INSTANCES:
        if name in reading.found:
            privileged |= {_let_in(entity) for entity in reading.found[name].entities}
    return sorted(privileged & {group.urn for group in groups})


def _let_in(instance: Entity) -> str:
    """The principal of an instance of PIM for groups; mostly a user, and sometimes a group."""
    return str(instance.configuration.get("principalId", ""))


def referenced(reading: Reading) -> set[str]:
    """Groups that something refers to, deleted ones included. Raises Unread when it is not known what is a group."""
    known = {group.urn for group in reading.need("entra.groups").entities}
    found = set(privileged_groups(reading)) | reading.also_groups
    for name in REFERRING:
        for entity in reading.found[name].entities:
            found |= known & set(_ID.findall(msgspec.json.encode(entity.configuration).decode()))
    for policy in reading.found["entra.conditional_access_policies"].entities:
        users = (policy.configuration.get("conditions") or {}).get("users") or {}
        for field in ("includeGroups", "excludeGroups"):
            found |= {one for one in users.get(field) or () if isinstance(one, str) and _ID.fullmatch(one)}
    return found


def _members(reading: Reading) -> Iterator[Collection]:
    groups = {group.urn: group.configuration for group in reading.need("entra.groups").entities}
    due = sorted(referenced(reading))
    seen = set(due)

    def hidden(group: str) -> bool:
        return groups.get(group, {}).get("visibility") == "HiddenMembership" and HIDDEN not in reading.granted

    def read(group: str) -> list[Entity]:
        if hidden(group):
            # Without the permission the answer is an empty list, which would be taken for an empty group.
            raise Unread(GapReason.DENIED, f"{MEMBERS.name}: the membership is hidden: needs {HIDDEN}")
        members = references(MEMBERS, reading.items(MEMBERS, _SELECT, id=group))
        for member in members:
            if member["type"] == "group" and member["id"] not in seen:
                seen.add(member["id"])
                due.append(member["id"])
        return [Entity(group, {"id": group, "members": members})]

    def ahead(groups: list[str]) -> None:
        reading.ahead(MEMBERS, [(_SELECT, {"id": group}) for group in groups if not hidden(group)])

    yield Collection("entra.group_members", each(due, read, _instead, ahead))


def _instead(group: str, unread: Unread) -> Entity:
    return Entity(group, {"id": group, **unread.instead})


def _owners(reading: Reading) -> Iterator[Collection]:
    def read(group: str) -> list[Entity]:
        return [Entity(group, {"id": group, "owners": references(OWNERS, reading.items(OWNERS, _ID_ONLY, id=group))})]

    def ahead(groups: list[str]) -> None:
        reading.ahead(OWNERS, [(_ID_ONLY, {"id": group}) for group in groups])

    yield Collection("entra.group_owners", each(privileged_groups(reading), read, _instead, ahead))


def _of_each_group(collection: str, operation: Operation, filtered: str, more: dict[str, str]) -> Part:
    """A part with a listing for each privileged group, and each that turns out to be one on the way. `filtered` is the
    filter, with `{}` for the group.
    """

    def read(reading: Reading) -> Iterator[Collection]:
        def query(group: str) -> dict[str, str]:
            return {"$filter": filtered.format(group), **more}

        due = privileged_groups(reading)
        known = {group.urn for group in reading.need("entra.groups").entities}

        def of_group(group: str) -> list[Entity]:
            found = entities_of(operation, reading.items(operation, query(group)))
            due.extend(sorted(known & {_let_in(one) for one in found} - set(due)))
            return found

        def ahead(groups: list[str]) -> None:
            reading.ahead(operation, [(query(group), {}) for group in groups])

        def instead(group: str, unread: Unread) -> Entity:
            return Entity(group, {"groupId": group, **unread.instead})

        yield Collection(collection, each(due, of_group, instead, ahead))

    return Part(Declaration((collection,), (operation,)), read)


GROUP_ASSIGNMENT_INSTANCES = _of_each_group("entra.group_assignment_instances", ASSIGNED, "groupId eq '{}'", {})
GROUP_ELIGIBILITY_INSTANCES = _of_each_group("entra.group_eligibility_instances", ELIGIBLE, "groupId eq '{}'", {})
GROUP_POLICIES = _of_each_group("entra.group_policies", POLICIES, "scopeId eq '{}' and scopeType eq 'Group'", RULES)

GROUP_OWNERS = Part(Declaration(("entra.group_owners",), (OWNERS,)), _owners)

GROUP_MEMBERS = Part(Declaration(("entra.group_members",), (MEMBERS,)), _members)
