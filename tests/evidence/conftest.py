import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.small_log import SmallLog


@pytest.fixture(scope="session")
def four_days(tmp_path_factory: pytest.TempPathFactory) -> SmallLog:
    """Read only: copy before changing."""
    return SmallLog(tmp_path_factory.mktemp("four-days")).days(4)


@pytest.fixture
def copy(four_days: SmallLog, tmp_path: Path) -> Path:
    """A copy of the store of four days, to be damaged."""
    shutil.copytree(four_days.evidence, tmp_path / "evidence")
    make_writable(tmp_path / "evidence")
    return tmp_path / "evidence"


def make_writable(folder: Path) -> None:
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.fixture
def small_log(tmp_path: Path) -> Callable[[], SmallLog]:
    return lambda: SmallLog(tmp_path)
