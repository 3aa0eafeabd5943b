"""Checkpoints, entries and tiles: is this the tree that was signed, and every earlier one its beginning?"""

import re
from collections.abc import Iterator

from observant.errors import (
    ChangedBytes,
    DamagedEvidence,
    ForeignSignature,
    InconsistentLog,
    MissingObject,
    TruncatedLog,
)
from observant.evidence import checkpoint, tiles
from observant.evidence.checkpoint import Checkpoint
from observant.evidence.merkle import Frontier, leaf_hash, tree_root
from observant.evidence.note import VerifierKey
from observant.evidence.verify.folder import Folder
from observant.evidence.verify.trust import Trust

POINTER = "log/checkpoint"
_STORED = re.compile(r"log/checkpoints/([1-9][0-9]{0,14})")


def check_checkpoints(folder: Folder, trust: Trust, notes: list[str]) -> list[Checkpoint]:
    """All stored checkpoints, smallest first, each signed by a trusted key; at least one."""
    sizes = sorted(int(match[1]) for match in map(_STORED.fullmatch, folder.names) if match)
    stored = [_signed(f"log/checkpoints/{size}", folder, trust.log) for size in sizes]
    for head, size in zip(stored, sizes, strict=True):
        if head.size != size:
            raise InconsistentLog(f"log/checkpoints/{size}", f"this checkpoint is for size {head.size}")
    _check_pointer(folder, trust, sizes, notes)
    for content in trust.remembered:
        _check_remembered(content, trust, stored[-1])
    return stored


def check_entries(folder: Folder, newest: Checkpoint) -> list[bytes]:
    """Leaf hashes of all entries, after comparing their root with the newest checkpoint."""
    leaves: list[bytes] = []
    bundles = list(tiles.entry_bundles(newest.size))
    for bundle in bundles:
        if bundle is bundles[-1] and bundle.name not in folder.names:
            raise TruncatedLog(bundle.name, f"entries up to {newest.size} were signed and the last ones are gone")
        try:
            leaves += map(leaf_hash, tiles.unbundle(folder.read(bundle.name), bundle.width))
        except ValueError as error:
            raise ChangedBytes(bundle.name, str(error)) from error
    if tree_root(leaves) != newest.root:
        raise _culprit(folder, newest, leaves)
    folder.vouched.update(bundle.name for bundle in bundles)
    return leaves


def check_history(stored: list[Checkpoint], trust: Trust, leaves: list[bytes]) -> None:
    """Every stored and every remembered checkpoint is a beginning of the tree."""
    heads = {head.size: (f"log/checkpoints/{head.size}", head) for head in stored}
    remembered = [checkpoint.open_signed(content, list(trust.log))[0] for content in trust.remembered]
    frontier, roots = Frontier(), {0: tree_root([])}
    wanted = heads.keys() | {head.size for head in remembered}
    for leaf in leaves:
        frontier.append(leaf)
        if frontier.size in wanted:
            roots[frontier.size] = frontier.root()
    for name, head in (*heads.values(), *((POINTER, head) for head in remembered)):
        if roots[head.size] != head.root:
            raise InconsistentLog(name, f"the first {head.size} entries are not those that this checkpoint signed")


def check_tiles(folder: Folder, leaves: list[bytes]) -> None:
    """Every hash tile that the size asks for holds the hashes of the tree."""
    level, hashes = 0, leaves
    for tile in tiles.hash_tiles(len(leaves)):
        if tile.level != level:
            level, hashes = (
                tile.level,
                [tree_root(hashes[at : at + 256]) for at in range(0, len(hashes) // 256 * 256, 256)],
            )
        start = tile.number * tiles.WIDTH
        if folder.read(tile.name) != b"".join(hashes[start : start + tile.width]):
            raise ChangedBytes(tile.name, "the tile does not hold the hashes of the entries")
        folder.vouched.add(tile.name)


def read_entries(folder: Folder, size: int) -> Iterator[tuple[str, bytes]]:
    """Each entry with the name of its bundle, oldest first, one bundle in memory."""
    for bundle in tiles.entry_bundles(size):
        for entry in tiles.unbundle(folder.read(bundle.name), bundle.width):
            yield bundle.name, entry


def _signed(name: str, folder: Folder, keys: tuple[VerifierKey, ...]) -> Checkpoint:
    head = _open(name, folder.read(name), keys)
    folder.vouched.add(name)
    return head


def _open(name: str, content: bytes, keys: tuple[VerifierKey, ...]) -> Checkpoint:
    try:
        head, signers = checkpoint.open_signed(content, list(keys))
    except ValueError as error:
        raise InconsistentLog(name, str(error)) from error
    if not signers:
        raise ForeignSignature(name, "no trusted key signed this checkpoint")
    if head.origin != signers[0].name:
        raise InconsistentLog(name, f"the checkpoint is of another log, {head.origin!r}")
    return head


def _check_pointer(folder: Folder, trust: Trust, sizes: list[int], notes: list[str]) -> None:
    content = folder.read(POINTER)
    head = _open(POINTER, content, trust.log)
    if head.size not in sizes:
        if not sizes or head.size > sizes[-1]:
            raise TruncatedLog(f"log/checkpoints/{head.size}", "the log was this long and its checkpoint is gone")
        raise MissingObject(f"log/checkpoints/{head.size}", "the log names it and it is not there")
    if folder.read(f"log/checkpoints/{head.size}") != content:
        raise InconsistentLog(POINTER, f"there are two checkpoints of size {head.size}")
    if head.size != sizes[-1]:
        notes.append(f"{POINTER} is behind: it names size {head.size} of {sizes[-1]} (a writer was interrupted)")
    folder.vouched.add(POINTER)


def _check_remembered(content: bytes, trust: Trust, newest: Checkpoint) -> None:
    head = _open("remembered checkpoint", content, trust.log)
    if head.size > newest.size:
        raise TruncatedLog(POINTER, f"the log has {newest.size} entries, and {head.size} when it was last seen")


def _culprit(folder: Folder, newest: Checkpoint, leaves: list[bytes]) -> DamagedEvidence:
    """Entries and checkpoint disagree: the tiles tell which of them changed."""
    rows = [tile for tile in tiles.hash_tiles(newest.size) if tile.level == 0]
    bundles = tiles.entry_bundles(newest.size)
    held = [folder.read(tile.name) for tile in rows]
    hashes = [content[at : at + 32] for content in held for at in range(0, len(content), 32)]
    if tree_root(hashes) == newest.root:
        for bundle, row, content in zip(bundles, rows, held, strict=True):
            start = row.number * tiles.WIDTH
            if b"".join(leaves[start : start + row.width]) != content:
                return ChangedBytes(bundle.name, "the entries are not those that were signed")
    return InconsistentLog(f"log/checkpoints/{newest.size}", "the tree of the entries has another root")
