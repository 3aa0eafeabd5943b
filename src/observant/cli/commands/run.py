"""`observant run`."""

import click

from observant.cli.options import Form, Session, formats, in_session
from observant.cli.output import as_json, progress, written
from observant.cli.runs import exit_code, print_collected


@click.command(short_help="Collect when the schedule says so; for timers.")
@click.option("--due", is_flag=True, required=True, help="Do nothing when the current slot has its complete run.")
@formats(table=False)
@in_session
def command(session: Session, due: bool, form: Form) -> int:  # noqa: ARG001 (required, so that a bare `run` is refused)
    """Collect from every source in observant.toml when the schedule says so, and do nothing otherwise.

    Call it from cron or a systemd timer as often as you like. A run that was incomplete is tried again after an hour;
    one that was cut off goes on where it was.
    """
    from observant.app.collection import run_due
    from observant.app.sources import from_settings
    from observant.app.unfinished import Unfinished
    from observant.app.workspace import Workspace
    from observant.model.time import now

    workspace = Workspace.open(session.workspace)
    result = run_due(
        workspace, from_settings(workspace, now, unfinished=Unfinished(workspace.root, now)), now, progress
    )
    if form == "json":
        as_json(result)
    elif result.collected is not None:
        print_collected(result.collected, form, color=session.color)
    else:
        click.echo(f"Not due: the next run is due after {written(result.next_due)}.")
    return exit_code(result.collected)
