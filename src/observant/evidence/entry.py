"""Records as entries of the log: an in-toto statement in a DSSE envelope, at most 65,535 bytes."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from observant.errors import ForeignSignature, InconsistentLog, UsageError
from observant.evidence import dsse, statement, tiles
from observant.evidence.note import VerifierKey
from observant.evidence.record import Draft, Record
from observant.evidence.sequencer import Sequencer, read_bundle
from observant.evidence.signers import Signer
from observant.evidence.store import Store
from observant.model.time import moment, text

_KIND = re.compile(r"urn:observant:([a-z][a-z-]*):v1")


def encode(record: Record, signer: Signer) -> bytes:
    """Sign a record; raises UsageError when it is too large for the log."""
    payload = statement.build(record.kind, record.predicate, record.subjects)
    entry = bytes(dsse.Envelope(payload, signer.key.hash, signer.sign(dsse.authenticated(payload))))
    if len(entry) > tiles.LARGEST_ENTRY:
        raise UsageError(
            f"a record of kind {record.kind!r} has {len(entry)} bytes, the log takes {tiles.LARGEST_ENTRY}",
            "keep the content outside and record its digest as a subject",
        )
    return entry


def decode(index: int, entry: bytes, name: str, keys: list[VerifierKey]) -> Record:
    """Read entry `index` of the bundle `name`; raises ForeignSignature or InconsistentLog."""
    try:
        envelope = dsse.parse(entry)
    except ValueError as error:
        raise InconsistentLog(name, f"entry {index}: {error}") from error
    if envelope.signed_by(keys) is None:
        raise ForeignSignature(name, f"entry {index} is not signed by the statement key")
    return decode_payload(index, envelope.payload, name)


def decode_payload(index: int, payload: bytes, name: str) -> Record:
    """Read a statement whose signature was checked, or need not be."""
    try:
        read: dict[str, Any] = json.loads(payload)
        predicate = read["predicate"]
        return Record(
            index=index,
            kind=_KIND.fullmatch(read["predicateType"])[1],  # type: ignore[index]  # None is a TypeError, caught below
            scope=predicate["scope"],
            effective=moment(predicate["effective"]),
            recorded=moment(predicate["recorded"]),
            predicate=predicate,
            subjects={subject["name"]: subject["digest"]["sha256"] for subject in read["subject"]},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InconsistentLog(name, f"entry {index} is not a statement of ours: {error}") from error


def place(draft: Draft, index: int, recorded: str, anchor: str, subjects: Mapping[str, str]) -> Record:
    """The record that `draft` becomes; `subjects` are added to its own."""
    if not _KIND.fullmatch(statement.predicate_type(draft.kind)):
        raise UsageError(f"{draft.kind!r} is not the name of a kind of record", "use lower-case letters and hyphens")
    added = {
        "effective": text(draft.effective),
        "prev_anchor_sha256": anchor,
        "recorded": recorded,
        "scope": draft.scope,
    }
    return Record(
        index=index,
        kind=draft.kind,
        scope=draft.scope,
        effective=moment(added["effective"]),
        recorded=moment(recorded),
        predicate=draft.predicate | added,
        subjects={**draft.subjects, **subjects},
    )


class LatestSnapshots:
    """The newest snapshot record of each scope, found from the end of the log backwards and only as far as needed."""

    def __init__(self, store: Store, sequencer: Sequencer) -> None:
        self._store, self._sequencer = store, sequencer
        self._found: dict[str, Record] = {}
        self._low = self._high = 0
        """Entries [low, high) have been looked at."""

    def of(self, scope: str) -> Record | None:
        size = self._sequencer.size
        if size > self._high:
            fresh: dict[str, Record] = {}
            for record in self._backwards(size, self._high if self._low < self._high else size):
                fresh.setdefault(record.scope, record)
            self._found |= fresh
            self._low = self._low if self._low < self._high else size
            self._high = size
        while scope not in self._found and self._low > 0:
            start = (self._low - 1) // tiles.WIDTH * tiles.WIDTH
            for record in self._backwards(self._low, start):
                self._found.setdefault(record.scope, record)
            self._low = start
        return self._found.get(scope)

    def _backwards(self, end: int, start: int) -> Iterator[Record]:
        """Snapshot records in [start, end), newest first."""
        for bundle in reversed(list(tiles.entry_bundles(self._sequencer.size))):
            first = bundle.number * tiles.WIDTH
            if first >= end or first + bundle.width <= start:
                continue
            entries = read_bundle(self._store, bundle)
            for index in range(min(end, first + bundle.width) - 1, max(start, first) - 1, -1):
                record = decode_payload(index, dsse.parse(entries[index - first]).payload, bundle.name)
                if record.kind == "snapshot":
                    yield record
