"""What the storage really enforces is tried at `init` and weekly, and the outcome is a record."""

from datetime import timedelta

import msgspec

from observant.app.recording import RUN, backwards, record_at
from observant.evidence.log import Draft, Log, Record
from observant.evidence.probe import KIND, Probed
from observant.evidence.verify import Level
from observant.model.time import Clock

EVERY = timedelta(days=7)


def last_probe(log: Log) -> Record | None:
    """The newest record of a probe; runs name it, so that finding it does not mean reading the whole log."""
    for record in backwards(log):
        if record.kind == KIND:
            return record
        if record.kind == RUN and "storage_probe" in record.predicate:
            return record_at(log, record.predicate["storage_probe"])
    return None


def record_probe(log: Log, clock: Clock) -> int:
    """Try the storage when that was not done for a week; index of the record in force."""
    last, at = last_probe(log), clock()
    if last is not None and at - last.effective < EVERY:
        return last.index
    probed = log.probe()
    predicate = msgspec.to_builtins(probed) | {"locks": probed.locks}
    (record,) = log.append([Draft(kind=KIND, scope="", effective=at, predicate=predicate)])
    return record.index


def level_of(probe: Record | None) -> Level:
    """What is proven for a new record before any time stamp is looked at: that takes a verification."""
    return Level.LOCKED if probe is not None and probe.predicate.get("locks") is True else Level.SIGNED


def in_words(probe: Probed) -> str:
    """What the storage does, for people."""
    if probe.locks:
        return "refuses to change or delete what was written"
    if probe.accepts_retention and not probe.refuses_deletion:
        return "CLAIMS to refuse deletion, and deletes all the same"
    return "does not refuse deletion: whoever may write may also delete, though never unnoticed"


def words_of(probe: Record | None) -> str:
    """The same from the record."""
    if probe is None:
        return "was never tried"
    return in_words(msgspec.convert({name: probe.predicate[name] for name in Probed.__struct_fields__}, Probed))
