"""The local store: create-only, durable names, nothing outside of its folder."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from observant.errors import MissingObject
from observant.evidence.store.local import LocalStore


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


def test_a_name_is_taken_once(store):
    assert store.put_if_absent("objects/a", b"1")
    assert not store.put_if_absent("objects/a", b"2")
    assert b"1" == store.get("objects/a")
    assert ["objects/a"] == list(store.names("objects")) == list(store.names(""))
    assert (1, ["only"]) == (store.head("objects/a").size, store.list_versions("objects/a"))
    assert (None, []) == (store.head("objects/b"), store.list_versions("objects/b"))
    with pytest.raises(MissingObject):
        store.get("objects/b")


def test_files_cannot_be_written_by_accident(store, tmp_path):
    store.put_if_absent("objects/a", b"1")

    assert 0 == stat.S_IMODE((tmp_path / "store/objects/a").stat().st_mode) & 0o222


def test_it_does_not_claim_to_lock(store):
    store.put_if_absent("objects/a", b"1")

    assert not store.set_retention("objects/a", datetime(2030, 1, 1, tzinfo=UTC))
    assert not store.hold("objects/a")
    assert not store.head("objects/a").held


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "../a", "a/../../b", "a//b", ".lock", ".tmp/x", "a/.", "a\nb", "a\0b", "a b", "a\\b", "é"],
)
def test_no_name_leads_elsewhere(store, name):
    for action in (
        lambda: store.put_if_absent(name, b""),
        lambda: store.get(name),
        lambda: store.replace_pointer(name, b""),
    ):
        with pytest.raises(ValueError, match="name of a file"):
            action()


def test_no_link_leads_elsewhere(store, tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "store" / "objects").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(ValueError, match="out of the store"):
        store.put_if_absent("objects/a", b"")


@pytest.mark.parametrize("name", ["objects/a", "log/checkpoints/1", "anchors/1/a.tsr", "keys/log.vkey"])
def test_evidence_is_never_discarded(store, name):
    store.put_if_absent(name, b"1")
    with pytest.raises(ValueError, match="never removed"):
        store.discard(name)

    assert b"1" == store.get(name)


def test_leftovers_of_dead_processes_are_removed(store, tmp_path):
    folder = tmp_path / "store" / ".tmp"
    folder.mkdir(parents=True)
    (folder / "999999999-dead").write_bytes(b"half")
    (folder / "1-alive").write_bytes(b"half")
    with store.writing():
        left = [path.name for path in folder.iterdir()]

    assert ["1-alive"] == left
