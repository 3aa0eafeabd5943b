"""The probe tells what a store does, not what it says."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from observant.errors import StoreError
from observant.evidence.probe import Probed, probe
from observant.evidence.store.local import LocalStore

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Locking(LocalStore):
    """A store with versions and retention, as object storage has them."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.versions: dict[str, list[str]] = {}
        self.retained: set[str] = set()

    def set_retention(self, name: str, until: datetime) -> bool:
        self.retained.add(name)
        return until > NOW

    def replace_pointer(self, name: str, content: bytes) -> None:
        self.versions.setdefault(name, ["first"]).append("second")
        super().replace_pointer(name, content)

    def list_versions(self, name: str) -> list[str]:
        return self.versions.get(name) or super().list_versions(name)

    def discard(self, name: str) -> None:
        if name in self.retained:
            raise StoreError(f"{name}: retained")
        super().discard(name)


class Lying(Locking):
    def discard(self, name: str) -> None:
        self.versions.pop(name, None)
        LocalStore.discard(self, name)


class Forgetful(Locking):
    """Keeps no versions, so what is retained can be emptied."""

    def list_versions(self, name: str) -> list[str]:
        return LocalStore.list_versions(self, name)


@pytest.mark.parametrize(
    ("store", "expected", "locks"),
    [
        (LocalStore, Probed(True, False, False, False), False),
        (Locking, Probed(True, True, True, True), True),
        (Lying, Probed(True, True, True, False), False),
        (Forgetful, Probed(True, False, True, True), False),
    ],
)
def test_what_a_store_does(tmp_path: Path, store: type[LocalStore], expected: Probed, locks: bool) -> None:
    found = probe(store(tmp_path), NOW)

    assert expected == found
    assert locks == found.locks


def test_a_folder_is_left_as_it_was(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    probe(store, NOW)

    assert [] == list(store.names(""))


def test_a_store_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("in the way")

    with pytest.raises(StoreError):
        probe(LocalStore(tmp_path), NOW + timedelta(days=1))
