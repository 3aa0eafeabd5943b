"""`[[notify]]` of `observant.toml`: who is told what, and when.

The address of a chat room or mail account has its password in it, so the file only says where the address is: in a
variable of the environment, or in a file that others cannot read.
"""

import os
import re
from datetime import timedelta
from pathlib import Path

import msgspec

from observant.app.located import Located
from observant.errors import UsageError

KINDS = ("exception", "evidence-overdue", "review-due", "forecast", "collection-failed")
"""What can be told."""
WHEN = ("digest", "immediate")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_PLACE = re.compile(r"env:[A-Z][A-Z0-9_]*|file:.+")


class Receiver(msgspec.Struct, frozen=True):
    """Somebody who is told."""

    name: str
    address: str
    """`env:VARIABLE` or `file:PATH`, where the URL of the address is; as apprise writes it."""
    events: list[str]
    when: str = "digest"
    """`digest`: all in one message, at most one in `every`; `immediate`: a message for each."""
    every: timedelta = timedelta(hours=24)
    ahead: timedelta = timedelta(days=14)
    """How far `forecast` and `review-due` look."""


def read_receivers(listed: Located | None) -> list[Receiver]:
    """Raises ConfigurationError naming the line."""
    read: list[Receiver] = []
    for each in listed.items("[[notify]]") if listed is not None else []:
        keys = each.table("[[notify]]", ("name", "address"), ("events", "when", "every", "ahead"))
        name, address = keys["name"].text("name"), keys["address"].text("address")
        if not _NAME.fullmatch(name) or any(name == earlier.name for earlier in read):
            keys["name"].refuse(
                "the name is not short, or stands twice", "write lower-case letters, digits and hyphens"
            )
        read_place(keys["address"], "an address")
        given = {key: keys[key].span(key) for key in ("every", "ahead") if key in keys}
        events = (
            [one.one_of("event", KINDS) for one in keys["events"].items("events")] if "events" in keys else [*KINDS]
        )
        when = keys["when"].one_of("when", WHEN) if "when" in keys else "digest"
        read.append(Receiver(name, address, events, when, **given))
    return read


def read_place(located: Located, what: str) -> str:
    """`env:VARIABLE` or `file:PATH`. Raises ConfigurationError for anything else, which may be the secret itself."""
    place = located.text("the place of a secret")
    if not _PLACE.fullmatch(place):
        located.refuse(f"{what} is secret and does not belong here", "write env:VARIABLE or file:PATH, where it is")
    return place


def address_of(receiver: Receiver, root: Path) -> str:
    """The URL itself. Raises UsageError when it is not there, or when others can read the file."""
    return secret_at(receiver.address, root, f"the address of {receiver.name}")


def secret_at(where: str, root: Path, what: str) -> str:
    """What `env:VARIABLE` or `file:PATH` names. Raises UsageError."""
    kind, _, place = where.partition(":")
    if kind == "env":
        found = os.environ.get(place, "").strip()
        if not found:
            raise UsageError(f"{what} is not in {place}", "set that variable for this program")
        return found
    path = root / place
    try:
        if path.stat().st_mode & 0o077:
            raise UsageError(f"{path} can be read by others", f"chmod 600 {path}")
        return path.read_text().strip()
    except OSError as error:
        raise UsageError(f"{path} cannot be opened: {error.strerror}", f"write {what} into it") from None
