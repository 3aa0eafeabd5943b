"""`observant notify`."""

import click

from observant.cli.options import Form, Session, formats, in_session
from observant.cli.output import show


@click.command(short_help="Tell people what is new: mail, Slack, Teams, webhooks.")
@click.option("--dry-run", is_flag=True, help="Only show what would be told; send and record nothing.")
@formats()
@in_session
def command(session: Session, dry_run: bool, form: Form) -> int:
    """Tell the receivers of `[[notify]]` in observant.toml what is new to them: exceptions, evidence that is overdue,
    reviews that are due, what will fail soon, and runs that did not read everything. One message a day, or one each.

    For timers, after `observant run --due`. What was told is a record, and is not told again while it lasts; what could
    not be sent is told the next time, and this ends with 3.
    """
    from observant.app.notifying import notify
    from observant.app.workspace import Workspace
    from observant.model.time import now

    result = notify(Workspace.open(session.workspace), now, pretend=dry_run)
    rows: list[list[object]] = [
        [one.receiver, notice.kind, notice.text] for one in result.told for notice in one.notices
    ]
    show(form, result, ["receiver", "event", "what"], rows, color=session.color, nothing="Nothing is new to anybody.")
    for one in result.told:
        if one.new:
            click.echo(f"{one.receiver}: {one.why or f'told in {one.messages} messages'}", err=True)
    return 3 if any("did not take" in one.why for one in result.told) else 0
