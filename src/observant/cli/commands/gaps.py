"""`observant gaps`."""

from datetime import datetime

import click

from observant.cli.options import DAY, Form, Session, formats, in_session, period_of, warn_of_nothing, warn_of_policy
from observant.cli.output import show


@click.command(short_help="Show where evidence is missing, and why.")
@click.option("--from", "first", type=DAY, help="First day (UTC); the first day with evidence when not given.")
@click.option("--to", "last", type=DAY, help="Last day (UTC); today when not given.")
@formats()
@in_session
def command(session: Session, first: datetime | None, last: datetime | None, form: Form) -> int:
    """Show every stretch of time in which a check could not be answered, and every report or snapshot that is missing.

    A hole in the past cannot be filled: evidence is never back-dated. What it says now is what the auditor will find.
    """
    from observant.app.evaluate import gaps, judged
    from observant.app.workspace import Workspace
    from observant.model.time import now

    with judged(Workspace.open(session.workspace), now) as workspace:
        warn_of_policy(workspace.unrecorded)
        nothing_known = warn_of_nothing(workspace.scopes)
        result = gaps(workspace, period_of(first, last))
    rows = [[one.check, one.scope, one.label or one.member, one.start, one.end, one.reason] for one in result.gaps]
    rows += [[one.what, one.scope, "", one.due_from, one.due_by, one.reason] for one in result.occurrences_missing]
    columns = ["check", "scope", "member", "from", "to", "why"]
    nothing = "No snapshot yet." if nothing_known else "No gap: everything that had to be read was read."
    show(form, result, columns, rows, color=session.color, nothing=nothing)
    return nothing_known
