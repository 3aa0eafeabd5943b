import pytest

from evidence.small_log import SmallLog


@pytest.fixture(scope="session")
def four_days(tmp_path_factory: pytest.TempPathFactory) -> SmallLog:
    """Read only."""
    return SmallLog(tmp_path_factory.mktemp("four-days")).days(4)
