"""`observant doctor`."""

from typing import TYPE_CHECKING

import click

from observant.cli.options import Form, Session, formats, in_session
from observant.cli.output import COLOURS, progress, show, written

if TYPE_CHECKING:
    from observant.app.doctor import Finding


@click.command(short_help="Try everything that a run needs and name what is missing.")
@click.option("--offline", is_flag=True, help="Do not ask the sources: only the workspace, the keys and the log.")
@formats()
@in_session
def command(session: Session, offline: bool, form: Form) -> int:
    """Try everything that a run needs: files, keys, log, space, and every single read in every account. Record nothing.

    Ends with 2 when a file has to be changed, 3 when evidence would be incomplete, 4 when the log is damaged.
    """
    from observant.app.doctor import examine, exit_code
    from observant.app.workspace import Workspace
    from observant.model.time import now

    findings = examine(Workspace.open(session.workspace), now, progress, online=not offline)
    if form == "human":
        for one in findings:
            outcome = f"{one.outcome.value:8}"
            shown = click.style(outcome, fg=COLOURS[one.outcome.value]) if session.color else outcome
            click.echo(f"{shown} {_line(one)}")
            if one.remedy:
                click.echo(f"{'':8} remedy: {written(one.remedy)}")
    else:
        columns = ["area", "what", "outcome", "detail", "remedy"]
        rows = [[one.area, one.what, one.outcome.value, one.detail, one.remedy] for one in findings]
        show(form, findings, columns, rows, color=session.color, nothing="Nothing to examine.")
    return exit_code(findings)


def _line(finding: "Finding") -> str:
    return written(f"{finding.area}: {finding.what}: {finding.detail}")
