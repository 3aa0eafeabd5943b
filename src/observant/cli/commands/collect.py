"""`observant collect`."""

from datetime import datetime
from pathlib import Path

import click

from observant.cli.options import Form, Session, formats, in_session, moment_of
from observant.cli.output import progress
from observant.cli.runs import exit_code, print_collected


@click.command(short_help="Read the sources, or a folder of exports, into the evidence log.")
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Read exports in this folder instead of the sources.",
)
@click.option("--supplied-by", metavar="NAME", help="With --from: who handed the exports in. Stands in the evidence.")
@click.option(
    "--taken-at",
    callback=moment_of,
    metavar="MOMENT",
    help="With --from: when the exports were made (with zone); else from the files.",
)
@click.option(
    "--account",
    "accounts",
    multiple=True,
    metavar="ID",
    help="Only this AWS account, subscription or tenant; may be given again.",
)
@formats()
@in_session
def command(
    session: Session,
    folder: Path | None,
    supplied_by: str | None,
    taken_at: datetime | None,
    accounts: tuple[str, ...],
    form: Form,
) -> int:
    """Read every source in observant.toml, or with --from a folder of exports, and append what was read to the log.

    What could not be read is recorded with its reason, and the command ends with 3. Nothing is recorded when it is
    interrupted; what was read of accounts until then is kept for an hour, and the next run goes on from there.
    """
    from observant.app.collection import collect
    from observant.app.sources import from_folder, from_settings
    from observant.app.unfinished import Unfinished
    from observant.app.workspace import Workspace
    from observant.model.time import now

    if folder is None and (supplied_by or taken_at):
        raise click.UsageError("--supplied-by and --taken-at describe the files of --from")
    workspace = Workspace.open(session.workspace)
    if folder is None:
        source = from_settings(workspace, now, list(accounts), Unfinished(workspace.root, now))
    else:
        source = from_folder(folder, supplied_by or "", taken_at, list(accounts), now)
    result = collect(workspace, source, "person", now, progress)
    print_collected(result, form, color=session.color)
    return exit_code(result)
