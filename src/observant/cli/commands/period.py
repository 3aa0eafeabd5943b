"""`observant period`."""

from datetime import datetime

import click

from observant.cli.options import DAY, Form, Session, formats, in_session, period_of, warn_of_nothing, warn_of_policy
from observant.cli.output import show, terminal_width

_WIDEST = 120


@click.command(short_help="Conclude on every control over an observation period.")
@click.option("--from", "first", type=DAY, required=True, help="First day of the period (UTC).")
@click.option("--to", "last", type=DAY, required=True, help="Last day of the period (UTC), included.")
@formats()
@in_session
def command(session: Session, first: datetime, last: datetime, form: Form) -> int:
    """Say of every control what the evidence supports over the period: operating effectively, exceptions noted,
    insufficient evidence, or not designed.

    A period that is still running is judged up to now.
    """
    from observant.app.evaluate import judged, period_result
    from observant.app.workspace import Workspace
    from observant.model.time import now

    with judged(Workspace.open(session.workspace), now) as workspace:
        warn_of_policy(workspace.unrecorded)
        nothing_known = warn_of_nothing(workspace.scopes, demo=workspace.provenance.demo)
        period = period_of(first, last)
        assert period is not None
        result = period_result(workspace, period)
    if form == "human":
        from observant.reports.text import summary

        click.echo(summary(result, width=min(terminal_width(), _WIDEST)))
        return nothing_known
    columns = ["control", "conclusion", "days covered", "days missing", "exceptions", "gaps", "title", "why"]
    rows = [
        [
            one.control,
            one.conclusion.value,
            one.days_covered,
            len(one.days_missing),
            sum(len(check.exceptions) for check in one.checks),
            sum(len(check.gaps) for check in one.checks),
            one.title,
            one.why,
        ]
        for one in result.controls
    ]
    show(form, result, columns, rows, color=session.color, nothing="")
    return nothing_known
