"""`observant risk assess`."""

from datetime import datetime

import click

from observant.cli.options import DAY, Form, Session, formats, in_session
from observant.cli.output import show


@click.command(short_help="Write down a risk, or assess one anew.")
@click.argument("risk", required=False)
@click.option("--title", help="What may go wrong.")
@click.option("--owner", help="Who answers for it.")
@click.option("--likelihood", type=int, metavar="STEP", help="Step on the scale of likelihood, from 1.")
@click.option("--impact", type=int, metavar="STEP", help="Step on the scale of impact, from 1.")
@click.option(
    "--treatment", type=click.Choice(["mitigate", "avoid", "transfer", "accept"]), help="What is done about it."
)
@click.option("--plan", help="What is done, by whom, until when.")
@click.option("--review-by", type=DAY, help="Day by which it is assessed again.")
@click.option(
    "--exception", "covers", multiple=True, metavar="CHECK[=LABEL]", help="Exceptions it is about, with * for any text."
)
@click.option("--close", "closed", metavar="WHY", help="It is none any more.")
@formats(table=False)
@in_session
def command(
    session: Session,
    risk: str | None,
    title: str | None,
    owner: str | None,
    likelihood: int | None,
    impact: int | None,
    treatment: str | None,
    plan: str | None,
    review_by: datetime | None,
    covers: tuple[str, ...],
    closed: str | None,
    form: Form,
) -> int:
    """Write down a risk, or with RISK (such as R-3) say anew what is given; the rest stays as it was.

    The scale is `[risk]` in observant.toml, five steps each where nothing is said. The level is what the product of
    both reaches.
    """
    from observant.app.risks import Assessed, assess
    from observant.app.workspace import Workspace
    from observant.model.time import now

    said = Assessed(
        title=title,
        owner=owner,
        likelihood=likelihood,
        impact=impact,
        treatment=treatment,
        plan=plan,
        review_by=review_by.date() if review_by else None,
        covers=list(covers) if covers else None,
        closed=closed,
    )
    written = assess(Workspace.open(session.workspace), risk or "", said, now)
    row = [written.id, written.level, written.title, written.owner, written.treatment.value]
    show(form, written, ["risk", "level", "title", "owner", "treatment"], [row], color=session.color, nothing="")
    return 0
