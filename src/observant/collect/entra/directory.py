"""Users, groups, licences: the lists of the directory, compared with its own counts."""

from collections.abc import Iterator

from observant.collect.microsoft.operation import Operation, graph
from observant.collect.microsoft.paging import entities_of
from observant.collect.microsoft.reading import Declaration, Part, Reading, listing
from observant.collect.unread import Unread
from observant.evidence.snapshot import Collection, Entity, Gap, GapReason, Reconciliation

ORGANIZATION = listing("entra.organization", graph("/organization", "Organization.Read.All"))

LICENCES = listing("entra.licences", graph("/subscribedSkus", "LicenseAssignment.Read.All"), urn="skuId")

USERS_LISTED = graph("/users", "User.Read.All", units=2)
USERS_COUNTED = graph("/users/$count", "User.Read.All", units=2)
USERS_WITH_ACTIVITY = graph("/users", "AuditLog.Read.All", units=2, detail="signInActivity")

PAGE = {"$top": "999"}

USER_FIELDS = (
    "id,userPrincipalName,displayName,mail,accountEnabled,userType,creationType,externalUserState,"
    "externalUserStateChangeDateTime,createdDateTime,employeeId,employeeType,employeeHireDate,department,"
    "onPremisesSyncEnabled"
)
ACTIVITY = "signInActivity"

GROUPS_LISTED = graph("/groups", "GroupMember.Read.All", units=3)
GROUPS_COUNTED = graph("/groups/$count", "GroupMember.Read.All", units=3)
GROUP_FIELDS = (
    "id,displayName,description,isAssignableToRole,groupTypes,membershipRule,membershipRuleProcessingState,"
    "securityEnabled,mailEnabled,onPremisesSyncEnabled,createdDateTime,visibility"
)

PAUSES = (5.0, 15.0, 40.0)
"""Seconds before a count is taken again: the index that counts is behind the directory by up to a minute."""


def reconciled(reading: Reading, name: str, entities: list[Entity], counting: Operation) -> Collection:
    """The collection compared with an independent count; a gap when the count goes on to know of more."""
    source = counting.path
    compared: list[Reconciliation] = []
    for pause in (*PAUSES, None):
        try:
            compared = [Reconciliation(source, reading.count(counting), len(entities))]
        except Unread:  # a count that is refused leaves what was known before: mostly nothing to compare with
            break
        if compared[0].expected <= len(entities) or pause is None:
            break
        reading.session.pace.between(pause)
    if compared and compared[0].expected > len(entities):
        detail = f"listed {len(entities)}, {source} counts {compared[0].expected}"
        return Collection(name, gap=Gap(GapReason.TRUNCATED, detail), reconciled=compared)
    return Collection(name, entities, reconciled=compared)


def _users(reading: Reading) -> Iterator[Collection]:
    """With last sign-ins when they may be read, which costs a permission and a licence; without them otherwise."""
    refused: Unread | None = None
    try:
        found = reading.items(USERS_WITH_ACTIVITY, {"$select": f"{USER_FIELDS},{ACTIVITY}", **PAGE})
    except Unread as unread:
        refused = unread
        found = reading.items(USERS_LISTED, {"$select": USER_FIELDS, **PAGE})
    used = {user.get("id"): user.pop(ACTIVITY, None) for user in found}
    users = reconciled(reading, "entra.users", entities_of(USERS_LISTED, found), USERS_COUNTED)
    yield users
    if refused is not None:
        raise refused
    if users.gap is not None:
        raise Unread(GapReason.TRUNCATED, users.gap.detail)
    yield Collection(
        "entra.user_activity",
        [Entity(user.urn, {"id": user.urn}, {ACTIVITY: used[user.urn]}) for user in users.entities],
    )


def _groups(reading: Reading) -> Iterator[Collection]:
    found = reading.items(GROUPS_LISTED, {"$select": GROUP_FIELDS, **PAGE})
    yield reconciled(reading, "entra.groups", entities_of(GROUPS_LISTED, found), GROUPS_COUNTED)


USERS = Part(
    Declaration(
        ("entra.users", "entra.user_activity"),
        (USERS_WITH_ACTIVITY, USERS_LISTED, USERS_COUNTED),
    ),
    _users,
)

GROUPS = Part(Declaration(("entra.groups",), (GROUPS_LISTED, GROUPS_COUNTED)), _groups)
