"""What a store really enforces, tried with a canary: some servers accept a lock and delete all the same."""

import secrets
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from observant.errors import StoreError
from observant.evidence.store import Store

KIND = "storage-probe"
"""Kind of the record that holds an outcome; verification goes by its `locks`."""

_FOLDER = "log/tile/canary"
"""Below the only folder that anything may be removed from."""
_HELD_FOR = timedelta(minutes=5)


class Probed(msgspec.Struct, frozen=True):
    """What was seen when it was tried."""

    creates_once: bool
    """A name that is taken was not taken again."""
    keeps_versions: bool
    """Overwritten content was still there."""
    accepts_retention: bool
    """It said that it would refuse deletion."""
    refuses_deletion: bool
    """It did."""

    @property
    def locks(self) -> bool:
        """Whether what was written stays, whoever has the keys of the writer."""
        return self.creates_once and self.keeps_versions and self.accepts_retention and self.refuses_deletion


def probe(store: Store, now: datetime) -> Probed:
    """Write, write again, overwrite and delete one canary. Leaves it only where it cannot be deleted.

    Raises StoreError when nothing can be written at all.
    """
    name = f"{_FOLDER}/{secrets.token_hex(8)}"
    store.put_if_absent(name, b"canary")
    creates_once = not store.put_if_absent(name, b"another") and store.get(name) == b"canary"
    accepts_retention = store.set_retention(name, now + _HELD_FOR)
    with suppress(StoreError):
        store.replace_pointer(name, b"overwritten")
    keeps_versions = store.get(name) == b"canary" or len(store.list_versions(name)) > 1
    with suppress(StoreError):
        store.discard(name)
    refuses_deletion = bool(store.list_versions(name))
    return Probed(creates_once, keeps_versions, accepts_retention, refuses_deletion)
