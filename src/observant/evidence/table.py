"""Keyed lines with a Merkle root: the form in which a manifest keeps what a snapshot held.

A line is a canonical JSON array `[collection, urn, value]`; `[collection, urn]` takes the line of that key away. A
table is written full, or as the lines that changed since the table before it. Its root (RFC 6962) is always over all
lines in order of their keys, so a delta cannot hide a removal. Only the standard library: verification runs on it.
"""

import json
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping

from observant.evidence.merkle import leaf_hash, tree_root

Key = tuple[str, str]
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Table:
    """Lines by key, in order of (collection, urn) by code point."""

    def __init__(self) -> None:
        self._lines: dict[Key, bytes] = {}
        self._hashes: dict[Key, bytes] = {}
        self._keys: list[Key] = []

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Key]:
        return iter(self._keys)

    def __getitem__(self, key: Key) -> bytes:
        return self._lines[key]

    def copy(self) -> "Table":
        twin = Table()
        twin._lines, twin._hashes, twin._keys = self._lines.copy(), self._hashes.copy(), self._keys.copy()
        return twin

    def apply(self, lines: Iterable[bytes]) -> None:
        """Put, replace and take away lines; raises ValueError for what is not a line or takes away nothing."""
        fresh = []
        for line in lines:
            key, removal = read_key(line)
            if removal:
                self._remove(key)
                continue
            if key not in self._lines:
                fresh.append(key)
            self._lines[key], self._hashes[key] = line, leaf_hash(line)
        if len(fresh) > 64:
            self._keys = sorted([*self._keys, *fresh])
        else:
            for key in fresh:
                insort(self._keys, key)

    def changes_from(self, old: "Table") -> list[bytes]:
        """The lines that turn `old` into this table, in order of their keys."""
        changed = [(key, line) for key, line in self._lines.items() if old._lines.get(key) != line]
        removed = [(key, removal_line(key)) for key in old._lines if key not in self._lines]
        return [line for _, line in sorted(changed + removed)]

    def lines(self) -> Iterator[bytes]:
        return (self._lines[key] for key in self._keys)

    def root(self) -> str:
        """Hex root over all lines."""
        return tree_root([self._hashes[key] for key in self._keys]).hex()

    def root_of(self, collection: str) -> str:
        """Hex root over the lines of one collection."""
        start, end = self._stretch(collection)
        return tree_root([self._hashes[key] for key in self._keys[start:end]]).hex()

    def collections(self) -> list[str]:
        found: list[str] = []
        at = 0
        while at < len(self._keys):
            found.append(self._keys[at][0])
            at = self._stretch(found[-1])[1]
        return found

    def of(self, collection: str) -> Mapping[str, bytes]:
        """The lines of one collection by urn, in order."""
        start, end = self._stretch(collection)
        return {key[1]: self._lines[key] for key in self._keys[start:end]}

    def _stretch(self, collection: str) -> tuple[int, int]:
        # "\0" sorts directly behind the name itself: no text lies between
        return bisect_left(self._keys, (collection, "")), bisect_left(self._keys, (collection + "\0", ""))

    def _remove(self, key: Key) -> None:
        if self._lines.pop(key, None) is None:
            raise ValueError(f"{key[0]} {key[1]} is taken away but was not there")
        del self._hashes[key]
        del self._keys[bisect_left(self._keys, key)]


def write_line(key: Key, value: bytes) -> bytes:
    """`value` is canonical JSON."""
    return b"%b,%b]" % (_ENCODE([key[0], key[1]])[:-1].encode(), value)


def removal_line(key: Key) -> bytes:
    return _ENCODE([key[0], key[1]]).encode()


def read_key(line: bytes) -> tuple[Key, bool]:
    """The key of a line and whether it takes that key away; raises ValueError."""
    try:
        read = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("a line of the manifest is not JSON") from error
    if not isinstance(read, list) or len(read) not in (2, 3) or not all(isinstance(part, str) for part in read[:2]):
        raise ValueError("a line of the manifest is not [collection, urn] or [collection, urn, value]")
    return (read[0], read[1]), len(read) == 2
