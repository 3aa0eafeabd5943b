"""`observant register`."""

from datetime import datetime

import click

from observant.cli.options import DAY, Form, Session, formats, in_session, period_of, warn_of_nothing, warn_of_policy
from observant.cli.output import show


@click.command(short_help="List credentials, accounts or privileges over a period.")
@click.argument("name", required=False)
@click.option("--from", "first", type=DAY, help="First day (UTC); the first day with evidence when not given.")
@click.option("--to", "last", type=DAY, help="Last day (UTC); today when not given.")
@formats()
@in_session
def command(session: Session, name: str | None, first: datetime | None, last: datetime | None, form: Form) -> int:
    """List what an auditor asks for by name, over a period and all clouds: the last rotation of every principal, the
    age and end of every credential, the last activity of every account, guests with their reviews, who held which
    privilege, activations of roles, whom Conditional Access does not cover, changes of access, grants and removals with
    their tickets. The package holds all of them.

    Without NAME the registers are named.
    """
    from observant.app.evaluate import judged
    from observant.app.registers import listed
    from observant.app.workspace import Workspace
    from observant.model.time import now
    from observant.period.registers import REGISTERS

    if name is None:
        named = [[one.name, one.title] for one in REGISTERS.values()]
        show(form, list(REGISTERS), ["register", "what it lists"], named, color=session.color, nothing="")
        return 0
    with judged(Workspace.open(session.workspace), now) as workspace:
        warn_of_policy(workspace.unrecorded)
        nothing_known = warn_of_nothing(workspace.scopes, demo=workspace.provenance.demo)
        result = listed(workspace, name, period_of(first, last))
    for sentence in result.not_known:
        click.echo(sentence, err=True)
    show(form, result, result.columns, result.rows, color=session.color, nothing="Nothing to list.")
    return nothing_known
