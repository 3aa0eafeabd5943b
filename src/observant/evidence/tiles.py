"""Names and contents of the files of a log (C2SP tlog-tiles): hash tiles and entry bundles, 256 wide."""

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

WIDTH = 256
LARGEST_ENTRY = 65_535
LEVELS = 8
ENTRIES = -1
"""The "level" of entry bundles, which share the numbering of level 0."""


class Tile(NamedTuple):
    """`level` 0 holds leaf hashes, each level above the roots of whole tiles below; ENTRIES holds the entries."""

    level: int
    number: int
    width: int

    @property
    def name(self) -> str:
        """`log/tile/0/x001/234.p/17`: three digits a folder, all but the last marked `x`, `.p/` when partial."""
        digits = f"{self.number % 1000:03d}"
        rest = self.number // 1000
        while rest:
            digits, rest = f"x{rest % 1000:03d}/{digits}", rest // 1000
        level = "entries" if self.level == ENTRIES else str(self.level)
        return f"log/tile/{level}/{digits}" + ("" if self.width == WIDTH else f".p/{self.width}")


def hash_tiles(size: int) -> Iterator[Tile]:
    """The tiles that a log of `size` entries must have: lowest level first, from left to right."""
    for level in range(LEVELS):
        count = size >> (8 * level)
        if count == 0:
            return
        yield from _row(level, count)


def entry_bundles(size: int) -> Iterator[Tile]:
    """The entry bundles that a log of `size` entries must have, oldest first."""
    yield from _row(ENTRIES, size)


def _row(level: int, count: int) -> Iterator[Tile]:
    for number in range(count // WIDTH):
        yield Tile(level, number, WIDTH)
    if count % WIDTH:
        yield Tile(level, count // WIDTH, count % WIDTH)


def bundle(entries: Iterable[bytes]) -> bytes:
    """Each entry behind its length, two bytes, big-endian."""
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def unbundle(content: bytes, width: int) -> list[bytes]:
    """The entries of a bundle; raises ValueError unless there are exactly `width` and nothing is left over."""
    entries, at = [], 0
    while at < len(content):
        end = at + 2 + int.from_bytes(content[at : at + 2], "big")
        if at + 2 > len(content) or end > len(content):
            raise ValueError("the bundle ends in the middle of an entry")
        entries.append(content[at + 2 : end])
        at = end
    if len(entries) != width:
        raise ValueError(f"the bundle holds {len(entries)} entries instead of {width}")
    return entries


def split_hashes(content: bytes, width: int) -> list[bytes]:
    """The hashes of a hash tile; raises ValueError unless there are exactly `width`."""
    if len(content) != 32 * width:
        raise ValueError(f"the tile has {len(content)} bytes instead of {32 * width}")
    return [content[at : at + 32] for at in range(0, len(content), 32)]
