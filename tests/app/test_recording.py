"""Finding the newest records without reading the whole log."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from observant.app.create import create_workspace
from observant.app.opening import writing_log
from observant.app.recording import backwards, last_run, record_policy, recorded_policy
from observant.app.workspace import Workspace
from observant.evidence.log import Draft, Log

START = datetime(2026, 1, 1, tzinfo=UTC)


class Ticking:
    """A clock that goes on by a second with every look at it."""

    def __init__(self, start: datetime = START + timedelta(hours=1)) -> None:
        self.at = start

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    create_workspace(tmp_path / "workspace", "Example Ltd", "", Ticking(START))
    return Workspace.open(tmp_path / "workspace")


def filled(log: Log, clock: Ticking, more: int) -> None:
    log.append([Draft("run", "", clock(), {"complete": True, "number": number}) for number in range(more)])


@pytest.mark.parametrize("more", [1, 11, 12, 13, 300])
def test_backwards_is_the_log_from_its_end(workspace: Workspace, more: int) -> None:
    clock = Ticking()
    with writing_log(workspace, clock) as log:
        filled(log, clock, more)

        assert [*log.records()][::-1] == [*backwards(log)]
        assert more - 1 == last_run(log).predicate["number"]  # type: ignore[union-attr]


def test_init_recorded_the_policy(workspace: Workspace) -> None:
    with writing_log(workspace, Ticking()) as log:
        assert {"schedule", "commitments", "controls"} == set(recorded_policy(log))
        assert [] == record_policy(workspace, log, Ticking())
        assert "key-event" == next(iter(log.records())).kind


def test_a_run_leads_to_the_policy_that_was_in_force(workspace: Workspace) -> None:
    clock = Ticking()
    with writing_log(workspace, clock) as log:
        before = recorded_policy(log)
        policy = {kind: record.index for kind, record in before.items()}
        filled(log, clock, 600)
        log.append([Draft("run", "", clock(), {"complete": True, "policy": policy})])
        read: list[int] = []
        whole = log.records

        def counted(start: int = 0):
            for record in whole(start):
                read.append(record.index)
                yield record

        log.records = counted  # type: ignore[method-assign]

        assert before == recorded_policy(log)
        assert 64 > len(read)


def test_a_changed_schedule_is_recorded_once(workspace: Workspace) -> None:
    file = workspace.root / "observant.toml"
    file.write_text(file.read_text().replace('every = "24 hours"', 'every = "12 hours"'))
    changed = Workspace.open(workspace.root)
    clock = Ticking()
    with writing_log(changed, clock) as log:
        assert ["schedule"] == record_policy(changed, log, clock)
        assert [] == record_policy(changed, log, clock)
        assert {"every": "12 hours"}.items() <= recorded_policy(log)["schedule"].predicate.items()
