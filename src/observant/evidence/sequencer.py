"""Gives entries their place in the tree and publishes them: entries, tiles, checkpoint, in this order.

A size is taken by creating `log/checkpoints/<size>`, which only one writer can do and only once; what was written
before is an orphan until then. So a crash at any moment leaves either the old log or the new one, and no two
checkpoints of one size. Files past the newest checkpoint are such orphans: the next writer, who holds the store's lock,
overwrites them.
"""

from collections.abc import Sequence

from observant.errors import ForeignSignature, InconsistentLog, MissingObject, StoreError, TruncatedLog
from observant.evidence import checkpoint, note, tiles
from observant.evidence.merkle import EMPTY_ROOT, leaf_hash, tree_root
from observant.evidence.signers import Signer
from observant.evidence.store import Store

POINTER = "log/checkpoint"
CHECKPOINTS = "log/checkpoints"


class Sequencer:
    """The right edge of the tree: everything a writer needs to know about what came before."""

    def __init__(self, store: Store, keys: list[note.VerifierKey]) -> None:
        self._store = store
        self._keys = keys
        self.size = 0
        self.root = EMPTY_ROOT
        self.checkpoint = b""
        """The newest signed checkpoint, as stored; empty before the first."""
        self._edges: list[list[bytes]] = []
        """Per level, the hashes of the tile at the right edge (fewer than 256)."""
        self._bundle: list[bytes] = []

    def refresh(self) -> None:
        """Catch up with the store; raises DamagedEvidence when its right edge is not what its checkpoint says."""
        newest = newest_checkpoint(self._store)
        if newest < self.size:
            raise TruncatedLog(f"{CHECKPOINTS}/{self.size}", "the newest checkpoint is gone")
        if newest == self.size:
            return
        name = f"{CHECKPOINTS}/{newest}"
        content = self._store.get(name)
        head = read_checkpoint(name, content, self._keys)
        edges = [
            self._hashes(tiles.Tile(level, (newest >> 8 * level) // 256, (newest >> 8 * level) % 256))
            for level in range(tiles.LEVELS)
            if newest >> 8 * level
        ]
        if _root(edges) != head.root:
            raise InconsistentLog(name, "the hash tiles do not add up to the root of the checkpoint")
        self._bundle = self._entries(tiles.Tile(tiles.ENTRIES, newest // 256, newest % 256), edges[0])
        self._edges, self.size, self.root, self.checkpoint = edges, newest, head.root, content

    def last_entry(self) -> bytes:
        """The newest entry; the log must not be empty."""
        if self._bundle:
            return self._bundle[-1]
        return read_bundle(self._store, tiles.Tile(tiles.ENTRIES, self.size // 256 - 1, 256))[-1]

    def publish(self, entries: Sequence[bytes], signer: Signer) -> None:
        """Append entries under one new checkpoint: durable on return, nothing appended on StoreError."""
        size = self.size + len(entries)
        files, bundle = _grow_bundles(self.size, self._bundle, entries)
        edges = [list(edge) for edge in self._edges]
        files |= _grow_hashes(self.size, edges, [leaf_hash(entry) for entry in entries])
        root = _root(edges)
        for name, content in files.items():
            self._put_tile(name, content)
        text = str(checkpoint.Checkpoint(signer.key.name, size, root))
        content = (text + "\n" + note.signature_line(signer.key, signer.sign(text.encode()))).encode()
        if not self._store.put_if_absent(f"{CHECKPOINTS}/{size}", content):
            raise StoreError(f"another writer appended to the log at the same moment (size {size}); try again")
        self._edges, self._bundle, self.size, self.root, self.checkpoint = edges, bundle, size, root, content

    def point(self) -> None:
        """Make `log/checkpoint` name the newest size: a convenience, since the newest file of `checkpoints/` counts."""
        self._store.replace_pointer(POINTER, self.checkpoint)

    def discard_superseded(self, old_size: int) -> None:
        """Remove the partial tiles and bundles at the right edge for which there are wider ones now: those of
        `old_size`, and what a crash left beside them.
        """
        needed = {tile.name for tile in (*tiles.hash_tiles(self.size), *tiles.entry_bundles(self.size))}
        for level in (tiles.ENTRIES, *range(len(self._edges))):
            edge = (old_size >> 8 * max(0, level)) // tiles.WIDTH
            for number in range(max(0, edge - 1), edge + 1):
                for name in self._store.names(f"{tiles.Tile(level, number, tiles.WIDTH).name}.p"):
                    if name not in needed:
                        self._store.discard(name)

    def _put_tile(self, name: str, content: bytes) -> None:
        # The name is past the newest checkpoint and we hold the lock: what is there was left by a crash.
        if not self._store.put_if_absent(name, content) and self._store.get(name) != content:
            self._store.discard(name)
            if not self._store.put_if_absent(name, content):
                raise StoreError(f"{name}: another writer is at work; try again")

    def _hashes(self, tile: tiles.Tile) -> list[bytes]:
        return read_hashes(self._store, tile) if tile.width else []

    def _entries(self, tile: tiles.Tile, hashes: list[bytes]) -> list[bytes]:
        if tile.width == 0:
            return []
        entries = read_bundle(self._store, tile)
        if [leaf_hash(entry) for entry in entries] != hashes:
            raise InconsistentLog(tile.name, "the entries are not those of the hash tile")
        return entries


def newest_checkpoint(store: Store) -> int:
    """The largest size in `log/checkpoints/`; 0 when there is none."""
    sizes = (name.rpartition("/")[2] for name in store.names(CHECKPOINTS))
    return max((int(size) for size in sizes if size.isdecimal()), default=0)


def read_checkpoint(name: str, content: bytes, keys: list[note.VerifierKey]) -> checkpoint.Checkpoint:
    """The checkpoint in the file `name`, signed by one of `keys`; raises ForeignSignature or InconsistentLog."""
    try:
        head, signers = checkpoint.open_signed(content, keys)
    except ValueError as error:
        raise InconsistentLog(name, str(error)) from error
    if not signers:
        raise ForeignSignature(name, "no trusted key signed this checkpoint")
    if str(head.size) != name.rpartition("/")[2] and name != POINTER:
        raise InconsistentLog(name, f"the checkpoint is for size {head.size}")
    return head


def read_bundle(store: Store, tile: tiles.Tile) -> list[bytes]:
    """The entries of a bundle, from a wider one where that has taken its place."""
    found, content = _wide_enough(store, tile)
    try:
        return tiles.unbundle(content, found.width)[: tile.width]
    except ValueError as error:
        raise InconsistentLog(found.name, str(error)) from error


def read_hashes(store: Store, tile: tiles.Tile) -> list[bytes]:
    """The hashes of a tile, from a wider one where that has taken its place."""
    found, content = _wide_enough(store, tile)
    try:
        return tiles.split_hashes(content, found.width)[: tile.width]
    except ValueError as error:
        raise InconsistentLog(found.name, str(error)) from error


def _wide_enough(store: Store, tile: tiles.Tile) -> tuple[tiles.Tile, bytes]:
    """A writer in another process removes a partial tile once there is a wider one: a reader then takes that."""
    try:
        return tile, store.get(tile.name)
    except MissingObject:
        full = tiles.Tile(tile.level, tile.number, tiles.WIDTH)
        widths = (name.rpartition("/")[2] for name in store.names(f"{full.name}.p"))
        wider = sorted(int(width) for width in widths if width.isdecimal() and int(width) > tile.width)
        for width in (*wider, tiles.WIDTH):
            candidate = tiles.Tile(tile.level, tile.number, width)
            if store.head(candidate.name) is not None:
                return candidate, store.get(candidate.name)
        raise


def _grow_bundles(size: int, last: list[bytes], entries: Sequence[bytes]) -> tuple[dict[str, bytes], list[bytes]]:
    files = {}
    number, pending = size // 256, [*last, *entries]
    while len(pending) >= 256:
        files[tiles.Tile(tiles.ENTRIES, number, 256).name] = tiles.bundle(pending[:256])
        number, pending = number + 1, pending[256:]
    if pending:
        files[tiles.Tile(tiles.ENTRIES, number, len(pending)).name] = tiles.bundle(pending)
    return files, pending


def _grow_hashes(size: int, edges: list[list[bytes]], fresh: list[bytes]) -> dict[str, bytes]:
    """Add leaf hashes; `edges` is brought forward in place, the new tiles are returned by name."""
    files = {}
    level = 0
    while fresh:
        if level == len(edges):
            edges.append([])
        number, pending, above = (size >> 8 * level) // 256, edges[level] + fresh, []
        while len(pending) >= 256:
            files[tiles.Tile(level, number, 256).name] = b"".join(pending[:256])
            above.append(tree_root(pending[:256]))
            number, pending = number + 1, pending[256:]
        if pending:
            files[tiles.Tile(level, number, len(pending)).name] = b"".join(pending)
        edges[level], fresh, level = pending, above, level + 1
    return files


def _root(edges: list[list[bytes]]) -> bytes:
    """The root from the right edge: at each level the hashes of the tile, then what is left over from below."""
    rest: list[bytes] = []
    for edge in edges:
        if edge or rest:
            rest = [tree_root([*edge, *rest])]
    return rest[0] if rest else EMPTY_ROOT
