"""Whom a policy names, included and excluded: `conditions.users`.

https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-users-groups
"""

import re
from typing import Any

import msgspec

from observant.analysis.conditional_access.conditions import empty, flags, texts

GUEST_TYPES = (
    "internalGuest",
    "b2bCollaborationGuest",
    "b2bCollaborationMember",
    "b2bDirectConnectUser",
    "otherExternalUser",
    "serviceProvider",
)
"""In the order of their flag values: the audit log writes 63 for all of them."""

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LEGACY_GUESTS = "guestsorexternalusers"


class Selection(msgspec.Struct, frozen=True):
    """One side of it. Ids lower case."""

    everybody: bool = False
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    """Template ids of directory roles."""
    guests: tuple[str, ...] = ()
    """Of `GUEST_TYPES`."""
    some_tenants: bool = False
    """The guest types are meant for some home tenants only; which person comes from where, nobody can tell."""
    legacy_guests: bool = False
    """`GuestsOrExternalUsers`, the older way to say guests."""
    unread: tuple[str, ...] = ()
    """Names that were not understood: they may stand for anybody."""


class Subjects(msgspec.Struct, frozen=True):
    include: Selection
    exclude: Selection


def subjects_of(given: Any) -> Subjects:  # noqa: ANN401 (as Graph or the audit log has it)
    """Read `conditions.users`. What is not understood on either side is kept as unread, never dropped."""
    if not isinstance(given, dict):
        return Subjects(Selection(unread=("users",)), Selection())
    known = {f"{way}{what}" for way in ("include", "exclude") for what in _WHAT}
    foreign = [
        name for name, value in given.items() if name not in known and "@odata." not in name and not empty(value)
    ]
    included = [name for name in foreign if not name.startswith("exclude")]
    excluded = [name for name in foreign if not name.startswith("include")]
    return Subjects(_side(given, "include", included), _side(given, "exclude", excluded))


_WHAT = ("Users", "Groups", "Roles", "GuestsOrExternalUsers")


def _side(given: dict[str, Any], way: str, unread: list[str]) -> Selection:
    users, strange = _ids(given, f"{way}Users", ("all", "none", _LEGACY_GUESTS))
    groups, strange_groups = _ids(given, f"{way}Groups")
    roles, strange_roles = _ids(given, f"{way}Roles")
    guests, some_tenants, strange_guests = _guests(given.get(f"{way}GuestsOrExternalUsers"))
    return Selection(
        everybody="all" in users,
        users=tuple(one for one in users if _ID.fullmatch(one)),
        groups=groups,
        roles=roles,
        guests=guests,
        some_tenants=some_tenants,
        legacy_guests=_LEGACY_GUESTS in users,
        unread=(*unread, *strange, *strange_groups, *strange_roles, *strange_guests),
    )


def _ids(given: dict[str, Any], name: str, words: tuple[str, ...] = ()) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(ids and known words, what is neither)"""
    value = texts(given.get(name))
    if value is None:
        return (), (name,)
    lowered = [(one.lower(), one) for one in value]
    good = tuple(dict.fromkeys(low for low, _ in lowered if low in words or _ID.fullmatch(low)))
    return good, tuple(one for low, one in lowered if low not in good)


def _guests(given: Any) -> tuple[tuple[str, ...], bool, tuple[str, ...]]:  # noqa: ANN401
    """(types, only of some tenants, not understood)"""
    if empty(given):
        return (), False, ()
    if not isinstance(given, dict):
        return (), False, ("GuestsOrExternalUsers",)
    types = None if empty(given.get("guestOrExternalUserTypes")) else given["guestOrExternalUserTypes"]
    names = [] if types is None else flags(types, GUEST_TYPES)
    if names is None:
        return (), False, (f"guest type {types}",)
    tenants = given.get("externalTenants")
    if empty(tenants):
        return tuple(names), False, ()
    kind = tenants.get("membershipKind") if isinstance(tenants, dict) else None
    everywhere = isinstance(kind, str) and kind.lower() == "all"
    return tuple(names), not everywhere, ()
