"""What reviewers of a world decided: one revocation for each kind of access that its first snapshots show."""

from collections.abc import Iterable
from datetime import datetime

from observant.evidence.log import Draft
from observant.evidence.snapshot import Entity, Snapshot
from observant.model.time import text

_SEEN_IN = {
    "iam.users": "aws-user",
    "entra.users": "entra-member",
    "sso.assignments": "organization-assignment",
    "azure.role_assignments": "azure-role",
}
"""Collection -> the kind of access that its entities are."""


def _member(entities: list[Entity]) -> str:
    """The first that is such access: in a tenant an enabled member. Of a collection that was not read, somebody."""
    for one in entities:
        if one.configuration.get("accountEnabled", True) and one.configuration.get("userType", "Member") == "Member":
            return one.urn
    return "somebody"


def revoked(snapshots: Iterable[Snapshot], at: datetime) -> Draft:
    """A sign-off that revokes the first entity of each collection; of a collection that was not read, somebody."""
    actions = []
    for snapshot in snapshots:
        for collection in snapshot.collections:
            if collection.name in _SEEN_IN:
                member = _member(collection.entities)
                actions.append(
                    {
                        "item": f"{len(actions):012x}",
                        "kind": _SEEN_IN[collection.name],
                        "scope": snapshot.scope,
                        "member": member,
                        "label": member,
                        "choice": "revoke",
                        "reason": "not needed",
                        "ticket": "",
                        "decided_at": text(at),
                    }
                )
    return Draft("review-signed", "", at, {"campaign": "first", "reviewer": "ada", "actions": actions})
