"""`observant changes read`."""

from pathlib import Path

import click

from observant.cli.options import Form, Session, formats, in_session
from observant.cli.output import progress
from observant.cli.runs import exit_code, print_collected


@click.command(short_help="Read a folder of log files into the evidence log.")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--supplied-by", metavar="NAME", help="Who handed the files in; else the user and host. Kept as evidence."
)
@formats()
@in_session
def command(session: Session, folder: Path, supplied_by: str | None, form: Form) -> int:
    """Read CloudTrail files below FOLDER: a copy of the bucket, files by themselves, saved pages of LookupEvents, or
    results of a CloudTrail Lake query that selects eventJson.

    What was read before is not read again, and an event that comes twice is kept once. Events that change access are
    kept word for word, the others are counted. Ends with 3 when a file could not be read.
    """
    from observant.app.collection import collect
    from observant.app.log_sources import from_log_folder
    from observant.app.recording import READING
    from observant.app.workspace import Workspace
    from observant.model.time import now

    workspace = Workspace.open(session.workspace)
    source = from_log_folder(workspace, folder, supplied_by or "", now)
    result = collect(workspace, source, "person", now, progress, kind=READING)
    print_collected(result, form, color=session.color)
    return exit_code(result)
