"""`observant changes verify-digests`."""

from pathlib import Path

import click

from observant.cli.options import Form, Session, formats, in_session
from observant.cli.output import show


@click.command(short_help="Prove with CloudTrail's digests that its files are whole.")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--keys",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Answer of `aws cloudtrail list-public-keys` for a region and time; may be given again.",
)
@formats()
@in_session
def command(session: Session, folder: Path, keys: tuple[Path, ...], form: Form) -> int:
    """Check the chain of digest files below FOLDER, a copy of the log bucket, and every log file that one names.

    The keys come from the snapshots in the workspace's log, which hold those of every region with a trail, and from
    --keys. Names each file that was changed or is gone, and each time that no digest speaks for. Ends with 4 for a
    changed or missing file, with 3 when something is missing that the proof needs. The newest digest's own signature is
    lost when a bucket is copied: save the object's metadata `signature` beside it, as NAME.json.gz.signature.
    """
    from observant.app.digests import keys_in_log, verify
    from observant.app.settings import FILE
    from observant.app.workspace import Workspace
    from observant.model.time import now

    held = keys_in_log(Workspace.open(session.workspace), now) if (session.workspace / FILE).exists() else {}
    result = verify(folder, list(keys), held)
    rows = [[one.what, one.name, one.detail] for one in result.findings]
    about = f"{result.digests} digests and {result.log_files} log files from {result.begins} to {result.ends}"
    show(
        form, result, ["found", "file", "detail"], rows, color=session.color, nothing=f"Everything is proven: {about}."
    )
    if rows and form == "human":
        click.echo(f"{len(rows)} findings in {about}.")
    return result.exit_code
