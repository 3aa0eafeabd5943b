"""Groups, who is in them and who owns them."""

from collections.abc import Iterator

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, flag_of, text_of, unread_of

UNSEEN = "?"
"""Stands for principals that could not be read."""


def _group(urn: str, group: Json) -> Iterator[Row]:
    name = text_of(group.get("displayName"))
    types = group.get("groupTypes")
    yield Row(
        member=urn,
        label=name or urn,
        values=(
            name,
            # Graph says null for the ordinary group.
            group.get("isAssignableToRole") is True if "isAssignableToRole" in group else None,
            "DynamicMembership" in types if isinstance(types, list) else None,
            flag_of(group.get("securityEnabled")),
            group.get("onPremisesSyncEnabled") is True if "onPremisesSyncEnabled" in group else None,
        ),
    )


GROUP = Table(
    name="entra_group",
    about="Groups of the tenant. `dynamic` means that a rule decides who is in it.",
    columns={
        "display_name": "VARCHAR",
        "role_assignable": "BOOLEAN",
        "dynamic": "BOOLEAN",
        "security_enabled": "BOOLEAN",
        "on_premises": "BOOLEAN",
    },
    readings=(Reading("entra.groups", "configuration", _group),),
)


def listed(facet: Json, name: str) -> list[tuple[str, str]] | None:
    """(id, kind) of the principals listed under a name; None when any of it cannot be read."""
    found = facet.get(name)
    if not isinstance(found, list):
        return None
    principals = []
    for each in found:
        id_ = text_of(each.get("id")) if isinstance(each, dict) else None
        if id_ is None:
            return None
        principals.append((id_, text_of(each.get("type")) or "other"))
    return principals


def _members(urn: str, group: Json) -> Iterator[Row]:
    for principal, kind in listed(group, "members") or ():
        yield Row(f"{urn} {principal}", f"{kind} {principal} in group {urn}", (urn, principal, kind))


GROUP_MEMBER = Table(
    name="entra_group_member",
    about=(
        "Direct members of the groups that give access, activated memberships included. `principal_kind` is user, "
        "group, servicePrincipal, device, orgContact or other."
    ),
    columns={"group_id": "VARCHAR", "principal": "VARCHAR", "principal_kind": "VARCHAR"},
    readings=(Reading("entra.group_members", "configuration", _members),),
)


def _reading(urn: str, group: Json) -> Iterator[Row]:
    because = unread_of(group)
    if because is None and listed(group, "members") is None:
        because = "failed (the list of members is not readable)"
    yield Row(urn, f"members of group {urn}", (because is None, because))


GROUP_READING = Table(
    name="entra_group_reading",
    about="Of which groups the members were asked for, and whether they could be read.",
    columns={"readable": "BOOLEAN", "because": "VARCHAR"},
    readings=(Reading("entra.group_members", "configuration", _reading),),
)


def _owners(urn: str, group: Json) -> Iterator[Row]:
    owners = None if unread_of(group) else listed(group, "owners")
    if owners is None:
        yield Row(f"{urn} {UNSEEN}", f"owners of group {urn}, who could not be read", (urn, None, None))
        return
    for principal, kind in owners:
        yield Row(f"{urn} {principal}", f"{kind} {principal}, owner of group {urn}", (urn, principal, kind))


GROUP_OWNER = Table(
    name="entra_group_owner",
    about=(
        "Owners of role-assignable groups: they decide who is in the group. `principal` is NULL where the owners of a "
        "group could not be read."
    ),
    columns={"group_id": "VARCHAR", "principal": "VARCHAR", "principal_kind": "VARCHAR"},
    readings=(Reading("entra.group_owners", "configuration", _owners),),
)
