"""How builders write moments and documents."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.core.utils import utcnow

When = datetime | timedelta | str | float | int
Document = str | Mapping[str, Any]


def at(when: When | None) -> datetime:
    """moto's way to hold a moment: naive UTC, whole seconds. None means now."""
    now = utcnow().replace(microsecond=0)
    if when is None:
        return now
    if isinstance(when, str):
        when = datetime.fromisoformat(when)
    if isinstance(when, datetime):
        assert when.tzinfo is not None, "moments in test worlds are aware"
        return when.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return now - (when if isinstance(when, timedelta) else timedelta(days=when))


def text(document: Document) -> str:
    return document if isinstance(document, str) else json.dumps(document)
