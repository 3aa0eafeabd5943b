"""What goes into the log (Draft) and what comes out (Record)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec


class Draft(msgspec.Struct, frozen=True):
    """Something to be recorded. The log adds `recorded`, `scope`, `effective` and the newest anchor."""

    kind: str
    """`run`, `schedule`, `commitments`, `controls`, `export`, ...: lower-case letters and hyphens."""
    scope: str
    """`aws:123456789012`, or empty where there is none."""
    effective: datetime
    predicate: dict[str, Any]
    subjects: Mapping[str, str] = {}
    """Name -> SHA-256 in hex of things that this record binds and that are kept elsewhere, such as an export."""


class Record(msgspec.Struct, frozen=True):
    """A signed entry of the log, as read back."""

    index: int
    """Leaf index in the log."""
    kind: str
    scope: str
    effective: datetime
    """When it is about; for a snapshot, when it began."""
    recorded: datetime
    """When the log took it; never decreases along the log."""
    predicate: dict[str, Any]
    subjects: Mapping[str, str] = {}
    """Name -> SHA-256 in hex. Names below `objects/`, `anchors/`, `keys/` and `log/` are files of the store."""
