"""`observant verify`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from observant.cli.options import Form, Session, formats, in_session
from observant.cli.output import as_json, written

if TYPE_CHECKING:
    from observant.app.verify import Verified

_MOST = 10


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
def command(session: Session, path: Path | None, trust: Path | None, form: Form) -> int:
    """Check every signature, digest and time stamp of PATH: an evidence folder, or a package as a folder or ZIP file;
    the workspace's own log when not given. Opens no connection.

    Ends with 4 when something is damaged, and names the first object that is. Without --trust the keys inside PATH are
    used: that shows that it is whole, not whose it is.
    """
    from observant.app.verify import verify

    result = verify(session.workspace, path, trust)
    if form == "json":
        as_json(result)
    else:
        click.echo("\n".join(written(line) for line in _lines(result)))
    return 0 if result.intact else 4


_PROVES = {
    "L0": "unchanged",
    "L1": "signed",
    "L2": "signed, in storage that refuses deletion",
    "L3": "signed, locked, time-stamped from outside before and after",
    "L4": "signed, locked, time-stamped, witnessed",
}


def _lines(result: "Verified") -> list[str]:
    if not result.intact:
        return [f"DAMAGED: {result.path}", f"  first damaged object: {result.damaged}", f"  {result.problem}"]
    levels = ", ".join(f"{count} at {level} ({_PROVES[level]})" for level, count in result.levels.items())
    lines = [
        f"Intact: {result.path}",
        f"  log       {result.origin}, {result.size} records from {written(result.first)} to {written(result.last)}",
        f"  root      {result.root}",
        f"  proven    {levels}",
    ]
    if result.keys_from != "trust":
        lines.append("  CAUTION   the keys came from inside: this shows that it is whole, not whose it is; use --trust")
    lines += [f"  missed    {written(one.start)} to {written(one.end)}: no run" for one in result.missed[:_MOST]]
    lines += [f"  unsigned  {name}: nothing vouches for this file" for name in result.unauthenticated[:_MOST]]
    for what, found in (("missed", result.missed), ("unsigned", result.unauthenticated)):
        if len(found) > _MOST:
            lines.append(f"  {what:9} {len(found)} in all; see --json")
    return [*lines, *(f"  note      {note}" for note in result.notes)]
