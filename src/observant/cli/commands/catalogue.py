"""`observant catalogue`."""

import click

from observant.cli.options import Form, Session, formats, in_session
from observant.cli.output import as_json, show
from observant.errors import UsageError


@click.command(short_help="Explain the checks: the question, its SQL and its criteria.")
@click.argument("check", required=False)
@formats()
@in_session
def command(session: Session, check: str | None, form: Form) -> None:
    """List the checks, or show the page of one CHECK: what it asks and why, how, and what to do when it fails."""
    from observant.checks.registry import CHECKS

    if check is None:
        rows = [[each.id, each.title, each.criteria, each.commitments] for each in CHECKS.values()]
        columns = ["check", "title", "criteria", "commitments"]
        machine = [dict(zip(columns, row, strict=True)) for row in rows]
        show(form, machine, columns, rows, color=session.color, nothing="There are no checks.")
        return
    if check not in CHECKS:
        raise UsageError(f"there is no check {check!r}", "`observant catalogue` lists them")
    one = CHECKS[check]
    if form == "json":
        as_json(one)
    else:
        click.echo(f"# {one.id}\n\n{one.page}\n\n## The question in SQL\n\n```sql\n{one.sql}\n```")
