"""A run leaves a record whatever became of it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from observant.app.collection import SourceFailure, Tell, collect
from observant.app.create import create_workspace
from observant.app.opening import open_log
from observant.app.workspace import Workspace
from observant.evidence.snapshot import Snapshot

NOW = datetime(2026, 1, 2, 6, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    create_workspace(tmp_path / "w", "Example", "", lambda: NOW)
    return Workspace.open(tmp_path / "w")


def crashing(tell: Tell) -> Iterator[Snapshot | SourceFailure]:
    yield SourceFailure("aws", "no such profile")
    raise ZeroDivisionError("a secret may stand here")


def interrupted(tell: Tell) -> Iterator[Snapshot | SourceFailure]:
    yield SourceFailure("aws", "no such profile")
    raise KeyboardInterrupt


def test_a_crash_is_recorded_without_its_message_and_goes_on(workspace: Workspace) -> None:
    with pytest.raises(ZeroDivisionError):
        collect(workspace, crashing, "person", lambda: NOW, lambda _: None)

    *_, last = open_log(workspace, lambda: NOW).records()
    assert "run" == last.kind
    assert [{"source": "observant", "why": "crashed: ZeroDivisionError"}] == last.predicate["failures"]
    assert last.predicate["complete"] is False


def test_an_interrupted_run_leaves_nothing(workspace: Workspace) -> None:
    before = open_log(workspace, lambda: NOW).size
    with pytest.raises(KeyboardInterrupt):
        collect(workspace, interrupted, "person", lambda: NOW, lambda _: None)

    assert before == open_log(workspace, lambda: NOW).size
