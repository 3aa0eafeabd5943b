"""`observant changes link`: a human says which ticket a change was made for, or why it has none. That is a record."""

import getpass
import socket

import msgspec

from observant.analysis.tickets.trace import LINK_KIND
from observant.app.evaluate import open_inventory
from observant.app.opening import open_log, writing_log
from observant.app.workspace import Workspace
from observant.errors import UsageError
from observant.evidence.log import Draft
from observant.model.time import Clock

LONGEST_REASON = 2_000


class ChangeLinked(msgspec.Struct, frozen=True):
    """The answer of `observant changes link`."""

    record: int
    """Leaf index of what was recorded."""
    scope: str
    change: str
    label: str
    ticket: str
    reason: str
    by: str


def link_change(workspace: Workspace, change: str, ticket: str, reason: str, by: str, clock: Clock) -> ChangeLinked:
    """Record it. Raises UsageError for a change or ticket that the evidence does not have, or without a reason."""
    reason, by = reason.strip(), by.strip() or f"{getpass.getuser()}@{socket.gethostname()}"
    if not reason or len(reason) > LONGEST_REASON:
        raise UsageError("a link needs a reason, of 2,000 characters at most", "say it with --reason")
    with open_inventory(workspace, open_log(workspace, clock)) as inventory:
        found = inventory.connection.execute(
            "SELECT scope, label FROM aws_change WHERE member = ? AND NOT failed", [change]
        ).fetchall()
        tickets = inventory.connection.execute(
            "SELECT DISTINCT member FROM (SELECT member FROM tickets_ticket UNION ALL SELECT member FROM "
            "tickets_pull_request) WHERE lower(member) = lower(?)",
            [ticket],
        ).fetchall()
    if len(found) != 1:
        raise UsageError(f"there is no change {change!r}", "take the id from `observant changes match --csv`")
    if ticket and not tickets:
        raise UsageError(f"no tracker has {ticket!r}", "collect first, or leave --ticket out and explain the change")
    ((scope, label),) = found
    named = tickets[0][0] if tickets else ""
    predicate = {"change": change, "label": label, "ticket": named, "reason": reason, "by": by}
    with writing_log(workspace, clock) as log:
        (record,) = log.append([Draft(LINK_KIND, scope, clock(), predicate)])
    return ChangeLinked(record.index, scope, change, label, named, reason, by)
