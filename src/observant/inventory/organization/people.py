"""The identity store: its users, its groups, and who is in which of the groups that hold an assignment."""

from collections.abc import Iterator

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, text_of, time_of


def _email(user: Json) -> str | None:
    emails = user.get("Emails")
    found = [one for one in emails if isinstance(one, dict)] if isinstance(emails, list) else []
    found.sort(key=lambda one: one.get("Primary") is not True)
    return text_of(found[0].get("Value")) if found else None


def _enabled(user: Json) -> bool | None:
    status = text_of(user.get("UserStatus"))
    return None if status is None else status == "ENABLED"


def _person(urn: str, user: Json) -> Iterator[Row]:
    created = time_of(user.get("CreatedAt"))
    yield Row(
        member=text_of(user.get("UserId")) or urn,
        label=text_of(user.get("UserName")) or urn,
        values=(text_of(user.get("UserName")), _email(user), _enabled(user), text_of(user.get("IdentityStoreId"))),
        born=created,
    )


PERSON = Table(
    name="organization_person",
    about="Users of the identity store behind Identity Center. `enabled` is NULL where the store does not say.",
    columns={"user_name": "VARCHAR", "email": "VARCHAR", "enabled": "BOOLEAN", "identity_store": "VARCHAR"},
    readings=(Reading("identitystore.users", "configuration", _person),),
)


def _group(urn: str, group: Json) -> Iterator[Row]:
    yield Row(
        member=text_of(group.get("GroupId")) or urn,
        label=text_of(group.get("DisplayName")) or urn,
        values=(text_of(group.get("DisplayName")), text_of(group.get("IdentityStoreId"))),
        born=time_of(group.get("CreatedAt")),
    )


GROUP = Table(
    name="organization_group",
    about="Groups of the identity store.",
    columns={"name": "VARCHAR", "identity_store": "VARCHAR"},
    readings=(Reading("identitystore.groups", "configuration", _group),),
)


def _membership(urn: str, membership: Json) -> Iterator[Row]:
    member = membership.get("MemberId")
    person = text_of(member.get("UserId")) if isinstance(member, dict) else None
    group = text_of(membership.get("GroupId"))
    yield Row(
        member=text_of(membership.get("MembershipId")) or urn,
        label=f"{person or 'nobody knows who'} in {group}",
        values=(group, person),
    )


MEMBERSHIP = Table(
    name="organization_membership",
    about=(
        "Who is in which group that holds an assignment (`group_id`, `person`). `person` is NULL where the members of "
        "a group were not shown. Groups without an assignment are not asked for."
    ),
    columns={"group_id": "VARCHAR", "person": "VARCHAR"},
    readings=(Reading("identitystore.memberships", "configuration", _membership),),
)
