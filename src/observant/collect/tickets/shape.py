"""What is kept of a ticket and of a pull request: the same for every tracker, in the tracker's own words.

Texts that people write to each other stay where they are. Of a description only what it refers to is kept: ids of
tickets and pull requests, commits, events.

A person is `{"id", "name", "email"}` with None for what the tracker does not say; nobody is None. `at` is None where
the tracker knows that something happened and not when. What could not be read stands as `{"Unread": …}` in place of
the list.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from observant.evidence.snapshot import Entity, Json
from observant.model.time import text

_REFERENCES = re.compile(
    r"(?<![\w/.#-])(?:"
    r"[\w.-]+/[\w.-]+#\d+"  # acme/infra#12
    r"|#\d+"
    r"|[A-Za-z][A-Za-z0-9]+-\d+"  # CHG-12
    r"|[A-Z]{2,8}\d{4,12}"  # CHG0030002
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # an event of CloudTrail
    r"|arn:aws[\w-]*:[\w:/+=,.@*-]+"
    r"|[0-9a-f]{40}"
    r")(?![\w/-])"
)
_LONGEST_TEXT = 1 << 20
_MOST = 500


def person(id: object, name: object = None, email: object = None) -> Json | None:  # noqa: A002 (the tracker's word)
    """Somebody as the tracker names them; None for nobody."""
    told = {"id": _word(id), "name": _word(name), "email": _word(email)}
    named = told["id"] or told["email"] or told["name"]
    return told | {"id": named} if named else None


def _word(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def references_in(*texts: object, repository: str = "") -> list[str]:
    """Ids that free text names, sorted; `#12` is of the repository."""
    found: set[str] = set()
    for one in texts:
        if isinstance(one, str):
            found.update(match[0].rstrip(".,:") for match in _REFERENCES.finditer(one[:_LONGEST_TEXT]))
    named = {f"{repository}{one}" if one.startswith("#") else one for one in found}
    return sorted(named)[:_MOST]


def moment_of(written: object) -> str | None:
    """A tracker's moment in our spelling; without a zone it is UTC. Raises ValueError for what is none."""
    if not isinstance(written, str) or not written.strip():
        return None
    read = datetime.fromisoformat(written.strip())
    return text((read if read.tzinfo else read.replace(tzinfo=UTC)).replace(microsecond=0))


def approval(by: Json | None, at: str | None, state: str = "approved") -> Json:
    return {"by": by, "at": at, "state": state}


def ticket(
    id: str,  # noqa: A002
    *,
    title: object,
    kind: object,
    status: object,
    requester: Json | None,
    implementer: Json | None,
    created: str | None,
    closed: str | None,
    approvals: list[Json] | Json,
    transitions: Iterable[Json] = (),
    references: Iterable[str] = (),
    labels: Iterable[str] = (),
) -> Entity:
    """`transitions`: `{"to", "by", "at"}`, each a status that it went to."""
    return Entity(
        id,
        {
            "id": id,
            "title": _word(title),
            "kind": _word(kind),
            "labels": sorted(labels),
            "status": _word(status),
            "requester": requester,
            "implementer": implementer,
            "created": created,
            "closed": closed,
            "approvals": approvals,
            "transitions": list(transitions),
            "references": sorted(references),
        },
    )


def pull_request(
    id: str,  # noqa: A002
    *,
    repository: str,
    title: object,
    author: Json | None,
    approvals: list[Json] | Json,
    merged_by: Json | None,
    created: str | None,
    merged: str | None,
    closed: str | None,
    commits: list[str] | Json,
    head: object,
    base: object = None,
    references: Iterable[str] = (),
) -> Entity:
    return Entity(
        id,
        {
            "id": id,
            "repository": repository,
            "title": _word(title),
            "author": author,
            "approvals": approvals,
            "merged_by": merged_by,
            "created": created,
            "merged": merged,
            "closed": closed,
            "commits": commits,
            "head": _word(head),
            "base": _word(base),
            "references": sorted(references),
        },
    )
