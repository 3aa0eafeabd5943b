"""Inside the packs of change events: as many lines as signed, with the root that was signed."""

import json
from collections.abc import Iterator

from observant.errors import ChangedBytes
from observant.evidence.merkle import Frontier, leaf_hash
from observant.evidence.pack import unpack
from observant.evidence.verify.folder import Folder
from observant.evidence.verify.statements import Statement


def check_events(folder: Folder, statement: Statement) -> None:
    """Raises ChangedBytes naming the pack that is not what the statement says."""
    tree, events = Frontier(), 0
    for line in _objects(folder, statement, "objects/events/", "events_size"):
        tree.append(leaf_hash(line))
        events += 1
    name = _only(statement, "objects/events/")
    if tree.root().hex() != statement.predicate.get("root"):
        raise ChangedBytes(name, "the events have another root")
    if events != statement.predicate.get("events"):
        raise ChangedBytes(name, "the number of events is another")
    reading = _only(statement, "objects/reading/")
    try:
        kept = [json.loads(line)["kept"] for line in _objects(folder, statement, "objects/reading/", "reading_size")]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ChangedBytes(reading, f"not a reading: {error}") from error
    if kept != [events]:
        raise ChangedBytes(reading, "it is about another number of events")


def _objects(folder: Folder, statement: Statement, place: str, size: str) -> Iterator[bytes]:
    name = _only(statement, place)
    try:
        yield from unpack(folder.read(name), int(statement.predicate[size]))
    except (KeyError, TypeError, ValueError) as error:
        raise ChangedBytes(name, f"not what its record says: {error}") from error


def _only(statement: Statement, place: str) -> str:
    names = [name for name in statement.subjects if name.startswith(place)]
    if len(names) != 1:
        raise ChangedBytes(statement.bundle, f"entry {statement.index} names {len(names)} files in {place}")
    return names[0]
