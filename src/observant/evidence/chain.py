"""Reading manifests: each is full or a change to the one before it of the same scope."""

from collections import OrderedDict
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import msgspec

from observant.errors import ChangedBytes
from observant.evidence.canonical import digest
from observant.evidence.manifest import Header, Manifest
from observant.evidence.pack import unpack
from observant.evidence.store import Store
from observant.evidence.table import Key, Table, from_positions, has_value, read_key
from observant.model.time import moment

_REMEMBERED_LINES = 500_000
"""Lines of tables that are remembered in all: a log has many scopes that are read in turn, most of them small. Tables
of one scope share the lines that did not change, so this bounds memory from far above."""
_REMEMBERED_AT_LEAST = 4


class Tables(NamedTuple):
    """Complete state of one manifest."""

    header: Header
    entries: Table
    usage: Table
    chain: int
    """Manifests since the last with full entries (0 for that one)."""
    usage_chain: int
    known: set[str]
    """Digests of the objects named by any manifest since the last with full entries: not to be stored again."""


class File(NamedTuple):
    """One manifest file as it lies in the store."""

    header: Header
    entries: list[bytes]
    usage: list[bytes] | None
    """None when it was not asked for."""


class ManifestReader:
    """Applies deltas to a remembered base, so reading one scope in order costs one delta each."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._remembered: OrderedDict[str, Tables] = OrderedDict()
        self._lines = 0
        """Of all that are remembered."""

    def tables(self, sha256: str, size: int) -> Tables:
        """State of the manifest file `sha256` (`size` bytes unpacked). Shared: copy before changing."""
        wanted: list[tuple[str, File]] = []
        asked, base, usage = sha256, self._remembered.get(sha256), True
        while base is None and not (wanted and wanted[-1][1].header.entries.mode == "full"):
            file = self.file(sha256, size, usage=usage)
            usage = usage and file.header.usage.mode == "delta"  # older usage is replaced by this full map anyway
            wanted.append((sha256, file))
            sha256, size = file.header.previous, file.header.previous_size
            base = self._remembered.get(sha256)
        state = _State(base)
        for name, file in reversed(wanted):
            state.advance(name, file)
        tables = state.tables()
        self._remember(asked, tables)
        return tables

    def file(self, sha256: str, size: int, *, usage: bool = False) -> File:
        """One manifest file, unpacked no further than to its entries without `usage`."""
        name = manifest_name(sha256)
        try:
            lines = read_pack(self._store, name, sha256, size)
            header = msgspec.json.decode(next(lines, b""), type=Header)
            return File(header, list(islice(lines, header.entries.lines)), list(lines) if usage else None)
        except (ValueError, msgspec.MsgspecError) as error:
            raise ChangedBytes(name, f"not a manifest: {error}") from error

    def _remember(self, sha256: str, state: Tables) -> None:
        if sha256 not in self._remembered:
            self._lines += _lines(state)
        self._remembered[sha256] = state
        self._remembered.move_to_end(sha256)
        while self._lines > _REMEMBERED_LINES and len(self._remembered) > _REMEMBERED_AT_LEAST:
            _, oldest = self._remembered.popitem(last=False)
            self._lines -= _lines(oldest)


def _lines(tables: Tables) -> int:
    return len(tables.entries) + len(tables.usage)


def manifest_of(sha256: str, tables: Tables) -> Manifest:
    header = tables.header
    return Manifest(
        scope=header.scope,
        started=moment(header.started),
        finished=moment(header.finished),
        root=header.entries.roots[""],
        collections=header.collections,
        entries={key: tables.entries[key][-66:-2].decode() for key in tables.entries},
        usage=header.usage.roots,
        origin=header.origin,
        supplied_by=header.supplied_by,
        demo=header.demo,
        header=header,
        digest=sha256,
    )


def read_pack(store: Store, name: str, sha256: str, size: int) -> Iterator[bytes]:
    """Stream the lines of a pack after checking its digest; raises MissingObject, ChangedBytes, or ValueError."""
    content = store.get(name)
    if digest(content) != sha256:
        raise ChangedBytes(name, "the bytes are not those that were signed")
    return unpack(content, size)


def pack_name(sha256: str) -> str:
    return f"objects/pack/{sha256}.xz"


def manifest_name(sha256: str) -> str:
    return f"objects/manifest/{sha256}.xz"


class _State:
    """Tables while deltas are applied; a table is None until its full form was met."""

    def __init__(self, base: Tables | None) -> None:
        self._header: Header | None = base.header if base else None
        self._entries: Table | None = base.entries.copy() if base else None
        self._usage: Table | None = base.usage.copy() if base else None
        self._fresh: dict[Key, bytes | None] = {}
        """Usage since then: many deltas are folded into one before lines are made of them."""
        self._chain = base.chain if base else 0
        self._usage_chain = base.usage_chain if base else 0
        self._known = set(base.known) if base else set()

    def advance(self, sha256: str, file: File) -> None:
        self._header = file.header
        self._chain, self._usage_chain = self._chain + 1, self._usage_chain + 1
        if file.header.entries.mode == "full":
            self._entries, self._chain = Table(), 0
            self._known = set()
        if file.header.usage.mode == "full":
            self._usage, self._usage_chain = Table(), 0
            self._fresh = {}
        try:
            if self._entries is not None:
                self._entries.apply(file.entries)
            if file.usage is not None and self._entries is not None:
                self._fresh.update((read_key(line), None) for line in file.entries if not has_value(line))
                self._fresh.update(from_positions(file.usage, self._entries))
        except ValueError as error:
            raise ChangedBytes(manifest_name(sha256), str(error)) from error
        self._known.update(line[-66:-2].decode() for line in file.entries)

    def tables(self) -> Tables:
        if self._header is None or self._entries is None or self._usage is None:
            raise ValueError("a delta was read without the full manifest in front of it")
        self._usage.keep_only(self._entries)
        held = set(self._usage.keys())
        fresh = ((key, value) for key, value in self._fresh.items() if value is not None or key in held)
        self._usage.put_values(fresh)
        return Tables(self._header, self._entries, self._usage, self._chain, self._usage_chain, self._known)
