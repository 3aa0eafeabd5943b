"""`observant changes list`."""

from datetime import datetime

import click

from observant.cli.options import DAY, Form, Session, formats, in_session, period_of, warn_of_nothing
from observant.cli.output import show


@click.command(short_help="Show the changes of access that the providers' logs tell of.")
@click.option("--from", "first", type=DAY, help="First day (UTC); without it all there is.")
@click.option("--to", "last", type=DAY, help="Last day (UTC).")
@click.option("--scope", default="*", metavar="GLOB", help="Only these scopes.")
@click.option("--category", default="*", metavar="GLOB", help="Only these categories, such as grant or credential.")
@click.option("--actor", default="*", metavar="GLOB", help="Only what these actors did.")
@click.option("--target", default="*", metavar="GLOB", help="Only what was done to these targets.")
@click.option("--failed", is_flag=True, help="Also attempts that were refused and so changed nothing.")
@formats()
@in_session
def command(
    session: Session,
    first: datetime | None,
    last: datetime | None,
    scope: str,
    category: str,
    actor: str,
    target: str,
    failed: bool,
    form: Form,
) -> int:
    """Show who changed access, when, and what it did: before and after, where the tables show it.

    Only scopes whose log was read can be here; a scope that is missing was not read, and not unchanged.
    """
    from observant.app.changes import Wanted, list_changes
    from observant.app.workspace import Workspace
    from observant.model.time import now

    wanted = Wanted(period_of(first, last), scope, category, actor, target, failed)
    result = list_changes(Workspace.open(session.workspace), wanted, now)
    if result.provenance.demo:
        warn_of_nothing(result.read, demo=True)
    elif not result.read:
        click.echo("note: no log was read yet: `observant changes read`, or [[sources.cloudtrail]]", err=True)
    columns = ["at", "scope", "event", "category", "target", "actor", "person", "did", "effect"]
    rows: list[list[object]] = [
        [
            *(one.at, one.scope, one.event, one.category, one.target, one.actor, one.person),
            *("; ".join(one.did) or one.error, "; ".join(one.effect)),
        ]
        for one in result.changes
    ]
    if form == "csv":
        columns = [*columns, "actor_kind", "actor_shown_by", "failed", "id", "record", "line"]
        more = [[one.actor_kind, one.shown_by, one.failed, one.id, one.record, one.line] for one in result.changes]
        rows = [[*row, *extra] for row, extra in zip(rows, more, strict=True)]
    show(form, result, columns, rows, color=session.color, nothing="No change of access.")
    return 0 if result.read else 3
