"""`observant demo`."""

from pathlib import Path

import click

from observant.cli.options import Form, Session, formats, in_session
from observant.cli.output import as_json


@click.command(short_help="Play a fictional company's year and write its auditor's package.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("observant-demo"),
    show_default=True,
    metavar="FOLDER",
    help="Folder to make. An earlier demo in it is replaced; anything else is refused.",
)
@formats(table=False)
@in_session
def command(session: Session, out: Path, form: Form) -> int:
    """A company that does not exist lives through twelve months in a cloud on this machine. Its account is collected
    every day by the real collectors, judged, packed for the auditor and verified; then one byte is changed to show that
    verification names the damaged object. Nothing leaves the machine, and all output is labelled as demo data.
    """
    from observant.app.demo import demonstrate
    from observant.cli.demonstration import bars, print_demonstration

    with bars() as progress:
        shown = demonstrate(out, progress)
    if form == "json":
        as_json(shown)
    else:
        print_demonstration(shown, color=session.color)
    return 0
