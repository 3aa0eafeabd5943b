"""`observant changes match`."""

from datetime import datetime
from fnmatch import fnmatchcase

import click
import msgspec

from observant.cli.options import DAY, Form, Session, formats, in_session, period_of, warn_of_nothing, warn_of_policy
from observant.cli.output import show

_SHOWN = ("made_at", "class", "event", "target", "actor", "ticket", "rule", "approved_at", "possible", "change")


@click.command(short_help="Match changes of access with tickets and pull requests, both ways.")
@click.option("--from", "first", type=DAY, help="First day (UTC); the first day with evidence when not given.")
@click.option("--to", "last", type=DAY, help="Last day (UTC); today when not given.")
@click.option("--class", "wanted", default="*", metavar="GLOB", help="Only these classes, such as unlinked or late.")
@click.option("--tickets", is_flag=True, help="The other way: approved tickets, and the changes made for them.")
@formats()
@in_session
def command(
    session: Session, first: datetime | None, last: datetime | None, wanted: str, tickets: bool, form: Form
) -> int:
    """Show for every change of access the ticket or pull request it was made for, with the rule that found it and how
    strong that is: those without one first, then those that were approved late or not at all. Classes are planned,
    emergency, late, unapproved, unlinked, explained, exempt and unknown.

    With --tickets: approved tickets, those first for which no change was made.
    """
    from observant.app.evaluate import judged
    from observant.app.registers import listed
    from observant.app.workspace import Workspace
    from observant.model.time import now

    with judged(Workspace.open(session.workspace), now) as workspace:
        warn_of_policy(workspace.unrecorded)
        nothing_known = warn_of_nothing(workspace.scopes, demo=workspace.provenance.demo)
        result = listed(workspace, "tickets" if tickets else "change-tickets", period_of(first, last))
    for sentence in result.not_known:
        click.echo(sentence, err=True)
    kind = result.columns.index("found" if tickets else "class")
    result = msgspec.structs.replace(result, rows=[row for row in result.rows if fnmatchcase(str(row[kind]), wanted)])
    columns, rows = result.columns, result.rows
    if form == "human" and not tickets:
        places = [columns.index(name) for name in _SHOWN]
        columns, rows = list(_SHOWN), [[row[place] for place in places] for row in rows]
    show(form, result, columns, rows, color=session.color, nothing="Nothing to show.")
    return nothing_known
