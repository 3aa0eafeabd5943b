"""A workspace over the test cloud, used as a person would: through the command line."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from observant.cli.program import run
from observant_clouds.aws import Account, Cloud, Key, access_key, cloud

ACCOUNT = "111122223333"
SECRET = "a-secret-that-must-not-be-seen-anywhere"

Observant = Callable[..., tuple[int, str, str]]
"""Takes the words after `observant`; returns exit code, standard output, standard error."""


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Cloud]:
    """One account with an old key; the credentials in the environment reach it."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with cloud() as running:  # which sets credentials of its own
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key(ACCOUNT))
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        account: Account = running.account(ACCOUNT)
        account.user("ada", password=90, mfa="virtual", keys=[Key(created=200)])
        account.user("=cmd", password=30)
        yield running


@pytest.fixture
def workspace(aws: Cloud, tmp_path: Path) -> Path:
    """Made with `observant init`, reading the account of `aws`."""
    root = tmp_path / "workspace"
    assert run(["init", str(root), "--company", "Example Ltd"]) == 0
    with (root / "observant.toml").open("a") as settings:
        settings.write('\n[[sources.aws]]\nregion = "us-east-1"\n')
    return root


@pytest.fixture
def observant(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Observant:
    def call(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["-w", str(workspace), *words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


def parsed(out: str) -> Any:
    return json.loads(out)
