"""`observant init`."""

from pathlib import Path

import click

from observant.cli.options import Form, Session, formats, in_session
from observant.cli.output import as_json


@click.command(short_help="Make a workspace: settings, written policy, controls, keys, log.")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option(
    "--company", default="", help="Name of the company, as reports show it; the folder's name when not given."
)
@click.option(
    "--origin", default="", help="Name of the log, such as example.com/access-evidence. It can never be changed."
)
@formats(table=False)
@in_session
def command(session: Session, folder: Path | None, company: str, origin: str, form: Form) -> None:
    """Make a workspace in FOLDER, which is missing or empty; the workspace of --workspace when not given.

    Writes the settings, an example of the written policy and of the control list (adapt both: they are examples), makes
    the keys and the evidence log, and prints the fingerprint of the log's key. Keep the fingerprint where whoever can
    write the workspace cannot: it is how you notice that a log was replaced.
    """
    from observant.app.create import create_workspace
    from observant.model.time import now

    root = folder or session.workspace
    made = create_workspace(root, company or root.resolve().name, origin, now)
    if form == "json":
        as_json(made)
        return
    click.echo(
        f"Made a workspace in {made.root}\n\n"
        f"  log          {made.origin}\n"
        f"  key          {made.vkey}\n"
        f"  fingerprint  {made.fingerprint}\n\n"
        "Write the fingerprint down somewhere else: in the password manager, in a ticket, with your auditor.\n\n"
        "Next:\n"
        "  1. adapt commitments.yaml and controls.yaml to your written policy\n"
        "  2. name your sources in observant.toml (without any, the account of your AWS credentials is read),\n"
        "     then `observant doctor`\n"
        "  3. `observant collect`, or `observant collect --from FOLDER` for exports you already have"
    )
