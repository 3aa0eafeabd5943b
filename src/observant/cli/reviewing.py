"""What comes beside holding a review: reminders, tickets, and reviews that were held elsewhere."""

import getpass
from datetime import datetime
from pathlib import Path

import click

from observant.cli.options import Form, Session, formats, in_session, moment_of
from observant.cli.output import as_json, show


@click.command("reminders")
@formats()
@in_session
def reminders(session: Session, form: Form) -> int:
    """List who has to do what about access reviews, soonest first: decide, sign, carry out, open the next one."""
    from observant.app.reviews.reminding import remind
    from observant.app.workspace import Workspace
    from observant.model.time import now

    found = remind(Workspace.open(session.workspace), now)
    columns = ["due", "late", "who", "e-mail", "about", "what"]
    rows = [[one.due, one.late, one.who, one.email, one.about, one.what] for one in found]
    show(form, found, columns, rows, color=session.color, nothing="Nobody has to be reminded of anything.")
    return 0


@click.command("ticket")
@click.argument("campaign")
@click.argument("item")
@click.argument("ticket")
@click.option("--by", default="", help="Who names it; the user of this machine when not given.")
@in_session
def ticket_(session: Session, campaign: str, item: str, ticket: str, by: str) -> int:
    """Name the TICKET under which a signed decision about ITEM of CAMPAIGN is carried out; it becomes a record."""
    from observant.app.reviews.tickets import name_ticket
    from observant.app.workspace import Workspace
    from observant.model.time import now

    record = name_ticket(Workspace.open(session.workspace), campaign, item, ticket, by or getpass.getuser(), now)
    click.echo(f"Named; record {record}.")
    return 0


@click.command("import-signed")
@click.argument("document", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--title", required=True, help="What people call the review.")
@click.option("--origin", required=True, help="The system or the process in which it was held.")
@click.option("--reviewer", required=True, metavar="NAME", help="Who signed it.")
@click.option("--scope", "scopes", multiple=True, required=True, metavar="SCOPE", help="What it was about.")
@click.option(
    "--effective",
    callback=moment_of,
    metavar="MOMENT",
    required=True,
    help="When it was signed, such as 2026-01-15T10:00:00Z.",
)
@click.option(
    "--signature",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A signature by ssh-keygen -Y sign -n observant-review, to be checked against reviewers.yaml.",
)
@click.option("--by", default="", help="Who imports it; the user of this machine when not given.")
@formats(table=False)
@in_session
def import_signed(
    session: Session,
    document: Path,
    title: str,
    origin: str,
    reviewer: str,
    scopes: tuple[str, ...],
    effective: datetime,
    signature: Path | None,
    by: str,
    form: Form,
) -> int:
    """Take a review that was signed in another system as evidence: DOCUMENT, its origin, and its effective date.

    It counts for the documented cadence from its effective date on. When it was imported stands beside that.
    """
    from observant.app.reviews.elsewhere import Request, import_review
    from observant.app.workspace import Workspace
    from observant.model.time import now

    request = Request(title, origin, reviewer, list(scopes), effective, document, signature, by or getpass.getuser())
    record = import_review(Workspace.open(session.workspace), request, now)
    if form == "json":
        as_json({"record": record})
    else:
        click.echo(f"Imported {document.name}; record {record}.")
    return 0


@click.command("elsewhere")
@formats()
@in_session
def elsewhere_(session: Session, form: Form) -> int:
    """List reviews that were not held here: Entra's own, as they were collected, and imported ones."""
    from observant.app.reviews.elsewhere import elsewhere
    from observant.app.reviews.state import reviewing
    from observant.app.workspace import Workspace
    from observant.model.time import now

    with reviewing(Workspace.open(session.workspace), now) as (_, inventory):
        found = elsewhere(inventory)
    columns = ["origin", "title", "scopes", "effective", "recorded", "record", "reviewers", "decisions", "proven"]
    rows = [
        [
            one.origin,
            one.title,
            one.scopes,
            one.effective,
            one.recorded,
            one.record,
            one.reviewers,
            [f"{count} {said}" for said, count in sorted(one.decisions.items())],
            one.proven,
        ]
        for one in found
    ]
    show(form, found, columns, rows, color=session.color, nothing="No review that was held elsewhere is known.")
    return 0
