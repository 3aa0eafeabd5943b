"""`observant package`."""

from datetime import datetime
from pathlib import Path

import click

from observant.cli.options import DAY, Form, Session, formats, in_session, period_of
from observant.cli.output import as_json, progress


@click.command(short_help="Write the auditor's package for a period.")
@click.option("--from", "first", type=DAY, required=True, help="First day of the period (UTC).")
@click.option("--to", "last", type=DAY, required=True, help="Last day of the period (UTC), included.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FOLDER",
    help="Folder to make.",
)
@click.option("--zip", "zipped", is_flag=True, help="Also make one ZIP file of it, beside the folder.")
@click.option("--replace", is_flag=True, help="Replace a package that is there already; never anything else.")
@formats(table=False)
@in_session
def command(
    session: Session, first: datetime, last: datetime, out: Path, zipped: bool, replace: bool, form: Form
) -> int:
    """Write what the auditor receives: conclusions, exceptions, gaps, populations, the evidence itself, and the means
    to verify all of it without Observant. Ends with 3 when there is no evidence at all.

    The package is recorded in the log. Hand the folder trust/ to the auditor by another way.
    """
    from observant.app.package import package
    from observant.app.workspace import Workspace
    from observant.model.time import now

    period = period_of(first, last)
    assert period is not None
    result = package(
        Workspace.open(session.workspace), period, out, zipped=zipped, clock=now, tell=progress, replace=replace
    )
    if form == "json":
        as_json(result)
    else:
        click.echo(f"Wrote {result.path}: {result.files} files, {result.bytes / 1e6:.1f} MB; record {result.record}.")
        if result.archive:
            click.echo(f"Wrote {result.archive}\n  SHA-256 {result.archive_sha256}")
        click.echo("Hand over the folder trust/ of this workspace by another way than the package.")
    return 0 if result.scopes else 3
