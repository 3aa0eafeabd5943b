"""The evidence log: append records, read them back. README.md in this folder follows one record from call to disk."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import msgspec

from observant.errors import ChangedBytes, ClockWentBack, InconsistentLog, MissingObject, StoreError, UsageError
from observant.evidence import chain, dsse, entry, note, tiles, writing
from observant.evidence.canonical import digest
from observant.evidence.events import EventBatch, Reading, read_events, read_reading, write_events
from observant.evidence.manifest import Header, Manifest
from observant.evidence.merkle import leaf_hash
from observant.evidence.probe import Probed, probe
from observant.evidence.record import Draft, Record
from observant.evidence.sequencer import CHECKPOINTS, Sequencer, newest_checkpoint, read_bundle, read_hashes
from observant.evidence.signers import Keys
from observant.evidence.snapshot import Json, Request, Snapshot
from observant.evidence.store import Store
from observant.model.time import Clock, text

__all__ = ["Draft", "Log", "Manifest", "Record"]


_HELD_AT_MOST = 50_000
"""Places that are remembered: about 10 MB."""


def file_name(sha256: str) -> str:
    """Where an attached file lies in the store."""
    return f"objects/file/{sha256}"


class Anchor(Protocol):
    """Gives a published checkpoint an outside witness, such as a time-stamp authority."""

    def anchor(self, store: Store, size: int, checkpoint: bytes, clock: Clock) -> None:
        """Store `anchors/<size>/...`: a token, or a note that there is none. Raises StoreError only."""
        ...


class Log:
    """One evidence log. Open without keys it can only be read."""

    def __init__(self, store: Store, verifiers: Sequence[note.VerifierKey], clock: Clock, keys: Keys | None) -> None:
        self._store, self._clock, self._keys = store, clock, keys
        self._log_key, self._statement_key = verifiers
        self._sequencer = Sequencer(store, [self._log_key])
        self._manifests = chain.ManifestReader(store)
        self._latest = entry.LatestSnapshots(store, self._sequencer)
        self._authorities: Sequence[Anchor] = ()
        self._held: dict[str, Header] = {}
        """SHA-256 of an object -> the snapshot whose pack has it, as far as packs were read."""
        self.troubles: list[str] = []
        """What went wrong after records were safe (the pointer, superseded tiles): repaired by the next append."""

    @classmethod
    def create(cls, store: Store, keys: Keys, origin: str, clock: Clock) -> "Log":
        """Begin a log: the public keys go into the store, and the first record names them.

        Raises UsageError when the store already holds a log.
        """
        if keys.log.key.name != origin:
            raise UsageError(
                f"the log key is named {keys.log.key.name!r}, the log {origin!r}", "load the keys of this log"
            )
        public = {f"keys/{name}": content for name, content in keys.public_files().items()}
        with store.writing():
            if newest_checkpoint(store):
                raise UsageError("the store already holds an evidence log", "open it, or name an empty folder")
            for name, content in public.items():
                if not store.put_if_absent(name, content) and store.get(name) != content:
                    raise UsageError(f"{name} in the store belongs to other keys", "name an empty folder")
        log = cls(store, [keys.log.key, keys.statement.key], clock, keys)
        event = {"event": "created", "log": str(keys.log.key), "origin": origin, "statement": str(keys.statement.key)}
        subjects = {name: digest(content) for name, content in public.items()}
        log.append([Draft("key-event", "", clock(), event, subjects)])
        return log

    @classmethod
    def open(
        cls,
        store: Store,
        clock: Clock,
        keys: Keys | None = None,
        tsa: "Anchor | Sequence[Anchor] | None" = None,
    ) -> "Log":
        """Open a log, for reading only without `keys`. Checks the newest checkpoint and the right edge of the tree.
        Each checkpoint that is appended gets an anchor of every authority in `tsa`.

        Raises UsageError when there is no log or the keys are not its keys, DamagedEvidence when it is damaged.
        """
        verifiers = []
        for name in ("keys/log.vkey", "keys/statement.vkey"):
            try:
                verifiers.append(note.VerifierKey.parse(store.get(name).decode()))
            except MissingObject as error:
                raise UsageError(f"{name}: there is no evidence log here", "run `observant init`") from error
            except ValueError as error:
                raise ChangedBytes(name, str(error)) from error
        if keys is not None and [keys.log.key, keys.statement.key] != verifiers:
            raise UsageError("the keys are not those of this log", "use the keys folder that belongs to it")
        log = cls(store, verifiers, clock, keys)
        log._authorities = tsa if isinstance(tsa, Sequence) else [tsa] if tsa else []
        log.refresh()
        return log

    @property
    def size(self) -> int:
        """Number of records."""
        return self._sequencer.size

    @property
    def root(self) -> bytes:
        """Root of the tree at `size`, 32 bytes."""
        return self._sequencer.root

    @property
    def checkpoint(self) -> str:
        """The newest signed checkpoint: keep a copy elsewhere to notice a log that was cut or rewritten."""
        return self._sequencer.checkpoint.decode()

    @property
    def origin(self) -> str:
        return self._log_key.name

    def refresh(self) -> None:
        """See what another process appended."""
        self._sequencer.refresh()

    def probe(self) -> Probed:
        """Try what the store enforces; raises StoreError when it cannot be written at all."""
        return probe(self._store, self._clock())

    def append(self, drafts: Sequence[Draft]) -> list[Record]:
        """Record `drafts` under one new checkpoint. What is returned survives a power cut.

        Raises ClockWentBack when the clock is behind the newest record, StoreError when nothing could be stored,
        UsageError when a record is too large or the log was opened for reading.
        """
        keys = self._writing_keys()
        if not drafts:
            return []
        with self._store.writing():
            self._sequencer.refresh()
            old_size = self._sequencer.size
            records = self._place(drafts)
            self._sequencer.publish([entry.encode(record, keys.statement) for record in records], keys.log)
            self._tidy(old_size)
        return records

    def append_run(self, read: Iterable[Snapshot | EventBatch], run: Draft) -> list[Record]:
        """Store what one run reads as it comes, then record it and the run itself under one checkpoint.

        Holds one snapshot or batch in memory at a time, and no lock while waiting for the next.
        """
        self._writing_keys()
        self.refresh()
        drafts: list[Draft] = []
        for one in read:
            if isinstance(one, Snapshot):
                drafts.append(writing.write_snapshot(self._store, one, self._previous(one.scope, drafts)))
            else:
                drafts.append(write_events(self._store, one))
            del one  # before the next one is made, not after
        return self.append([*drafts, run])

    def attach(self, content: bytes) -> str:
        """Keep a file that a record is going to bind: its name, for `Draft.subjects` with the content's SHA-256.
        A file that no record binds is found by `verify` as unauthenticated.
        """
        self._writing_keys()
        name = file_name(digest(content))
        self._store.put_if_absent(name, content)
        return name

    def file(self, sha256: str) -> bytes:
        """What was attached, by its SHA-256. Raises MissingObject, or ChangedBytes when it is not what was signed."""
        content = self._store.get(file_name(sha256))
        if digest(content) != sha256:
            raise ChangedBytes(file_name(sha256), "the bytes are not those that were signed")
        return content

    def records(self, start: int = 0) -> Iterator[Record]:
        """Records from index `start` on, oldest first; each is checked against its signature and its hash tile."""
        for bundle in list(tiles.entry_bundles(self.size))[start // tiles.WIDTH :]:
            first = bundle.number * tiles.WIDTH
            entries = read_bundle(self._store, bundle)
            if [*map(leaf_hash, entries)] != read_hashes(self._store, tiles.Tile(0, bundle.number, bundle.width)):
                raise InconsistentLog(bundle.name, "the entries are not those of the hash tile")
            for at, content in enumerate(entries):
                if first + at >= start:
                    yield entry.decode(first + at, content, bundle.name, [self._statement_key])

    def manifest(self, record: Record) -> Manifest:
        """What the snapshot of `record` held."""
        return chain.manifest_of(writing.manifest_digest_of(record.subjects), self._tables(record))

    def objects(self, manifest: Manifest, digests: set[str]) -> Iterator[tuple[str, bytes]]:
        """Configuration objects as (SHA-256, canonical JSON), in any order. Looks into the snapshot's own pack first
        and then into older ones; raises MissingObject when one is in none.
        """
        missing, header = set(digests), manifest.header
        for known in {self._held[one].pack: self._held[one] for one in missing & self._held.keys()}.values():
            yield from self._found(known, missing)
        while missing:
            yield from self._found(header, missing)
            if not missing:
                return
            if not header.previous:
                raise MissingObject(min(missing), f"no pack of {manifest.scope} holds this object")
            header = self._manifests.file(header.previous, header.previous_size).header

    def _found(self, header: Header, missing: set[str]) -> Iterator[tuple[str, bytes]]:
        """What the pack of `header` has of `missing`, which shrinks; where the rest of it lies is remembered."""
        for line in self._pack(header):
            sha256 = digest(line)
            if len(self._held) < _HELD_AT_MOST:
                self._held[sha256] = header
            if sha256 in missing:
                missing.discard(sha256)
                yield sha256, line

    def usage(self, record: Record, collection: str) -> dict[str, Json]:
        """URN -> usage facet of all entities of `collection` that have one, in the snapshot of `record`."""
        lines = self._tables(record).usage.of(collection)
        return {urn: msgspec.json.decode(line)[2] for urn, line in lines.items()}

    def request_log(self, record: Record) -> list[Request]:
        """The calls that the snapshot of `record` was made from."""
        header = self._tables(record).header
        for line in self._pack(header):
            if digest(line) == header.requests:
                return writing.requests_of(line)
        raise MissingObject(chain.pack_name(header.pack), "the request log is not in the pack")

    def events(self, record: Record) -> Iterator[bytes]:
        """The change events of a record of kind `events`, as the provider wrote them."""
        return read_events(self._store, record)

    def reading(self, record: Record) -> Reading:
        """What was read of the provider's log for a record of kind `events`."""
        return read_reading(self._store, record)

    def _previous(self, scope: str, drafts: list[Draft]) -> writing.Previous | None:
        own = next((one for one in reversed(drafts) if (one.kind, one.scope) == ("snapshot", scope)), None)
        newest = own or self._latest.of(scope)
        if newest is None:
            return None
        sha256, size = writing.manifest_digest_of(newest.subjects), newest.predicate["manifest_size"]
        return writing.Previous(sha256, size, self._manifests.tables(sha256, size))

    def _place(self, drafts: Sequence[Draft]) -> list[Record]:
        """Records with index, recorded time and newest anchor. The first also binds the checkpoint before it."""
        size, recorded, anchor, bound = self.size, self._clock(), "", {}
        if size:
            last = entry.decode_payload(size - 1, dsse.parse(self._sequencer.last_entry()).payload, "the newest entry")
            if recorded < last.recorded:
                problem = f"it is {text(recorded)} here, but the record before was taken {text(last.recorded)}"
                raise ClockWentBack(f"record {size}", problem)
            anchors = self._anchors()
            tokens = [sha256 for name, sha256 in anchors.items() if name.endswith(".tsr")]
            anchor = tokens[0] if tokens else last.predicate["prev_anchor_sha256"]
            bound = {f"{CHECKPOINTS}/{size}": digest(self._sequencer.checkpoint), **anchors}
        return [
            entry.place(draft, size + at, text(recorded), anchor, bound if at == 0 else {})
            for at, draft in enumerate(drafts)
        ]

    def _anchors(self) -> dict[str, str]:
        """Tokens, and notes about missing ones, of the newest checkpoint: name -> SHA-256."""
        return {name: digest(self._store.get(name)) for name in self._store.names(f"anchors/{self.size}")}

    def _tidy(self, old_size: int) -> None:
        """What follows a published checkpoint; the records are safe already, so trouble here is only noted."""
        try:
            self._sequencer.point()
            self._sequencer.discard_superseded(old_size)
            for authority in self._authorities:
                authority.anchor(self._store, self.size, self._sequencer.checkpoint, self._clock)
        except StoreError as error:
            self.troubles.append(str(error))

    def _tables(self, record: Record) -> chain.Tables:
        return self._manifests.tables(writing.manifest_digest_of(record.subjects), record.predicate["manifest_size"])

    def _pack(self, header: Header) -> Iterator[bytes]:
        name = chain.pack_name(header.pack)
        try:
            yield from chain.read_pack(self._store, name, header.pack, header.pack_size)
        except ValueError as error:
            raise ChangedBytes(name, str(error)) from error

    def _writing_keys(self) -> Keys:
        if self._keys is None:
            raise UsageError("the evidence log was opened for reading", "open it with its keys")
        return self._keys
