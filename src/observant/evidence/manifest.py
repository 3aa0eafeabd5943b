"""What one snapshot held: for each collection whether it is complete, for each entity the digest of its configuration.

The file `objects/manifest/<sha256>.xz` is a pack of lines: a header (canonical JSON object), then the lines of the
entry table, then those of the usage table (`observant.evidence.table`), each full or as changes since `previous`:

    {"collections":{"iam.users":{"count":2,"reconciled":[...],"status":"complete"}},"entries":{"count":2,"lines":1,
     "mode":"delta","root":"<hex>"},"pack":"<sha256>","previous":"<sha256>","requests":"<sha256>","scope":"aws:...",
     "started":"...","finished":"...","usage":{"lines":1,"mode":"delta","roots":{"iam.users":"<hex>"}}, ...}
    ["iam.users","arn:aws:iam::111122223333:user/ana","<sha256 of the configuration object>"]
    [1,{"PasswordLastUsed":"2026-02-03T08:15:00Z"}]

The last line is about the entity one further on in the entry table than the usage line before it. Usage is kept here
and not as objects: last-used times change daily for half of all principals, and the digest of an object (32 bytes that
do not compress) would cost more than the time itself.
"""

from datetime import datetime
from typing import Any, Literal

import msgspec

from observant.evidence.snapshot import Reconciliation
from observant.evidence.table import Key


class CollectionSummary(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one collection came out. A gap has a reason (snapshot.GapReason) and no entities."""

    status: Literal["complete", "gap"]
    reason: str = ""
    detail: str = ""
    count: int = 0
    reconciled: list[Reconciliation] = []


class TableSummary(msgspec.Struct, frozen=True):
    mode: Literal["full", "delta"]
    lines: int
    """Lines of this table in this file."""
    count: int
    """Keys in the table."""
    roots: dict[str, str]
    """Hex root by collection; for entries one root over everything under the name `""`."""


class Header(msgspec.Struct, frozen=True, omit_defaults=True):
    """First line of a manifest."""

    scope: str
    started: str
    finished: str
    origin: str
    supplied_by: str
    collections: dict[str, CollectionSummary]
    entries: TableSummary
    usage: TableSummary
    pack: str
    """SHA-256 of the pack file with the objects that are new, and the request log."""
    pack_size: int
    """Bytes of that pack uncompressed: no reader unpacks more."""
    requests: str
    """SHA-256 of the request log, a line of the pack."""
    previous: str = ""
    """SHA-256 of the manifest file before this one of the same scope; empty for the first."""
    previous_size: int = 0
    demo: bool = False


class Manifest(msgspec.Struct, frozen=True):
    """A manifest as read: complete, whatever it was written as."""

    scope: str
    started: datetime
    finished: datetime
    root: str
    """Hex root (RFC 6962) over all entries, also in the signed record."""
    collections: dict[str, CollectionSummary]
    entries: dict[Key, str]
    """(collection, urn) -> SHA-256 of the canonical configuration object. Shared: do not alter."""
    usage: dict[str, str]
    """collection -> hex root over its full usage map; equal roots mean equal maps."""
    origin: str
    supplied_by: str
    demo: bool
    header: Header
    digest: str
    """SHA-256 of the manifest file."""


def as_json(value: msgspec.Struct) -> dict[str, Any]:
    """A struct as JSON values, ready for `canonical`."""
    built: dict[str, Any] = msgspec.to_builtins(value)
    return built
