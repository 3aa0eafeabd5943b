"""`observant risk …`."""

import click

from observant.cli.lazy import LazyGroup

MEMBERS = {
    "accept": "Accept a risk until a day, or withdraw that.",
    "assess": "Write down a risk, or assess one anew.",
    "list": "Show the risks, the highest first.",
}
"""Command -> its line in `--help`; a test compares."""


@click.group(
    cls=LazyGroup,
    members=MEMBERS,
    place="observant.cli.commands.risk",
    short_help="Keep the risk register: assess, accept until a day, list.",
)
def command() -> None:
    """The risk register: risks from exceptions or by hand, on the organization's own scale.

    Everything is a record of the evidence log. Accepting a risk changes no verdict: its exceptions are reported as
    such, with who accepted them, why, what makes up for them, and until when.
    """
