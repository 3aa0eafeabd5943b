"""Changes of access as they were made: by whom, on what, and under which names that a tracker may know."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import duckdb
import msgspec

from observant.analysis.actors import Actor, Begun, Caller, actor_of

_LONGEST_CHAIN = 8
_REPOSITORY = re.compile(r"repo:([\w.-]+/[\w.-]+)(?::|$)")
_NAMING = re.compile(r"(user|role|group|policy|instanceProfile)Name|policyArn|bucketName|trailName", re.IGNORECASE)

GRANTS = re.compile(r"(Attach|Add|Put|Create|Enable|Associate|Update(LoginProfile|AssumeRolePolicy))")
REMOVALS = re.compile(r"(Detach|Remove|Delete|Deactivate|Disable|Disassociate)")
_GIVING = frozenset({"grant", "membership", "credential", "identity", "assignment", "trust", "delegation"})
_NOT_GIVING = frozenset({"PutRolePermissionsBoundary", "PutUserPermissionsBoundary"})


class Made(NamedTuple):
    """One change that happened."""

    scope: str
    id: str
    label: str
    at: datetime
    record: int
    event: str
    category: str
    act: str
    """`grant`, `removal` or `other`."""
    target: str
    actor: Actor
    said: tuple[tuple[str, str], ...]
    """(where, what) its caller's session says about itself: tags, source identity, name."""
    repositories: frozenset[str]
    """Whose workflow began the session."""
    resources: frozenset[str]
    """Names of what it was done to, in lower case."""
    user: str
    """Name of the user whose access it is about; empty where it is about none."""


class Session(NamedTuple):
    begun: Begun
    tags: dict[str, str]


def changes_made(connection: duckdb.DuckDBPyConnection) -> Iterator[Made]:
    """Every change of AWS that was not refused and has a time."""
    sessions = sessions_of(connection)
    begun = {key: one.begun for key, one in sessions.items()}
    rows = connection.execute(
        """
        SELECT scope, member, label, happened_at, record, event_name, category, target, request,
               actor_kind, actor, session_name, session_key, source_identity, directory_user, invoked_by
        FROM aws_change WHERE NOT failed AND happened_at IS NOT NULL ORDER BY scope, happened_at, member
        """
    ).fetchall()
    for scope, member, label, at, record, event, category, target, request, *called in rows:
        caller = Caller(*called)
        chain = list(_chain(caller, sessions))
        said, repositories = _said(caller, chain)
        asked: Any = msgspec.json.decode(request) if request else {}
        yield Made(
            scope=scope,
            id=member,
            label=label,
            at=at,
            record=record,
            event=event,
            category=category or "",
            act=act_of(event, category or ""),
            target=target or "",
            actor=actor_of(caller, begun),
            said=said,
            repositories=repositories,
            resources=_resources(target, asked),
            user=str(asked.get("userName") or ""),
        )


def act_of(event: str, category: str) -> str:
    """Whether a change gives access or takes it."""
    if category in _GIVING and event not in _NOT_GIVING:
        if REMOVALS.match(event):
            return "removal"
        if GRANTS.match(event):
            return "grant"
    return "other"


def sessions_of(connection: duckdb.DuckDBPyConnection) -> dict[str, Session]:
    """Access key -> the session that it belongs to."""
    rows = connection.execute(
        "SELECT session_key, actor_kind, actor, by_key, source_identity, subject, provider, tags FROM aws_session"
    ).fetchall()
    found = {}
    for key, kind, arn, by_key, source_identity, subject, provider, tags in rows:
        name = arn.rpartition("/")[2] if arn and kind == "AssumedRole" else None
        caller = Caller(kind, arn, name, by_key, source_identity)
        found[key] = Session(Begun(caller, subject, provider), msgspec.json.decode(tags) if tags else {})
    return found


def _chain(caller: Caller, sessions: dict[str, Session]) -> Iterator[Session]:
    """The sessions that the caller's came from, the nearest first."""
    key, seen = caller.session_key, set[str]()
    while key and key in sessions and key not in seen and len(seen) < _LONGEST_CHAIN:
        seen.add(key)
        yield sessions[key]
        key = sessions[key].begun.caller.session_key


def _said(caller: Caller, chain: list[Session]) -> tuple[tuple[tuple[str, str], ...], frozenset[str]]:
    said: list[tuple[str, str]] = []
    repositories: set[str] = set()
    callers = [caller, *(one.begun.caller for one in chain)]
    for one in chain:
        said += [("session tag", value) for _, value in sorted(one.tags.items())]
        subject = one.begun.subject or ""
        repositories |= {match[1].casefold() for match in [_REPOSITORY.match(subject)] if match}
        repositories |= {value.casefold() for key, value in one.tags.items() if key.casefold() == "repository"}
    said += [("source identity", one.source_identity) for one in callers if one.source_identity]
    said += [("role session name", one.session_name) for one in callers if one.session_name]
    return tuple(dict.fromkeys(said)), frozenset(repositories)


def _resources(target: str | None, asked: dict[str, Any]) -> frozenset[str]:
    found = {target or ""}
    for key, value in asked.items():
        if _NAMING.fullmatch(key) and isinstance(value, str):
            found.add(value)
    lowered = {one.casefold() for one in found if one}
    return frozenset(lowered | {re.split(r"[/:]", one)[-1] for one in lowered})
