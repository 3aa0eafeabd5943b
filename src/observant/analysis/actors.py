"""Who stands behind a change: from the caller that the event names, through role sessions, to whoever began them.

Nothing is guessed. What an event shows is taken in this order: the source identity that a session was begun with, the
Identity Center user, the subject of a federated token (a GitHub workflow with its repository and ref), the caller of
the event that began the session, and so on back; where no such event was kept, the name of the session, as that.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

_LONGEST_CHAIN = 8
_IDENTITY_CENTER = re.compile(r":assumed-role/AWSReservedSSO_[^/]+/")
_GITHUB = "token.actions.githubusercontent.com"


class Caller(NamedTuple):
    """As an event or the beginning of a session names who called."""

    kind: str | None
    arn: str | None
    session_name: str | None
    session_key: str | None
    source_identity: str | None
    directory_user: str | None = None
    invoked_by: str | None = None


class Begun(NamedTuple):
    """The event that began a session."""

    caller: Caller
    subject: str | None
    provider: str | None


class Actor(NamedTuple):
    """`name` as evidence has it; `shown_by` says what it was taken from."""

    name: str
    kind: str
    """`user`, `root`, `person` (of a directory), `workflow`, `federated`, `session`, `service` or `unknown`."""
    shown_by: str


def actor_of(caller: Caller, sessions: Mapping[str, Begun]) -> Actor:
    """Resolve a caller; `sessions` by the access key that they gave."""
    seen: set[str] = set()
    while True:
        found = _named(caller)
        if found is not None:
            return found
        begun = sessions.get(caller.session_key or "")
        if begun is None or caller.session_key in seen or len(seen) >= _LONGEST_CHAIN:
            return _as_session(caller)
        seen.add(caller.session_key or "")
        if begun.subject:
            workflow = _GITHUB in (begun.provider or "") or begun.subject.startswith("repo:")
            return Actor(begun.subject, "workflow" if workflow else "federated", f"subject of {begun.provider}")
        caller = begun.caller


def _named(caller: Caller) -> Actor | None:
    if caller.source_identity:
        return Actor(caller.source_identity, "person", "source identity of the session")
    if caller.directory_user:
        return Actor(caller.directory_user, "person", "Identity Center user on whose behalf it was called")
    if caller.kind == "Root":
        return Actor("root", "root", "caller of the event")
    if caller.kind == "IAMUser" and caller.arn:
        return Actor(caller.arn, "user", "caller of the event")
    if caller.kind == "AWSService" or (caller.invoked_by and not caller.arn):
        return Actor(caller.invoked_by or caller.arn or "a service of AWS", "service", "caller of the event")
    if caller.arn and _IDENTITY_CENTER.search(caller.arn) and caller.session_name:
        return Actor(caller.session_name, "person", "user name in the Identity Center session")
    return None


def _as_session(caller: Caller) -> Actor:
    if caller.session_name:
        return Actor(caller.arn or caller.session_name, "session", "name of the session; who began it is not known")
    return Actor(caller.arn or "unknown", "unknown", "caller of the event")
