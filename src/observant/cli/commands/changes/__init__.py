"""`observant changes …`."""

import click

from observant.cli.lazy import LazyGroup

MEMBERS = {
    "link": "Record which ticket a change was made for, or why it has none.",
    "list": "Show the changes of access that the providers' logs tell of.",
    "match": "Match changes of access with tickets and pull requests, both ways.",
    "read": "Read a folder of log files into the evidence log.",
    "verify-digests": "Prove with CloudTrail's digests that its files are whole.",
}
"""Command -> its line in `--help`; a test compares."""


@click.group(
    cls=LazyGroup,
    members=MEMBERS,
    place="observant.cli.commands.changes",
    short_help="Read and show what changed access: CloudTrail, directory audits, activity logs.",
)
def command() -> None:
    """Change events: what the providers' own logs say about who changed access, when and how.

    Logs that observant.toml names are read by every `observant collect`.
    """
