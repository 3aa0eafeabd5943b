"""What reviewers of a world decided: one revocation for each kind of access that its first snapshots show."""

from collections.abc import Iterable
from datetime import datetime

from observant.evidence.log import Draft
from observant.evidence.snapshot import Snapshot
from observant.model.time import text

_SEEN_IN = {"iam.users": "aws-user"}
"""Collection -> the kind of access that its entities are."""


def revoked(snapshots: Iterable[Snapshot], at: datetime) -> Draft:
    """A sign-off that revokes the first entity of each collection; of a collection that was not read, somebody."""
    actions = []
    for snapshot in snapshots:
        for collection in snapshot.collections:
            if collection.name in _SEEN_IN:
                member = collection.entities[0].urn if collection.entities else "somebody"
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
