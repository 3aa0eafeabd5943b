"""Change events in the log: given back as they came, and nothing about them can be said wrongly."""

from pathlib import Path

import msgspec
import pytest

from evidence.small_log import SmallLog, batch
from observant.errors import ChangedBytes
from observant.evidence.events import write_events
from observant.evidence.log import Draft
from observant.evidence.verify import Trust, verify


@pytest.fixture
def small(tmp_path: Path) -> SmallLog:
    return SmallLog(tmp_path)


def test_events_come_back_byte_for_byte(small):
    record, run = small.hear(1)

    assert ("events", "run") == (record.kind, run.kind)
    assert batch(1).events == list(small.log.events(record))
    assert batch(1).reading == small.log.reading(record)
    assert verify(small.evidence, Trust.load(small.trust)).ok


def test_a_snapshot_follows_the_snapshot_before_and_not_the_events(small):
    small.days(1)
    small.hear(2)
    (record, _) = small.day(3)

    assert small.log.manifest(record).header.previous


@pytest.mark.parametrize("lie", [{"events": 4}, {"root": "0" * 64}, {"events_size": 1}, {"reading_size": 1}])
def test_a_signed_record_that_does_not_fit_its_packs_is_found(small, lie):
    draft = write_events(small.store, batch(1))
    small.log.append([msgspec.structs.replace(draft, predicate=draft.predicate | lie)])

    report = verify(small.evidence, Trust.load(small.trust))

    assert isinstance(report.damage, ChangedBytes)


def test_a_reading_about_another_number_of_events_is_found(small):
    told = msgspec.structs.replace(batch(1), reading=msgspec.structs.replace(batch(1).reading, kept=9))
    small.log.append_run([told], Draft("run", "", small.now, {"complete": True}))

    assert isinstance(verify(small.evidence, Trust.load(small.trust)).damage, ChangedBytes)


def test_an_event_of_two_lines_is_refused(small):
    with pytest.raises(ValueError, match="more than one line"):
        write_events(small.store, msgspec.structs.replace(batch(1), events=[b'{"a":\n1}']))
