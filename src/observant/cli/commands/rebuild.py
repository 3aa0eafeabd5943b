"""`observant rebuild`."""

import click

from observant.cli.options import Form, Session, formats, in_session
from observant.cli.output import as_json


@click.command(short_help="Make all tables again from the evidence log.")
@formats(table=False)
@in_session
def command(session: Session, form: Form) -> None:
    """Delete the tables and make them again from the evidence log. Verdicts come out the same."""
    from observant.app.rebuild import rebuild
    from observant.app.workspace import Workspace
    from observant.model.time import now

    result = rebuild(Workspace.open(session.workspace), now)
    if form == "json":
        as_json(result)
    else:
        click.echo(f"Made the tables again from {result.records} records.")
