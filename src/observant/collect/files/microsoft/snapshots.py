"""Recognised pieces as collections of one tenant and its subscriptions; what is missing is a gap with the command."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from observant.collect.azure.collector import COLLECTIONS as OF_SUBSCRIPTION
from observant.collect.entra.collector import COLLECTIONS as OF_TENANT
from observant.collect.entra.groups import reference
from observant.collect.files.microsoft.exports import Piece, subscription_of
from observant.collect.files.microsoft.kinds import BY_COLLECTION, MEMBERS, MEMBERS_COMMAND
from observant.collect.microsoft.paging import tidy
from observant.errors import InputError
from observant.evidence.snapshot import Collection, Entity, Gap, GapReason
from observant.model.scope import Scope

ACTIVITY = "signInActivity"
_USAGE = {"entra.registration_details": ("lastUpdatedDateTime",)}
_ONE_TENANT = "hand in the exports of one tenant at a time"


def scopes_of(folder: Path, pieces: list[Piece]) -> dict[str, tuple[list[Piece], list[Collection]]]:
    """Scope -> its pieces and collections. Raises InputError for exports that contradict, or name no tenant."""
    subscriptions: dict[str, list[Piece]] = defaultdict(list)
    directory: list[Piece] = []
    for piece in pieces:
        if piece.kind.collection.startswith("azure."):
            subscriptions[subscription_of(piece)].append(piece)
        else:
            directory.append(piece)
    found = {}
    if directory:
        tenant = _tenant(folder, directory, subscriptions)
        found[str(Scope("entra", tenant))] = (directory, _collections(tenant, OF_TENANT, directory))
    for subscription, own in sorted(subscriptions.items()):
        found[str(Scope("azure", subscription))] = (own, _collections(subscription, OF_SUBSCRIPTION, own))
    return found


def _tenant(folder: Path, directory: list[Piece], subscriptions: dict[str, list[Piece]]) -> str:
    named = {
        str(one.get("id")).lower()
        for piece in directory
        if piece.kind.collection == "entra.organization"
        for one in piece.objects
    }
    named |= {
        str(one["tenantId"]).lower()
        for pieces in subscriptions.values()
        for piece in pieces
        for one in piece.objects
        if piece.kind.collection == "azure.subscription" and one.get("tenantId")
    }
    if len(named) > 1:
        raise InputError(folder, "", f"holds exports of several tenants: {', '.join(sorted(named))}", _ONE_TENANT)
    if not named:
        command = BY_COLLECTION["entra.organization"].command
        raise InputError(folder, "", "no export names its tenant", f"add the organization: {command}")
    return named.pop()


def _collections(scope: str, names: Iterable[str], pieces: list[Piece]) -> list[Collection]:
    by_name: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        by_name[piece.kind.collection].append(piece)
    return [_collection(scope, name, by_name) for name in names]


def _collection(scope: str, name: str, pieces: dict[str, list[Piece]]) -> Collection:
    if name == "entra.user_activity":
        return _activity(pieces.get("entra.users", []))
    own = pieces.get(name, [])
    if not own:
        return Collection(name, gap=Gap(GapReason.NOT_ATTEMPTED, _how(name)))
    if all(piece.unfinished for piece in own) or _pages_missing(own):
        detail = f"{own[-1].file.path.name}: names a next page, and no export holds it"
        return Collection(name, gap=Gap(GapReason.TRUNCATED, detail))
    lacks = _dynamic_only(own) if name == "entra.groups" else next((one.lacks for one in own if one.lacks), "")
    if lacks:
        return Collection(name, gap=Gap(GapReason.TRUNCATED, f"{lacks}: {_how(name)}"))
    return Collection(name, list(_members(own) if name == MEMBERS.collection else _entities(scope, own)))


def _dynamic_only(own: list[Piece]) -> str:
    """Unless it is told otherwise, EntraExporter saves the groups whose members a rule decides, and no others."""
    groups = [one for piece in own for one in piece.objects]
    if all(len(piece.objects) == 1 for piece in own) and all("DynamicMembership" in _kinds(one) for one in groups):
        return "only dynamic groups are in the export"
    return ""


def _kinds(group: dict[str, object]) -> list[object]:
    kinds = group.get("groupTypes")
    return kinds if isinstance(kinds, list) else []


def _pages_missing(own: list[Piece]) -> bool:
    """Pages of members are told apart by group: each group needs its last one."""
    if own[0].kind is not MEMBERS:
        return False
    ended = {piece.group for piece in own if not piece.unfinished}
    return any(piece.group not in ended for piece in own)


def _how(name: str) -> str:
    if name == MEMBERS.collection:
        return f"no export: {MEMBERS_COMMAND}"
    kind = BY_COLLECTION.get(name)
    return f"no export: {kind.command}" if kind else "not read from files: collect from the tenant itself"


def _entities(scope: str, own: list[Piece]) -> Iterable[Entity]:
    seen: dict[str, tuple[Entity, Piece]] = {}
    for piece in own:
        for one in piece.objects:
            entity = _entity(scope, piece, {key: value for key, value in one.items() if key != ACTIVITY})
            first, other = seen.setdefault(entity.urn, (entity, piece))
            if first != entity:
                problem = f"{entity.urn} stands in {other.file.path} too, not the same"
                raise piece.file.wrong("", problem, "hand in one export of each kind, or all pages of one")
    return [entity for entity, _ in seen.values()]


def _entity(scope: str, piece: Piece, one: dict[str, object]) -> Entity:
    kind = piece.kind
    name = scope if kind.single else one.get(kind.urn)
    if not isinstance(name, str) or not name:
        raise piece.file.wrong("", f"an object of {kind.collection} has no {kind.urn}", "save the answer unchanged")
    lower = kind.collection.startswith("azure.") and kind.urn == "id"
    usage = {key: one.pop(key) for key in _USAGE.get(kind.collection, ()) if key in one}
    return Entity(name.lower() if lower else name, tidy(one), usage or None)


def _members(own: list[Piece]) -> Iterable[Entity]:
    groups: dict[str, dict[str, dict[str, object]]] = defaultdict(dict)
    for piece in own:
        members = groups[piece.group]
        for one in piece.objects:
            if not isinstance(one.get("id"), str):
                raise piece.file.wrong("", "a member has no id", "save the answer unchanged")
            # Tools that save names but no types ask for them by $select, which only users answer.
            known = {"@odata.type": "user", **one} if one.get("userPrincipalName") else one
            members[one["id"]] = reference(known)
    return [
        Entity(group, {"id": group, "members": [members[one] for one in sorted(members)]})
        for group, members in sorted(groups.items())
    ]


def _activity(users: list[Piece]) -> Collection:
    """Last sign-ins, when the export of users was asked for them: Graph leaves them out otherwise."""
    name = "entra.user_activity"
    objects = [one for piece in users for one in piece.objects]
    if not any(ACTIVITY in one for one in objects) or all(piece.unfinished for piece in users):
        detail = f"no {ACTIVITY} in an export of users: {_how('entra.users')}"
        return Collection(name, gap=Gap(GapReason.NOT_ATTEMPTED, detail))
    used = {str(one["id"]): one.get(ACTIVITY) for one in objects}
    return Collection(name, [Entity(user, {"id": user}, {ACTIVITY: usage}) for user, usage in used.items()])
