"""`observant review`: access reviews in the terminal."""

import getpass
from datetime import timedelta
from pathlib import Path

import click

from observant.cli.options import Form, Session, formats, in_session
from observant.cli.output import as_json, show
from observant.cli.reviewing import elsewhere_, import_signed, reminders, ticket_

_REVIEWER = click.option("--reviewer", required=True, metavar="NAME", help="Whose items, as reviewers.yaml names them.")


@click.group(short_help="Review who has access: open, decide, sign, close.")
def command() -> None:
    """Review who has access. A campaign freezes the population from the newest evidence, every reviewer decides about
    their part and signs it with an SSH key, and later snapshots show whether what was decided was done.

    Who reviews what stands in reviewers.yaml of the workspace.
    """


@command.command("open")
@click.argument("campaign")
@click.option("--title", default="", help="What people call it; the campaign's name when not given.")
@click.option("--scope", "scopes", multiple=True, metavar="GLOB", help="Only these scopes; may be given again.")
@click.option("--due-in", type=click.IntRange(1, 366), default=14, show_default=True, help="Days until it is due.")
@click.option(
    "--accept-gap",
    "accepted",
    multiple=True,
    metavar="'SCOPE COLLECTION=REASON'",
    help="Go on without something that was not read. Stands in every artifact.",
)
@click.option("--by", "opened_by", default="", help="Who opens it; the user of this machine when not given.")
@formats(table=False)
@in_session
def open_(
    session: Session,
    campaign: str,
    title: str,
    scopes: tuple[str, ...],
    due_in: int,
    accepted: tuple[str, ...],
    opened_by: str,
    form: Form,
) -> int:
    """Freeze who has access into CAMPAIGN (a name such as 2026-q3) and give every item to a reviewer."""
    from observant.app.reviews.opening import Request, open_review
    from observant.app.workspace import Workspace
    from observant.model.time import now

    reasons = dict(_reason(each) for each in accepted)
    request = Request(
        campaign, title or campaign, opened_by or getpass.getuser(), list(scopes), timedelta(days=due_in), reasons
    )
    result = open_review(Workspace.open(session.workspace), request, now)
    if form == "json":
        as_json(result)
        return 0
    as_of, due = f"{result.as_of:%Y-%m-%d %H:%MZ}", f"{result.due:%Y-%m-%d}"
    click.echo(f"Opened {result.campaign}: {result.items} items as of {as_of}, due {due}.")
    for name, count in result.by_reviewer.items():
        click.echo(f"  {name}: {count}")
    if result.escalated:
        click.echo(f"  {result.escalated} of them escalated: nobody judges their own access")
    return 0


def _reason(written: str) -> tuple[str, str]:
    what, _, reason = written.partition("=")
    if len(what.split()) != 2 or not reason.strip():
        raise click.BadParameter(f"{written!r} is not 'SCOPE COLLECTION=REASON'", param_hint="--accept-gap")
    return " ".join(what.split()), reason.strip()


@command.command("list")
@click.argument("campaign")
@click.option("--reviewer", default="", metavar="NAME", help="Only this reviewer's items.")
@click.option("--open", "undecided", is_flag=True, help="Only what is not decided.")
@formats()
@in_session
def list_(session: Session, campaign: str, reviewer: str, undecided: bool, form: Form) -> int:
    """List the items of CAMPAIGN: flagged first, then what is new or gained something, then the rest."""
    from observant.app.reviews.listing import listed
    from observant.app.workspace import Workspace
    from observant.model.time import now

    found = listed(Workspace.open(session.workspace), campaign, reviewer, now, undecided=undecided)
    columns = ["item", "reviewer", "kind", "scope", "label", "privileges", "flags", "last used", "change", "decision"]
    rows = [
        [
            one.id,
            one.reviewer,
            one.item.kind,
            one.item.scope,
            one.item.label,
            list(one.item.privileges),
            list(one.item.flags),
            one.item.last_used,
            one.since_last_review,
            one.decision,
        ]
        for one in found
    ]
    show(form, found, columns, rows, color=session.color, nothing="Nothing is left to decide.")
    return 0


@command.command("decide")
@click.argument("campaign")
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@_REVIEWER
@click.option(
    "--choice",
    type=click.Choice(["keep", "revoke", "change", "not_mine"]),
    required=True,
    help="What is to become of the access.",
)
@click.option("--reason", default="", help="Why; required except for keep.")
@click.option("--ticket", default="", help="Where the change is asked for.")
@formats(table=False)
@in_session
def decide_(
    session: Session,
    campaign: str,
    items: tuple[str, ...],
    reviewer: str,
    choice: str,
    reason: str,
    ticket: str,
    form: Form,
) -> int:
    """Decide about ITEMs of CAMPAIGN, by id or by a glob on their label. Nothing counts before it is signed."""
    from observant.app.reviews.deciding import Judgement, decide
    from observant.app.workspace import Workspace
    from observant.model.time import now
    from observant.reviews.decision import Choice

    judgement = Judgement(Choice(choice), reason, ticket)
    result = decide(Workspace.open(session.workspace), campaign, reviewer, items, judgement, now)
    if form == "json":
        as_json(result)
    else:
        click.echo(f"{result.decided} decided; {result.open} left for {reviewer}.")
    return 0


@command.command("assign")
@click.argument("campaign")
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@click.option("--from", "giver", required=True, metavar="NAME", help="Whose items they are now.")
@click.option("--to", "taker", required=True, metavar="NAME", help="Who gets them.")
@click.option("--reason", default="", help="Stands in the artifact.")
@in_session
def assign_(session: Session, campaign: str, items: tuple[str, ...], giver: str, taker: str, reason: str) -> int:
    """Give ITEMs of CAMPAIGN to another reviewer. Nobody gets their own access to judge."""
    from observant.app.reviews.deciding import hand_over
    from observant.app.workspace import Workspace
    from observant.model.time import now

    count = hand_over(Workspace.open(session.workspace), campaign, items, taker, giver, reason, now)
    click.echo(f"{count} given to {taker}.")
    return 0


@command.command("worksheet")
@click.argument("campaign")
@_REVIEWER
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILE", help="Where it is written."
)
@in_session
def worksheet_(session: Session, campaign: str, reviewer: str, out: Path) -> int:
    """Write a reviewer's items of CAMPAIGN to fill in: CSV, or a sheet when FILE ends in .xlsx."""
    from observant.app.reviews.worksheet import write_worksheet
    from observant.app.workspace import Workspace
    from observant.model.time import now

    count = write_worksheet(Workspace.open(session.workspace), campaign, reviewer, out, now)
    click.echo(f"Wrote {out}: {count} items. Fill it in, then: observant review import {campaign} {out}")
    return 0


@command.command("import")
@click.argument("campaign")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_REVIEWER
@formats(table=False)
@in_session
def import_(session: Session, campaign: str, file: Path, reviewer: str, form: Form) -> int:
    """Take the decisions of a filled worksheet FILE: all of them, or none when a row is wrong."""
    from observant.app.reviews.worksheet import read_worksheet
    from observant.app.workspace import Workspace
    from observant.model.time import now

    result = read_worksheet(Workspace.open(session.workspace), campaign, reviewer, file, now)
    if form == "json":
        as_json(result)
    else:
        click.echo(f"{result.decided} decided; {result.open} left for {reviewer}.")
    return 0


@command.command("sign")
@click.argument("campaign")
@_REVIEWER
@click.option(
    "--key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    required=True,
    help="The SSH key, or its .pub file when the key is in an agent.",
)
@formats(table=False)
@in_session
def sign_(session: Session, campaign: str, reviewer: str, key: Path, form: Form) -> int:
    """Sign a reviewer's decisions of CAMPAIGN with an SSH key. What is signed cannot be changed."""
    from observant.app.reviews.signing import sign
    from observant.app.reviews.ssh import ssh_signer
    from observant.app.workspace import Workspace
    from observant.model.time import now

    result = sign(Workspace.open(session.workspace), campaign, reviewer, ssh_signer(key), now)
    if form == "json":
        as_json(result)
        return 0
    counts = ", ".join(f"{count} {choice}" for choice, count in result.counts.items() if count)
    click.echo(f"Signed {result.artifact} ({counts}); record {result.record}.")
    waiting = ", ".join(result.still_to_sign)
    click.echo(f"Still to sign: {waiting}." if waiting else f"All have signed: observant review close {campaign}")
    return 0


@command.command("close")
@click.argument("campaign")
@click.option("--by", "closed_by", default="", help="Who closes it; the user of this machine when not given.")
@formats(table=False)
@in_session
def close_(session: Session, campaign: str, closed_by: str, form: Form) -> int:
    """End CAMPAIGN, when everything is decided and everybody has signed."""
    from observant.app.reviews.signing import close
    from observant.app.workspace import Workspace
    from observant.model.time import now

    result = close(Workspace.open(session.workspace), campaign, closed_by or getpass.getuser(), now)
    if form == "json":
        as_json(result)
    else:
        click.echo(f"Closed {campaign}; record {result.record}. {result.actions} decisions are to be carried out.")
    return 0


@command.command("status")
@click.argument("campaign", default="")
@formats()
@in_session
def status_(session: Session, campaign: str, form: Form) -> int:
    """Show how far every campaign is (or one CAMPAIGN), and whether what was decided was done."""
    from observant.app.reviews.listing import statuses
    from observant.app.workspace import Workspace
    from observant.model.time import now

    found = statuses(Workspace.open(session.workspace), campaign, now)
    columns = ["campaign", "items", "due", "closed", "reviewer", "decided", "signed"]
    rows = [
        [
            one.campaign,
            one.items,
            one.due,
            one.closed_at if one.closed_at else "overdue" if one.overdue else "open",
            each.reviewer,
            f"{each.decided} of {each.items}",
            "" if each.signed is None else f"record {each.signed}",
        ]
        for one in found
        for each in one.reviewers
    ]
    show(form, found, columns, rows, color=session.color, nothing="No access review was opened yet.")
    actions = [action for one in found for action in one.actions]
    if form == "human" and actions:
        click.echo("\nWhat was decided, and what the evidence shows of it:\n")
        told = [
            [one.campaign, one.choice, one.scope, one.label, one.decided_at, one.outcome, one.done_at, one.days]
            for one in actions
        ]
        names = ["campaign", "decision", "scope", "label", "decided", "outcome", "done", "days"]
        show(form, found, names, told, color=session.color, nothing="")
    return 0


for each in (ticket_, reminders, import_signed, elsewhere_):
    command.add_command(each)
