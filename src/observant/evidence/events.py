"""Change events in the log: what a provider's own log said, line by line, and what was read to find it.

A record of kind `events` binds two packs of one scope:

- `objects/events/<sha256>.xz`: one line per event, the provider's own text; only line breaks between its parts are
  taken out, so nothing of an event is lost. The record carries the number of lines and their Merkle root (RFC 6962),
  so that one event can be shown to be in the log without the others.
- `objects/reading/<sha256>.xz`: one line, canonical JSON (`Reading`): the files that were read, what was in them and is
  not kept, as counts, and what could not be read.

This module is the only contract between who reads a provider's log (`collect`) and who makes tables of it
(`inventory`).
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from observant.errors import ChangedBytes
from observant.evidence.canonical import canonical, digest
from observant.evidence.manifest import as_json
from observant.evidence.merkle import Frontier, leaf_hash
from observant.evidence.pack import pack, unpack
from observant.evidence.record import Draft, Record
from observant.evidence.snapshot import Request
from observant.evidence.store import Store
from observant.model.time import text

KIND = "events"


class ReadFolder(msgspec.Struct, frozen=True):
    """Files of one folder that were read in this reading."""

    folder: str
    files: list[str]
    """Names below the folder, sorted."""
    root: str
    """Hex Merkle root (RFC 6962) over the lines `<sha256>  <name>` of the files as they lay there, in this order."""


class Reading(msgspec.Struct, frozen=True):
    """What was read of a provider's log, and what became of it."""

    started: datetime
    finished: datetime
    log: str
    """`cloudtrail`, `entra` or `azure`: which log the events are of, and so how they read."""
    origin: str
    """`files`, `bucket`, `lookup` or `lake`: the way the events came."""
    supplied_by: str
    """Caller identity (ARN) or, for files, the person or host that handed them in."""
    kept: int = 0
    counted: dict[str, int] = {}
    """`<service> <name>` -> how many events of that name were read and are not kept, because they change no access."""
    duplicates: int = 0
    """Events to keep that were in the log already, by their id."""
    unreadable: dict[str, str] = {}
    """File -> why it, or a part of it, could not be read."""
    folders: list[ReadFolder] = []
    requests: list[Request] = []
    demo: bool = False


class EventBatch(msgspec.Struct, frozen=True):
    """Events of one scope, ready for the log."""

    scope: str
    events: list[bytes]
    """The provider's own JSON, one object each, without newlines."""
    first: datetime | None
    """Earliest and latest time of any event kept; None when there is none with a time."""
    last: datetime | None
    reading: Reading


def write_events(store: Store, batch: EventBatch) -> Draft:
    """Store both packs; they are orphans until the returned draft is in the log. Raises StoreError, ValueError."""
    tree = Frontier()
    for event in batch.events:
        if b"\n" in event:
            raise ValueError("an event has more than one line")
        tree.append(leaf_hash(event))
    reading = canonical(as_json(batch.reading))
    content, about = pack(batch.events), pack([reading])
    events_name, reading_name = events_file(digest(content)), reading_file(digest(about))
    store.put_if_absent(events_name, content)
    store.put_if_absent(reading_name, about)
    predicate = {
        "log": batch.reading.log,
        "origin": batch.reading.origin,
        "supplied_by": batch.reading.supplied_by,
        "finished": text(batch.reading.finished),
        "events": len(batch.events),
        "root": tree.root().hex(),
        "events_size": sum(len(event) + 1 for event in batch.events),
        "reading_size": len(reading) + 1,
        "first": text(batch.first) if batch.first else "",
        "last": text(batch.last) if batch.last else "",
        "files": sum(len(folder.files) for folder in batch.reading.folders),
        "counted": sum(batch.reading.counted.values()),
        "duplicates": batch.reading.duplicates,
        "unreadable": len(batch.reading.unreadable),
    }
    if batch.reading.demo:
        predicate["demo"] = True
    subjects = {events_name: digest(content), reading_name: digest(about)}
    return Draft(KIND, batch.scope, batch.reading.started, predicate, subjects)


def events_file(sha256: str) -> str:
    return f"objects/events/{sha256}.xz"


def reading_file(sha256: str) -> str:
    return f"objects/reading/{sha256}.xz"


def read_events(store: Store, record: Record) -> Iterator[bytes]:
    """The events of a record, in order. Raises MissingObject, ChangedBytes."""
    yield from _lines(store, record, "objects/events/", record.predicate["events_size"])


def read_reading(store: Store, record: Record) -> Reading:
    """What was read for a record. Raises MissingObject, ChangedBytes."""
    lines = list(_lines(store, record, "objects/reading/", record.predicate["reading_size"]))
    try:
        return msgspec.json.decode(b"".join(lines), type=Reading)
    except msgspec.MsgspecError as error:
        raise ChangedBytes(_subject(record, "objects/reading/"), f"not a reading: {error}") from error


def _lines(store: Store, record: Record, folder: str, size: int) -> Iterator[bytes]:
    name = _subject(record, folder)
    content = store.get(name)
    if digest(content) != record.subjects[name]:
        raise ChangedBytes(name, "the bytes are not those that were signed")
    try:
        yield from unpack(content, size)
    except ValueError as error:
        raise ChangedBytes(name, str(error)) from error


def _subject(record: Record, folder: str) -> str:
    (name,) = (subject for subject in record.subjects if subject.startswith(folder))
    return name
