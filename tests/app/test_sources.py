"""Sources of the settings: roles, accounts, and what happens when one of them fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from observant.app.collection import SourceFailure, collect
from observant.app.create import create_workspace
from observant.app.sources import from_settings
from observant.app.workspace import Workspace
from observant.errors import UsageError
from observant.evidence.snapshot import Snapshot
from observant.model.time import now
from observant_clouds.aws import Cloud, access_key, cloud

CALLER, OTHER = "111122223333", "444455556666"


def role(account: str) -> str:
    return f"arn:aws:iam::{account}:role/Reader"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with cloud() as running:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key(CALLER))
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        running.account(CALLER)
        yield running


def workspace(folder: Path, sources: str) -> Workspace:
    create_workspace(folder / "workspace", "Example Ltd", "", now)
    with (folder / "workspace/observant.toml").open("a") as settings:
        settings.write(sources)
    return Workspace.open(folder / "workspace")


def quiet(_: str) -> None:
    """No progress."""


def test_without_a_source_the_remedy_is_told(aws: Cloud, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"add \[\[sources.aws\]\]"):
        from_settings(workspace(tmp_path, ""), now)


def test_a_missing_profile_does_not_stop_the_other_sources(aws: Cloud, tmp_path: Path) -> None:
    made = workspace(tmp_path, '[[sources.aws]]\nprofile = "nobody"\n[[sources.aws]]\nregion = "us-east-1"\n')

    failed, read = from_settings(made, now)(quiet)

    assert isinstance(failed, SourceFailure)
    assert "aws profile nobody" == failed.source
    assert "nobody" in failed.why
    assert isinstance(read, Snapshot)


def test_an_account_that_cannot_be_entered_is_a_snapshot_of_gaps(aws: Cloud, tmp_path: Path) -> None:
    aws.traffic.fault("sts:AssumeRole", containing=OTHER)
    made = workspace(tmp_path, f'[[sources.aws]]\nroles = ["{role(CALLER)}", "{role(OTHER)}"]\n')

    result = collect(made, from_settings(made, now), "person", now, quiet)
    by_scope = {one.scope: one for one in result.scopes}

    assert {f"aws:{CALLER}", f"aws:{OTHER}"} == set(by_scope)
    assert {"denied"} == {gap.reason for gap in by_scope[f"aws:{OTHER}"].gaps}
    assert 0 == by_scope[f"aws:{OTHER}"].collections
    assert not result.complete


def test_only_the_named_accounts_are_read(aws: Cloud, tmp_path: Path) -> None:
    made = workspace(tmp_path, f'[[sources.aws]]\nroles = ["{role(CALLER)}", "{role(OTHER)}"]\n')

    read = list(from_settings(made, now, [OTHER])(quiet))

    assert [f"aws:{OTHER}"] == [one.scope for one in read if isinstance(one, Snapshot)]
    with pytest.raises(UsageError, match=r"no role of observant.toml is in account 999999999999"):
        from_settings(made, now, ["999999999999"])
