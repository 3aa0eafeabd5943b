"""Logs as a source: named in observant.toml, or handed in."""

import pytest

from collect.changes.trail import event, key, put
from observant.app.collection import collect
from observant.app.create import create_workspace
from observant.app.log_sources import from_log_folder
from observant.app.opening import open_log
from observant.app.recording import READING, last_run
from observant.app.settings import parse_settings
from observant.app.sources import from_settings
from observant.app.workspace import Workspace
from observant.errors import ConfigurationError
from observant.model.time import now


@pytest.fixture
def workspace(tmp_path):
    root = tmp_path / "workspace"
    create_workspace(root, "Example", "example.com/evidence", now)
    return Workspace.open(root)


def with_source(workspace: Workspace, block: str) -> Workspace:
    file = workspace.root / "observant.toml"
    file.write_text(file.read_text() + block)
    return Workspace.open(workspace.root)


def test_a_folder_of_the_settings_is_read_with_every_run(workspace):
    put(workspace.root / "copy", key("20260203T1005Z"), event("CreateUser"), event("ListUsers"))
    workspace = with_source(workspace, '\n[[sources.cloudtrail]]\nfolder = "copy"\n')

    first = collect(workspace, from_settings(workspace, now), "person", now, print)
    second = collect(workspace, from_settings(workspace, now), "person", now, print)

    assert [(1, 1, 1)] == [(one.files, one.kept, one.counted) for one in first.logs]
    assert [(0, 0, 0)] == [(one.files, one.kept, one.counted) for one in second.logs]
    assert first.complete
    assert second.complete


def test_a_folder_that_is_not_there_is_a_failure_of_the_run(workspace):
    workspace = with_source(workspace, '\n[[sources.cloudtrail]]\nfolder = "copy"\n')

    result = collect(workspace, from_settings(workspace, now), "person", now, print)

    assert ["cloudtrail copy"] == [one.source for one in result.failures]
    assert not result.complete


def test_handing_files_in_is_not_the_run_that_the_schedule_wants(workspace, tmp_path):
    put(tmp_path / "files", key("20260203T1005Z"), event("CreateUser"))
    (tmp_path / "files/broken.json").write_bytes(b"{")

    result = collect(
        workspace, from_log_folder(workspace, tmp_path / "files", "ana", now), "person", now, print, kind=READING
    )

    assert not result.complete
    assert last_run(open_log(workspace, now)) is None


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ("", "one of bucket and folder"),
        ('bucket = "a-bucket"\nfolder = "x"', "one of bucket and folder"),
        ('bucket = "arn:aws:s3:::x"', "not the name of a bucket"),
        ('bucket = "a-bucket"\nrole = "x"', "not the ARN of a role"),
        ('bucket = "a-bucket"\n[[sources.cloudtrail]]\nbucket = "a-bucket"', "already"),
        ('bukket = "x"', "no key 'bukket'"),
    ],
)
def test_wrong_settings_name_the_line(workspace, block, problem):
    text = (workspace.root / "observant.toml").read_text() + f"\n[[sources.cloudtrail]]\n{block}\n"

    with pytest.raises(ConfigurationError, match=problem) as caught:
        parse_settings(text.encode())

    assert caught.value.line > 30
