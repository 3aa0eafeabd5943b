"""The storage is tried at the beginning and weekly, and nobody is told more than was seen."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from observant.app.collection import collect
from observant.app.create import create_workspace
from observant.app.opening import open_log, writing_log
from observant.app.status import status
from observant.app.storage import last_probe
from observant.app.workspace import Workspace
from observant.evidence.log import Draft
from observant.evidence.verify import verify

START = datetime(2026, 1, 5, 6, tzinfo=UTC)


class Company:
    def __init__(self, root: Path) -> None:
        self.now = START
        create_workspace(root, "Example", "", self.clock)
        self.workspace = Workspace.open(root)

    def clock(self) -> datetime:
        return self.now

    def run(self, day: int) -> None:
        self.now = START + timedelta(days=day)
        collect(self.workspace, lambda _: iter(()), "schedule", self.clock, lambda _: None)

    def probes(self) -> list[int]:
        records = open_log(self.workspace, self.clock).records()
        return [(one.effective - START).days for one in records if one.kind == "storage-probe"]


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path / "workspace")


def test_at_the_beginning_and_weekly(company: Company) -> None:
    for day in (1, 6, 7, 8, 13, 30, 31):
        company.run(day)

    assert [0, 7, 30] == company.probes()
    last = last_probe(open_log(company.workspace, company.clock))
    assert last is not None
    assert START + timedelta(days=30) == last.effective


def test_a_folder_never_gets_beyond_signed(company: Company) -> None:
    company.run(1)
    shown = status(company.workspace, company.clock)
    proven = verify(company.workspace.store)

    assert "L1" == shown.level
    assert "does not refuse deletion" in shown.storage
    assert START == shown.probed
    assert {"L1"} == set(proven.levels)
    assert [] == proven.unauthenticated


def test_what_was_seen_last_counts(company: Company) -> None:
    seen = {"creates_once": True, "keeps_versions": True, "accepts_retention": True, "refuses_deletion": True}
    for locks in (True, False):
        with writing_log(company.workspace, company.clock) as log:
            outcome = seen | {"refuses_deletion": locks, "locks": locks}
            log.append([Draft("storage-probe", "", company.clock(), outcome)])
        shown, proven = status(company.workspace, company.clock), verify(company.workspace.store)

        assert ("L2" if locks else "L1") == shown.level == proven.levels[-1]
        assert locks == ("CLAIMS" not in shown.storage)
