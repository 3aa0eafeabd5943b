"""`observant risk list`."""

import click

from observant.cli.options import Form, Session, formats, in_session
from observant.cli.output import show


@click.command(short_help="Show the risks, the highest first.")
@click.option("--all", "closed", is_flag=True, help="Also those that are closed.")
@formats()
@in_session
def command(session: Session, closed: bool, form: Form) -> int:
    """Show the risks with their level, and what is accepted now."""
    from observant.app.risks import listed, register_of
    from observant.app.workspace import Workspace
    from observant.model.time import now

    found = listed(register_of(Workspace.open(session.workspace), now), now(), closed=closed)
    columns = ["risk", "level", "title", "owner", "treatment", "plan", "review_by", "accepted", "closed"]
    rows: list[list[object]] = [
        [
            *(one.risk.id, one.level, one.risk.title, one.risk.owner, one.risk.treatment.value, one.risk.plan),
            *(one.risk.review_by, one.accepted, one.risk.closed),
        ]
        for one in found
    ]
    show(form, found, columns, rows, color=session.color, nothing="No risk was written down.")
    return 0
