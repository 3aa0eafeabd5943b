"""`observant status`."""

import click

from observant.cli.options import Form, Session, formats, in_session, warn_of_policy
from observant.cli.output import show, written


@click.command(short_help="Show what was collected, and when the next run is due.")
@formats()
@in_session
def command(session: Session, form: Form) -> None:
    """Show the log, the last snapshot of every scope, how much of the time so far is covered, the policy in force, and
    when the next run is due.
    """
    from observant.app.status import status
    from observant.app.workspace import Workspace
    from observant.model.time import now

    result = status(Workspace.open(session.workspace), now)
    warn_of_policy(result.unrecorded)
    if form == "human":
        due = "now" if result.due else f"after {written(result.next_due)}"
        click.echo(
            f"{result.company}{'  (DEMO: a fictional company)' if result.demo else ''}\n"
            f"  log       {result.origin}, {result.size} records, level {result.level}\n"
            f"  root      {result.root}\n"
            f"  storage   {result.storage}{f' (tried {written(result.probed)})' if result.probed else ''}\n"
            f"  last run  {written(result.last_run) or 'none yet'}; next due {due}\n"
            f"  policy    {result.commitments_in_force} commitments in force today, {result.controls} controls\n"
        )
    columns = ["scope", "snapshots", "first", "last", "last was", "days covered", "days missing", "supplied by"]
    rows = [
        [
            one.scope,
            one.snapshots,
            one.first,
            one.last,
            "complete" if not one.gaps else f"incomplete: {', '.join(one.gaps)}",
            one.days_covered,
            one.days_missing,
            one.supplied_by,
        ]
        for one in result.scopes
    ]
    nothing = "Nothing was collected yet: `observant collect`."
    show(form, result, columns, rows, color=session.color, nothing=nothing)
