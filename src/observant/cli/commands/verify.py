"""`observant verify`."""

from pathlib import Path

import click

from observant.cli.options import Form, Session, formats, in_session
from observant.cli.output import as_json


@click.command(short_help="Prove that an evidence log or a package is intact.")
@click.argument("path", type=click.Path(path_type=Path, exists=True), required=False)
@click.option(
    "--trust",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="FOLDER",
    help="Folder with the verifier keys you got by another way; the workspace's trust/ for its own log.",
)
@formats(table=False)
@in_session
def command(session: Session, path: Path | None, trust: Path | None, form: Form) -> None:
    """Check every signature, digest and time stamp of PATH: an evidence folder or a package; the workspace's own log
    when not given. Opens no connection and trusts nothing from inside PATH.

    Ends with 4 when something is damaged, and names the first object that is.
    """
    from observant.app.verify import verify

    result = verify(session.workspace, path, trust)
    if form == "json":
        as_json(result)
        return
    click.echo("\n".join(result.told))
