"""Where the files of the log live: a small protocol, so that drivers hide nothing that matters (versions, locks)."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple, Protocol


class Head(NamedTuple):
    """What the store says about one file."""

    size: int
    retained_until: datetime | None
    """Only when the store itself refuses to delete before then."""
    held: bool


class Store(Protocol):
    """Names are relative, with `/`, of letters, digits, `.`, `_` and `-`; anything else raises ValueError.

    A write that returned is durable. Failing to write raises StoreError.
    """

    def put_if_absent(self, name: str, content: bytes) -> bool:
        """Create a file; False, changing nothing, when the name is taken."""
        ...

    def get(self, name: str) -> bytes:
        """The content; raises MissingObject."""
        ...

    def head(self, name: str) -> Head | None:
        """None when there is no such file."""
        ...

    def names(self, folder: str) -> Iterator[str]:
        """Names of all files below `folder` (no `/` at the end; empty for all), sorted."""
        ...

    def list_versions(self, name: str) -> list[str]:
        """Identifiers of all stored versions, oldest first; one where the store keeps no versions."""
        ...

    def set_retention(self, name: str, until: datetime) -> bool:
        """Refuse deletion until then; False when this store cannot enforce it."""
        ...

    def hold(self, name: str) -> bool:
        """Legal hold; False when this store cannot enforce it."""
        ...

    def replace_pointer(self, name: str, content: bytes) -> None:
        """Write `log/checkpoint`, the one file that changes."""
        ...

    def discard(self, name: str) -> None:
        """Remove a tile or bundle that no checkpoint needs (superseded, or left by a crash). Nothing else may go."""
        ...

    def writing(self) -> AbstractContextManager[None]:
        """Exclusive right to sequence entries; raises StoreError at once when another process has it."""
        ...
