"""`tickets_ticket_use`: tickets for changes of access, and the changes that were made for them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise, product

from observant.analysis.derivation import DerivedTable
from observant.analysis.slices import Answer, shape
from observant.analysis.tickets.meaning import PULL_REQUEST, Ticket
from observant.analysis.tickets.trace import COLLECTIONS, Traced
from observant.analysis.tickets.unread import Log
from observant.model.time import FOREVER

USE = DerivedTable(
    name="tickets_ticket_use",
    about=(
        "Tickets for changes of access, before and after the first change that was made for them. `purpose` is change, "
        "emergency, access or other. `done` is NULL where no log of changes was read, or where it is not known who "
        "is who; `ended` says that the ticket was cancelled."
    ),
    columns=shape(
        purpose="VARCHAR",
        status="VARCHAR",
        approved="BOOLEAN",
        approved_at="TIMESTAMP",
        ended="BOOLEAN",
        done="BOOLEAN",
        done_at="TIMESTAMP",
        changes="BIGINT",
    ),
    collections=COLLECTIONS,
)
_FOREVER = FOREVER.replace(tzinfo=None)
Key = tuple[str, str]


def rows(tickets: list[Ticket], traced: Iterable[Traced], logs: list[Log]) -> Iterator[Answer]:
    """The table."""
    by_id = {(one.scope, one.id.casefold()): one for one in tickets if one.purpose != PULL_REQUEST}
    made: dict[Key, list[datetime]] = defaultdict(list)
    unclear: set[Key] = set()
    for one in traced:
        unclear |= one.found.unclear
        match = one.states[-1][1].match
        if match is None:
            continue
        made[match.ticket.scope, match.ticket.id].append(one.change.at)
        if match.ticket.purpose == PULL_REQUEST:  # and with it the tickets that it names
            for scope, name in product({scope for scope, _ in by_id}, match.ticket.names):
                if (scope, name) in by_id:
                    made[scope, by_id[scope, name].id].append(one.change.at)
    heard = {one.scope for one in logs} == {one.scope for one in logs if not one.unread} != set()
    for ticket in by_id.values():
        if ticket.created is not None:
            key = ticket.scope, ticket.id
            yield from _rows(ticket, sorted(made[key]), clear=heard and key not in unclear)


def _rows(ticket: Ticket, made: list[datetime], *, clear: bool) -> Iterator[Answer]:
    start = ticket.created or _FOREVER
    first = made[0] if made else None
    ends = ticket.closed if ticket.cancelled and ticket.closed else start if ticket.cancelled else None
    edges = sorted({start, _FOREVER, *(at for at in (first, ends) if at is not None and at > start)})
    for begin, end in pairwise(edges):
        done = first is not None and first <= begin
        yield Answer(
            scope=ticket.scope,
            member=ticket.id,
            label=f"{ticket.id} {ticket.title}".strip(),
            valid_from=begin,
            valid_to=end,
            earliest=begin,
            record=ticket.record,
            values=(
                ticket.purpose,
                ticket.status,
                bool(ticket.approvals) if ticket.approvals is not None else None,
                ticket.approved,
                None if ticket.cancelled is None else ends is not None and ends <= begin,
                True if done else False if clear else None,
                first,
                len(made),
            ),
        )
