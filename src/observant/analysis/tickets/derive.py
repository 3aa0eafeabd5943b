"""The tables about changes and their tickets, made together: matching is done once for all of them."""

import duckdb

from observant.analysis.derivation import Derivation
from observant.analysis.slices import store
from observant.analysis.tickets import parties, use
from observant.analysis.tickets import trace as tracing
from observant.analysis.tickets.meaning import tickets_of
from observant.analysis.tickets.unread import unread_logs


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    tickets, people, logs = tickets_of(connection), tracing.directory(connection), list(unread_logs(connection))
    traced = list(tracing.trace(connection, tickets, people))
    store(connection, tracing.TRACE.name, tracing.TRACE.columns, tracing.rows(traced, logs))
    store(connection, parties.PARTY.name, parties.PARTY.columns, parties.rows(connection, traced, people))
    store(connection, use.USE.name, use.USE.columns, use.rows(tickets, traced, logs))


# The registers of changes read the other two, whether or not a check that does was asked.
_COMMITMENTS = frozenset({"snapshot_cadence", "change_approval", "change_tickets"})
CHANGE_TICKETS = Derivation((tracing.TRACE, parties.PARTY, use.USE), _derive, _COMMITMENTS)
