"""`aws_change_trace`: every change of access with the ticket it was made for, from the change on.

A row holds until something is known to be different: a ticket that is approved afterwards, a human who links or
explains. What the trackers said before the change does not show that there is no ticket: until all of them were read
again, an unlinked change is not known to be one. Time in which the log of changes was not read has a row, too.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

import duckdb
import msgspec

from observant.analysis.derivation import DerivedTable
from observant.analysis.people.identities import IDENTITY
from observant.analysis.people.timeline import People
from observant.analysis.slices import Answer, shape
from observant.analysis.tickets.identity import Directory
from observant.analysis.tickets.made import Made, changes_made
from observant.analysis.tickets.matching import LINKING, Found, Match, Tickets
from observant.analysis.tickets.meaning import EMERGENCY, Ticket
from observant.analysis.tickets.unread import Log
from observant.model.time import FOREVER

COLLECTIONS = frozenset({"tickets.tickets", "tickets.pull_requests", "tickets.rules"})
LINK_KIND = "change-link"
"""Record: a human linked or explained a change."""
_FOREVER = FOREVER.replace(tzinfo=None)

TRACE = DerivedTable(
    name="aws_change_trace",
    about=(
        "Changes of access and what they were made for. `linked` is NULL where it cannot be known yet; `rule` and "
        "`strength` say how the ticket was found. `approved` says whether it had been approved by then, `explained` "
        "that a human said why there is no ticket. `possible` are tickets that only a human can link. One member a "
        "scope stands for its log: `act` is `unread` while nobody knows what was changed."
    ),
    columns=shape(
        happened_at="TIMESTAMP",
        event="VARCHAR",
        category="VARCHAR",
        act="VARCHAR",
        target="VARCHAR",
        actor="VARCHAR",
        actor_kind="VARCHAR",
        linked="BOOLEAN",
        ticket_scope="VARCHAR",
        ticket="VARCHAR",
        purpose="VARCHAR",
        rule="VARCHAR",
        strength="VARCHAR",
        emergency="BOOLEAN",
        approved="BOOLEAN",
        approved_at="TIMESTAMP",
        explained="BOOLEAN",
        explanation="VARCHAR",
        possible="VARCHAR",
    ),
    collections=COLLECTIONS,
)


class Said(NamedTuple):
    """What a human recorded about a change."""

    at: datetime
    by: str
    ticket: str
    reason: str


class State(NamedTuple):
    """What holds of one change for a while."""

    match: Match | None
    linked: bool | None
    approved: bool | None
    explanation: str | None


class Traced(NamedTuple):
    """A change, what was found for it, and its states in time, the last one without end."""

    change: Made
    found: Found
    states: list[tuple[datetime, State]]


def trace(connection: duckdb.DuckDBPyConnection, tickets: list[Ticket], people: Directory) -> Iterator[Traced]:
    """Every change of AWS, traced."""
    index, said, read = Tickets(tickets, people), _said(connection), last_read(connection)
    for change in changes_made(connection):
        found = index.matching(change)
        yield Traced(change, found, _states(change, found, said.get((change.scope, change.id), []), index, read))


def directory(connection: duckdb.DuckDBPyConnection) -> Directory:
    rows = connection.execute(
        f"SELECT scope, member, arg_max(person, valid_from) FROM {IDENTITY.name} "  # noqa: S608
        "WHERE kind = 'person' GROUP BY scope, member"
    ).fetchall()
    return Directory(People(connection), {(scope, member): person for scope, member, person in rows})


def last_read(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """Up to when every tracker was read; None when there is none, or one that never was."""
    row = connection.execute(
        """
        SELECT min(last), bool_and(last IS NOT NULL) FROM (
          SELECT scope, collection, max(started) FILTER (complete) AS last FROM reading
          WHERE collection IN ('tickets.tickets', 'tickets.pull_requests') GROUP BY scope, collection
        )
        """
    ).fetchone()
    return row[0] if row and row[1] else None


def _said(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[Said]]:
    found: dict[tuple[str, str], list[Said]] = defaultdict(list)
    rows = connection.execute(
        'SELECT scope, effective, predicate FROM record WHERE kind = ? ORDER BY effective, "index"', [LINK_KIND]
    ).fetchall()
    for scope, at, written in rows:
        read: dict[str, Any] = msgspec.json.decode(written)
        one = Said(at, str(read.get("by", "")), str(read.get("ticket", "")), str(read.get("reason", "")))
        found[scope, str(read.get("change", ""))].append(one)
    return found


def _states(
    change: Made, found: Found, said: list[Said], index: Tickets, read: datetime | None
) -> list[tuple[datetime, State]]:
    best = next((match for match in found.matches if match.strength in LINKING), None)
    unsure = bool(found.unclear) or read is None or read <= change.at
    states = _of_match(change.at, best) if best else [(change.at, State(None, None if unsure else False, False, None))]
    for one in said:
        since = max(change.at, one.at)
        declared = index.of(one.ticket) if one.ticket else []
        explanation = f"{one.by}: {one.reason}" if one.reason else None
        kept = [(at, state) for at, state in states if at < since]
        if declared:
            states = kept + _of_match(since, Match(declared[0], f"linked by {one.by}", "declared"), explanation)
        elif explanation:
            before = kept[-1][1] if kept else states[0][1]
            states = [*kept, (since, before._replace(explanation=explanation))]
    return states


def _of_match(since: datetime, match: Match, explanation: str | None = None) -> list[tuple[datetime, State]]:
    """Before and after the approval; at once where there was one, or where that is not known."""
    ticket = match.ticket
    at = ticket.approved
    if at is None:
        return [(since, State(match, True, False if ticket.is_clear else None, explanation))]
    if at <= since:
        return [(since, State(match, True, True, explanation))]
    waiting = State(match, True, False if ticket.is_clear else None, explanation)
    return [(since, waiting), (at, waiting._replace(approved=True))]


def answers(traced: Traced) -> Iterator[Answer]:
    """Its rows."""
    change, found, states = traced
    possible = ", ".join(match.ticket.id for match in found.matches if match.strength not in LINKING) or None
    ends = [at for at, _ in states[1:]] + [_FOREVER]
    for (start, state), end in zip(states, ends, strict=True):
        ticket = state.match.ticket if state.match else None
        yield Answer(
            scope=change.scope,
            member=change.id,
            label=change.label,
            valid_from=start,
            valid_to=end,
            earliest=start,
            record=max(change.record, ticket.record) if ticket else change.record,
            values=(
                change.at,
                change.event,
                change.category,
                change.act,
                change.target,
                change.actor.name,
                change.actor.kind,
                state.linked,
                ticket.scope if ticket else None,
                ticket.id if ticket else None,
                ticket.purpose if ticket else None,
                state.match.rule if state.match else None,
                state.match.strength if state.match else None,
                ticket.purpose == EMERGENCY if ticket and ticket.purpose else None,
                state.approved,
                ticket.approved if ticket else None,
                state.explanation is not None,
                state.explanation,
                possible,
            ),
        )


def rows(traced: Iterable[Traced], logs: Iterable[Log]) -> Iterator[Answer]:
    """The table: every change, and every log."""
    for one in traced:
        yield from answers(one)
    for log in logs:
        about = {"act": "unread" if log.unread else "read"}
        own = tuple(about.get(column) for column in list(TRACE.columns)[len(shape()) :])
        yield Answer(log.scope, log.member, log.label, log.start, log.end, log.start, log.record, own)
