"""`observant review ticket`: under which ticket something is carried out, named after the signature.

The signed table keeps the ticket that the reviewer knew of. A later one is a record of its own, so that nothing that
was signed changes and everybody sees who named it, and when.
"""

import json

import msgspec

from observant.app.opening import writing_log
from observant.app.reviews.drafts import changing
from observant.app.reviews.state import all_campaigns, reviewing
from observant.app.workspace import Workspace
from observant.errors import UsageError
from observant.evidence.log import Draft
from observant.inventory.projection import Inventory
from observant.model.time import Clock

TICKET = "review-ticket"


class Ticket(msgspec.Struct, frozen=True):
    """Predicate of `review-ticket`."""

    campaign: str
    item: str
    ticket: str
    by: str


def tickets(inventory: Inventory) -> dict[tuple[str, str], str]:
    """(campaign, item) -> the ticket that was named last."""
    rows = inventory.connection.execute(
        'SELECT predicate FROM record WHERE kind = ? ORDER BY "index"', [TICKET]
    ).fetchall()
    named = [msgspec.convert(json.loads(row[0]), Ticket) for row in rows]
    return {(one.campaign, one.item): one.ticket for one in named}


def name_ticket(workspace: Workspace, campaign: str, item: str, ticket: str, by: str, clock: Clock) -> int:
    """Record the ticket of a signed decision to revoke or change; returns the record."""
    if not ticket.strip():
        raise UsageError("no ticket was named", "give its number or its address")
    with changing(workspace.root, campaign):
        with reviewing(workspace, clock) as (_, inventory):
            found = all_campaigns(inventory).get(campaign)
        asked = [action.item for signed in (found.signed.values() if found else ()) for action in signed.actions]
        if item not in asked:
            raise UsageError(
                f"campaign {campaign} has no signed decision to carry out about {item!r}",
                "`observant review status` lists them",
            )
        predicate = msgspec.to_builtins(Ticket(campaign, item, ticket.strip(), by))
        with writing_log(workspace, clock) as log:
            (record,) = log.append([Draft(TICKET, "", clock(), predicate)])
    return record.index
