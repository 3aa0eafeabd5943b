"""Keyed lines with a Merkle root: the form in which a manifest keeps what a snapshot held.

A line is a canonical JSON array `[collection, urn, value]`; `[collection, urn]` takes the line of that key away. A
table is written full, or as the lines that changed since the table before it. Usage lines name their entity by its
place in the entry table, `[skip,value]`: a day of last-used times is 40 % smaller so. A root (RFC 6962) is always over
all lines, keys written out, in order of their keys: a delta cannot hide a removal. Only the standard library:
verification runs on it.
"""

import json
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from json.encoder import encode_basestring

from observant.evidence.merkle import leaf_hash, tree_root

Key = tuple[str, str]


class Table:
    """Lines by key, in order of (collection, urn) by code point."""

    def __init__(self) -> None:
        self._lines: dict[Key, bytes] = {}
        self._hashes: dict[Key, bytes] = {}  # filled when a root is asked for: most tables on the way are never
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
        self.put((read_key(line), line if has_value(line) else None) for line in lines)

    def put(self, lines: Iterable[tuple[Key, bytes | None]]) -> None:
        """The same with keys known; None takes a key away."""
        fresh: set[Key] = set()
        for key, line in lines:
            if key in fresh:
                raise ValueError(f"{key[0]} {key[1]} is there twice")
            if line is None:
                self._remove(key)
                continue
            if key not in self._lines:
                fresh.add(key)
            self._lines[key] = line
            self._hashes.pop(key, None)
        if len(fresh) > 64:
            self._keys = sorted([*self._keys, *fresh])
        else:
            for key in fresh:
                insort(self._keys, key)

    def put_values(self, values: Iterable[tuple[Key, bytes | None]]) -> None:
        """Put values (canonical JSON); None takes a key away."""
        self.put((key, None if value is None else write_line(key, value)) for key, value in values)

    def keep_only(self, keys: "Table") -> None:
        """Take away every key that `keys` does not have."""
        for key in [key for key in self._keys if key not in keys._lines]:
            self._remove(key)

    def changes_from(self, old: "Table") -> list[tuple[Key, bytes | None]]:
        """The lines that turn `old` into this table, in order of their keys."""
        changed = [(key, line) for key, line in self._lines.items() if old._lines.get(key) != line]
        removed = [(key, None) for key in old._lines if key not in self._lines]
        return sorted([*changed, *removed], key=lambda pair: pair[0])

    def keys(self) -> Sequence[Key]:
        """In order; shared, do not alter."""
        return self._keys

    def lines(self) -> Iterator[tuple[Key, bytes]]:
        return ((key, self._lines[key]) for key in self._keys)

    def root(self) -> str:
        """Hex root over all lines."""
        return self._root(self._keys)

    def root_of(self, collection: str) -> str:
        """Hex root over the lines of one collection."""
        start, end = self._stretch(collection)
        return self._root(self._keys[start:end])

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

    def _root(self, keys: list[Key]) -> str:
        hashes = self._hashes
        for key in keys:
            if key not in hashes:
                hashes[key] = leaf_hash(self._lines[key])
        return tree_root([hashes[key] for key in keys]).hex()

    def _stretch(self, collection: str) -> tuple[int, int]:
        # "\0" sorts directly behind the name itself: no text lies between
        return bisect_left(self._keys, (collection, "")), bisect_left(self._keys, (collection + "\0", ""))

    def _remove(self, key: Key) -> None:
        if self._lines.pop(key, None) is None:
            raise ValueError(f"{key[0]} {key[1]} is taken away but was not there")
        self._hashes.pop(key, None)
        del self._keys[bisect_left(self._keys, key)]


def write_line(key: Key, value: bytes | None) -> bytes:
    """`value` is canonical JSON; None writes the line that takes the key away."""
    start = f"[{encode_basestring(key[0])},{encode_basestring(key[1])}".encode()
    return start + b"]" if value is None else b"%b,%b]" % (start, value)


def read_key(line: bytes) -> Key:
    """The key of a line; raises ValueError."""
    end = _end_of_key(line)
    if end:
        middle = line.find(b'","')
        return line[2:middle].decode(), line[middle + 3 : end - 1].decode()
    read = _parsed(line)
    return read[0], read[1]


def has_value(line: bytes) -> bool:
    """False for a line that takes its key away."""
    end = _end_of_key(line)
    return line[end : end + 1] == b"," if end else len(_parsed(line)) == 3


def by_position(lines: Iterable[tuple[Key, bytes | None]], entries: Table) -> list[bytes]:
    """Lines whose keys are in `entries`, written `[skip,value]` or `[skip]`: so many entries further on.

    Lines of keys that `entries` does not have are left out: who reads them takes those keys away anyway.
    """
    position = {key: at for at, key in enumerate(entries.keys())}
    written, last = [], -1
    for key, line in lines:
        at = position.get(key)
        if at is not None:
            value = b"" if line is None else line[len(write_line(key, None)) - 1 : -1]
            written.append(b"[%d%b]" % (at - last, value))
            last = at
    return written


def from_positions(lines: Iterable[bytes], entries: Table) -> Iterator[tuple[Key, bytes | None]]:
    """What `by_position` wrote: key and value, None for one taken away; raises ValueError."""
    keys, at = entries.keys(), -1
    for line in lines:
        skip, comma, value = line[1:-1].partition(b",")
        at += int(skip)
        if not 0 <= at < len(keys):
            raise ValueError("a line of usage is for an entity that is not there")
        yield keys[at], value if comma else None


def _end_of_key(line: bytes) -> int:
    """Where `["collection","urn"` ends, found without a parser; 0 when it takes one."""
    middle = line.find(b'","')
    end = line.find(b'"', middle + 3) + 1
    plain = line.startswith(b'["') and middle > 0 and end > 0 and b"\\" not in line[:end]
    return end if plain and line[end : end + 1] in (b",", b"]") else 0


def _parsed(line: bytes) -> list[str]:
    try:
        read = json.loads(line)
    except RecursionError as error:
        raise ValueError("a line of the manifest is nested too deeply") from error
    if not isinstance(read, list) or len(read) not in (2, 3) or not all(isinstance(part, str) for part in read[:2]):
        raise ValueError("a line of the manifest is not [collection, urn] or [collection, urn, value]")
    return read
