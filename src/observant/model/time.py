"""Moments: always aware, always UTC, whole seconds, written RFC 3339 with `Z`.

FOREVER stands for "no end known". It is a real date because engines differ on infinity.
"""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]

FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> datetime:
    """The current moment, UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def text(moment: datetime) -> str:
    """RFC 3339 with `Z`; raises ValueError for a naive moment."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone has no place in evidence")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(written: str) -> datetime:
    """Read RFC 3339 or ISO 8601 with a zone (`Z` or an offset); raises ValueError otherwise."""
    read = datetime.fromisoformat(written)
    if read.tzinfo is None:
        raise ValueError(f"{written!r} names no time zone")
    return read.astimezone(UTC).replace(microsecond=0)
