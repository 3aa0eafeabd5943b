"""`observant changes link`."""

import click

from observant.cli.options import Form, Session, formats, in_session
from observant.cli.output import show


@click.command(short_help="Record which ticket a change was made for, or why it has none.")
@click.argument("change")
@click.option("--ticket", default="", metavar="ID", help="Ticket or pull request; without it the change is explained.")
@click.option("--reason", required=True, metavar="TEXT", help="Why you know. The auditor reads it.")
@click.option("--by", default="", metavar="NAME", help="Who says so; else the user and host. Kept as evidence.")
@formats(table=False)
@in_session
def command(session: Session, change: str, ticket: str, reason: str, by: str, form: Form) -> int:
    """Link CHANGE, an id from `observant changes match --csv`, to a ticket, or explain why it has none.

    That becomes a record of the evidence log, and holds from now on: the time before stays the exception it was.
    """
    from observant.app.changes_link import link_change
    from observant.app.workspace import Workspace
    from observant.model.time import now

    result = link_change(Workspace.open(session.workspace), change, ticket, reason, by, now)
    what = f"linked to {result.ticket}" if result.ticket else "explained"
    rows: list[list[object]] = [[f"{result.label} of {result.scope} is {what} by {result.by} (record {result.record})"]]
    show(form, result, ["recorded"], rows, color=session.color, nothing="")
    return 0
