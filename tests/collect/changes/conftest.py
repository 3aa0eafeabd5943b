from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from observant.collect.changes.earlier import Earlier
from observant.evidence.events import EventBatch
from observant.evidence.log import Draft, Log, Record
from observant.evidence.signers import Keys
from observant.evidence.store.local import LocalStore
from observant.evidence.verify import verify


class Evidence:
    """A log that batches go into, a day later each time."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder / "evidence", datetime(2026, 3, 1, tzinfo=UTC)
        self.log = Log.create(
            LocalStore(self.folder), Keys.create(folder / "keys", "test.example/x"), "test.example/x", self.clock
        )

    def clock(self) -> datetime:
        return self.now

    @property
    def earlier(self) -> Earlier:
        return Earlier(self.log)

    def take(self, batches: "list[EventBatch]") -> list[Record]:
        self.now += timedelta(days=1)
        records = self.log.append_run(batches, Draft("run", "", self.now, {"complete": True}))
        assert verify(self.folder).ok
        return records[:-1]


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    return Evidence(tmp_path / "log")
