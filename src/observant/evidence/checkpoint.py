"""The signed tree head (C2SP tlog-checkpoint): origin, size and root of the log, as a signed note."""

import base64
import binascii
import re
from typing import NamedTuple

from observant.evidence import note

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def parse(text: str) -> Checkpoint:
    """Read the text of a checkpoint; extension lines are ignored. Raises ValueError when malformed."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] != "" or "" in lines[:-1]:
        raise ValueError("a checkpoint has at least three lines, none of them empty")
    if _SIZE.fullmatch(lines[1]) is None:
        raise ValueError("the size of the checkpoint is not a plain decimal number")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("the root of the checkpoint is not base64") from error
    if len(root) != 32:
        raise ValueError("the root of the checkpoint is not 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root)


def open_signed(content: bytes, keys: list[note.VerifierKey]) -> tuple[Checkpoint, list[note.VerifierKey]]:
    """The checkpoint in a signed note and the known keys that signed it (perhaps none). Raises ValueError."""
    signed = note.parse(content)
    return parse(signed.text), note.verified_by(signed, keys)
