"""`observant forecast`."""

import click

from observant.cli.options import Form, Session, formats, in_session, warn_of_nothing, warn_of_policy
from observant.cli.output import show


@click.command(short_help="Show what will fail, or fall due, if nothing changes.")
@click.option("--within", type=click.IntRange(1, 3660), default=30, show_default=True, help="How many days ahead.")
@formats()
@in_session
def command(session: Session, within: int, form: Form) -> int:
    """Show what passes today and will fail within some days if nobody does anything, soonest first."""
    from datetime import timedelta

    from observant.app.evaluate import forecast, judged
    from observant.app.workspace import Workspace
    from observant.model.time import now

    with judged(Workspace.open(session.workspace), now) as workspace:
        warn_of_policy(workspace.unrecorded)
        nothing_known = warn_of_nothing(workspace.scopes, demo=workspace.provenance.demo)
        result = forecast(workspace, timedelta(days=within))
    columns = ["at", "check", "scope", "member", "what"]
    rows = [[one.at, one.check, one.scope, one.label or one.member, one.what] for one in result.forecasts]
    nothing = "No snapshot yet." if nothing_known else f"Nothing that passes today will fail within {within} days."
    show(form, result, columns, rows, color=session.color, nothing=nothing)
    return nothing_known
