"""`observant risk accept`."""

from datetime import date, datetime

import click

from observant.cli.options import DAY, Form, Session, formats, in_session
from observant.cli.output import show


@click.command(short_help="Accept a risk until a day, or withdraw that.")
@click.argument("risk")
@click.option("--by", "accepted_by", metavar="NAME", help="Who accepts it.")
@click.option("--reason", help="Why it may stay for now.")
@click.option("--instead", metavar="CONTROL", help="The control that makes up for it.")
@click.option("--until", type=DAY, help="Last day on which it is accepted (UTC).")
@click.option("--withdraw", metavar="WHY", help="It is accepted no longer, from now on.")
@formats(table=False)
@in_session
def command(
    session: Session,
    risk: str,
    accepted_by: str | None,
    reason: str | None,
    instead: str | None,
    until: datetime | None,
    withdraw: str | None,
    form: Form,
) -> int:
    """Accept RISK from now on until a day: who, why, and what makes up for it. Or withdraw that.

    It changes no verdict. The exceptions that the risk names are reported as before, with the acceptance beside them;
    when it is over they stand alone again.
    """
    import getpass

    from observant.app.risks import accept
    from observant.app.workspace import Workspace
    from observant.model.time import now
    from observant.risks.risk import Acceptance

    if not withdraw and not (accepted_by and reason and instead and until):
        raise click.UsageError("an acceptance needs --by, --reason, --instead and --until")
    acceptance = Acceptance(
        risk=risk,
        accepted_by=accepted_by or "",
        reason=reason or "",
        compensating=instead or "",
        until=until.date() if until else date.max,
        withdrawn=withdraw or "",
        by=getpass.getuser(),
    )
    written = accept(Workspace.open(session.workspace), acceptance, now)
    state = f"withdrawn: {written.withdrawn}" if written.withdrawn else f"until the end of {written.until}"
    row = [written.risk, written.accepted_by, state, written.compensating]
    show(form, written, ["risk", "accepted by", "how long", "instead"], [row], color=session.color, nothing="")
    return 0
