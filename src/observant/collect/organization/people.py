"""The identity store behind Identity Center: users, groups, and who is in the groups that hold an assignment."""

from collections.abc import Iterator

from observant.collect.aws.paging import instead, listed
from observant.collect.aws.part import Declaration, Part, Reading
from observant.collect.aws.unread import Unread
from observant.collect.organization.identity_center import PAGE, instances
from observant.evidence.snapshot import Collection, Entity, Json

STORE = "identitystore"

NOT_KEPT = frozenset({"Addresses", "PhoneNumbers", "Birthdate", "Photos", "Website"})
"""Private facts about people that say nothing about access have no place in evidence that is kept for years."""


def _urn(store: str, kind: str, identifier: str) -> str:
    return f"{store}/{kind}/{identifier}"


def _users(reading: Reading) -> Iterator[Collection]:
    found: list[Entity] = []
    for instance, region in instances(reading):
        store = instance["IdentityStoreId"]
        for user in listed(reading, STORE, "ListUsers", "Users", region, IdentityStoreId=store, MaxResults=PAGE):
            kept = {key: value for key, value in user.items() if key not in NOT_KEPT}
            found.append(Entity(_urn(store, "user", user["UserId"]), kept))
    yield Collection("identitystore.users", found)


def _groups(reading: Reading) -> Iterator[Collection]:
    found: list[Entity] = []
    for instance, region in instances(reading):
        store = instance["IdentityStoreId"]
        groups = listed(reading, STORE, "ListGroups", "Groups", region, IdentityStoreId=store, MaxResults=PAGE)
        found += [Entity(_urn(store, "group", group["GroupId"]), group) for group in groups]
    yield Collection("identitystore.groups", found)


def _memberships(reading: Reading) -> Iterator[Collection]:
    """One call for each group that holds an assignment. What other groups hold is not AWS access."""
    assigned = {
        one.configuration["PrincipalId"]
        for one in reading.need("sso.assignments").entities
        if one.configuration.get("PrincipalType") == "GROUP"
    }
    found: list[Entity] = []
    for instance, region in instances(reading):
        store = instance["IdentityStoreId"]
        for group in sorted(assigned):
            found += _members(reading, region, {"IdentityStoreId": store, "GroupId": group})
    yield Collection("identitystore.memberships", found)


def _members(reading: Reading, region: str, named: Json) -> list[Entity]:
    store, group = named["IdentityStoreId"], named["GroupId"]
    try:
        members = listed(reading, STORE, "ListGroupMemberships", "GroupMemberships", region, MaxResults=PAGE, **named)
    except Unread as unread:
        if unread.code == "ResourceNotFoundException":  # the group is gone, its assignment stays until it is cleaned up
            return []
        return [Entity(f"{_urn(store, 'group', group)}#members", {**named, **instead(unread)})]
    return [Entity(_urn(store, "membership", one["MembershipId"]), one) for one in members]


USERS = Part(Declaration(("identitystore.users",), {"ListUsers": ("identitystore:ListUsers",)}), _users)

GROUPS = Part(Declaration(("identitystore.groups",), {"ListGroups": ("identitystore:ListGroups",)}), _groups)

MEMBERSHIPS = Part(
    Declaration(("identitystore.memberships",), {"ListGroupMemberships": ("identitystore:ListGroupMemberships",)}),
    _memberships,
)
