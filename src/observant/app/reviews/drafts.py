"""Decisions that are not signed yet: one line each, appended and synced, so that a crash loses nothing.

They are no evidence. What a reviewer signs is. Whoever changes a campaign holds its lock, so that nothing is decided,
signed or closed by two processes at once.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from observant.errors import InputError
from observant.reviews.decision import Decision


class HandOver(msgspec.Struct, frozen=True, tag="hand_over"):
    """One item given to another reviewer."""

    item: str
    to: str
    by: str
    reason: str


class Decided(msgspec.Struct, frozen=True, tag="decided"):
    decision: Decision


Line = HandOver | Decided


@contextlib.contextmanager
def changing(workspace: Path, campaign: str) -> Iterator[None]:
    """Around whatever changes a campaign; others wait."""
    folder = workspace / "reviews" / campaign
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Drafts:
    """The drafts of one campaign, in `reviews/<campaign>/drafts.jsonl` of the workspace."""

    def __init__(self, workspace: Path, campaign: str) -> None:
        self.path = workspace / "reviews" / campaign / "drafts.jsonl"

    def add(self, lines: list[Line]) -> None:
        """Append all of them in one write, after cutting off what a crash left half written."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        content = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
        with self.path.open("ab+") as file:
            _cut_half_line(file.fileno())
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def read(self) -> list[Line]:
        """Every line in order. A line that was cut off by a crash at the very end was never acknowledged."""
        if not self.path.exists():
            return []
        *whole, _ = self.path.read_bytes().split(b"\n")
        try:
            return [msgspec.json.decode(line, type=Line) for line in whole]
        except msgspec.DecodeError as error:
            remedy = "it was changed by hand: take it away, and decide again what is missing"
            raise InputError(self.path, "", f"is not a list of drafts: {error}", remedy) from error

    def decisions(self) -> list[Decision]:
        return [line.decision for line in self.read() if isinstance(line, Decided)]

    def handed_over(self) -> list[HandOver]:
        return [line for line in self.read() if isinstance(line, HandOver)]


def _cut_half_line(descriptor: int) -> None:
    """Shorten the file to the end of its last whole line."""
    size = os.fstat(descriptor).st_size
    at = size
    while at and os.pread(descriptor, 1, at - 1) != b"\n":
        at -= 1
    if at != size:
        os.ftruncate(descriptor, at)
