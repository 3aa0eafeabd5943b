"""`aws_change_party`: who asked for a change, who approved it, who made it, and whose access it was about.

Each is compared with the others as far as the list of people tells who is who. A pipeline makes what somebody merged,
so who merged the pull request stands for it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

import duckdb

from observant.analysis.derivation import DerivedTable
from observant.analysis.kleene import Kleene, either
from observant.analysis.people.identities import IDENTITY
from observant.analysis.slices import Answer, shape
from observant.analysis.tickets.identity import Directory, Named, same
from observant.analysis.tickets.meaning import Ticket, Who
from observant.analysis.tickets.trace import COLLECTIONS, Traced
from observant.model.time import FOREVER

PARTY = DerivedTable(
    name="aws_change_party",
    about=(
        "Changes of access and who was behind each: who asked, approved and made it, and `subject`, the person whose "
        "user it is about. The flags compare them, and are NULL where it is not known who is who; `own` says that "
        "somebody changed something of their own, such as a key."
    ),
    columns=shape(
        event="VARCHAR",
        actor="VARCHAR",
        act="VARCHAR",
        linked="BOOLEAN",
        ticket="VARCHAR",
        requester="VARCHAR",
        approvers="VARCHAR",
        implementer="VARCHAR",
        requester_approved="BOOLEAN",
        approver_implemented="BOOLEAN",
        requester_implemented="BOOLEAN",
        subject="VARCHAR",
        subject_name="VARCHAR",
        has_subject="BOOLEAN",
        own="BOOLEAN",
    ),
    collections=COLLECTIONS | IDENTITY.collections,
)
_FOREVER = FOREVER.replace(tzinfo=None)

Users = dict[tuple[str, str], list[tuple[datetime, str, str | None, str | None]]]
"""(scope, user name) -> (since, kind, person, name) in order."""


def _users(connection: duckdb.DuckDBPyConnection) -> Users:
    rows = connection.execute(
        f"SELECT scope, label, valid_from, kind, person, person_name FROM {IDENTITY.name} "  # noqa: S608
        "ORDER BY scope, label, valid_from"
    ).fetchall()
    found: Users = {}
    for scope, label, since, kind, person, name in rows:
        found.setdefault((scope, label), []).append((since, kind, person, name))
    return found


def _subject(traced: Traced, users: Users) -> tuple[str | None, str | None, bool | None]:
    """(person, name, whether it is about a person), as the user was linked then, or first after that."""
    change = traced.change
    if not change.user:
        return None, None, False
    known = users.get((change.scope, change.user), [])
    if not known:
        return None, None, None
    then = [one for one in known if one[0] <= change.at]
    _, kind, person, name = then[-1] if then else known[0]
    if kind == "unlinked":
        return None, None, None
    return (person, name, True) if kind == "person" else (None, None, False)


def _answer(traced: Traced, people: Directory, users: Users) -> Answer:
    change, state = traced.change, traced.states[-1][1]
    ticket = state.match.ticket if state.match else None
    implementer = people.actor(change.scope, change.actor, change.at)
    named = change.actor.name
    if change.actor.kind in ("workflow", "service") and ticket is not None and ticket.implementer is not None:
        implementer, named = people.who(ticket.scope, ticket.implementer, change.at), ticket.implementer.id
    flags = _flags(ticket, implementer, people, change.at) if ticket else (None, None, None)
    subject = _subject(traced, users)
    approvers = [one.by.id for one in (ticket.approvals or ()) if one.by] if ticket else []
    return Answer(
        scope=change.scope,
        member=change.id,
        label=change.label,
        valid_from=change.at,
        valid_to=_FOREVER,
        earliest=change.at,
        record=max(change.record, ticket.record) if ticket else change.record,
        values=(
            change.event,
            change.actor.name,
            change.act,
            state.linked,
            ticket.id if ticket else None,
            ticket.requester.id if ticket and ticket.requester else None,
            ", ".join(dict.fromkeys(approvers)) or None,
            named,
            *flags,
            *subject,
            _is_own(traced, people, subject[0]),
        ),
    )


def _is_own(traced: Traced, people: Directory, subject: str | None) -> Kleene:
    """Whether who made the change is whom it is about."""
    change = traced.change
    if change.actor.kind == "user" and change.actor.name.rpartition("/")[2] == change.user:
        return True
    actor = people.actor(change.scope, change.actor, change.at)
    if subject is not None and actor.person is not None:
        return actor.person.id == subject
    return False if change.actor.kind in ("user", "root", "service", "workflow") else None


def _flags(ticket: Ticket, implementer: Named, people: Directory, at: datetime) -> tuple[Kleene, Kleene, Kleene]:
    """(who asked approved, who approved made it, who asked made it)"""

    def named(who: Who | None) -> Named | None:
        return people.who(ticket.scope, who, at) if who is not None else None

    def are(one: Named | None, other: Named | None) -> Kleene:
        return same(one, other) if one is not None and other is not None else None

    asked = named(ticket.requester)
    if ticket.approvals is None:
        return None, None, are(asked, implementer)
    approvers = [named(one.by) for one in ticket.approvals]
    return (
        either(are(asked, one) for one in approvers),
        either(are(one, implementer) for one in approvers),
        are(asked, implementer),
    )


def rows(connection: duckdb.DuckDBPyConnection, traced: Iterable[Traced], people: Directory) -> Iterator[Answer]:
    """The table."""
    users = _users(connection)
    for one in traced:
        yield _answer(one, people, users)
