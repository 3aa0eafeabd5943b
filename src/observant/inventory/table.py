"""What a table of the inventory is: rows made from one collection, each with the time it was valid.

Every valid-time table has these columns before its own:

- `scope`, `member` (unique in the table at one moment), `label` (what people call it)
- `valid_from`, `valid_to`: first snapshot that showed this row, first complete snapshot that no longer did (or FOREVER)
- `earliest`: the earliest moment at which the row may have become true: the complete snapshot before, or the
  provider's own creation time when that is later. A conclusion that depends on it takes the less favourable bound.
- `record`: index of the log record that first showed it

A row function sees one facet of one entity and nothing else, so an unchanged entity costs nothing and old evidence can
be re-read by new code. It answers NULL for what the provider did not say; it never guesses.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Literal

import msgspec

from observant.evidence.snapshot import Json
from observant.model.time import moment

Facet = Literal["configuration", "usage"]
Value = str | int | float | bool | datetime | None


class Row(msgspec.Struct, frozen=True):
    """One row before it has a time. `values` in the order of the table's columns; datetimes aware UTC."""

    member: str
    label: str
    values: tuple[Value, ...]
    born: datetime | None = None
    """The provider's own creation time of what the row tells, when it says so."""


class Reading(msgspec.Struct, frozen=True):
    """One collection facet that feeds a table."""

    collection: str
    facet: Facet
    rows: Callable[[str, Json], Iterable[Row]]
    """(urn, facet) -> rows."""


class Table(msgspec.Struct, frozen=True):
    """A valid-time table."""

    name: str
    about: str
    columns: dict[str, str]
    """Own columns -> SQL type."""
    readings: tuple[Reading, ...]
    absorbs: Callable[[tuple[Value, ...], tuple[Value, ...], datetime], bool] | None = None
    """(old values, new values, moment) -> whether the new row carries on the old one instead of following it."""

    @property
    def source(self) -> str:
        """The source whose scopes it is about: tables are named after theirs."""
        return self.name.partition("_")[0]

    @property
    def collections(self) -> frozenset[str]:
        return frozenset(reading.collection for reading in self.readings)


COMMON: dict[str, str] = {
    "scope": "VARCHAR",
    "member": "VARCHAR",
    "label": "VARCHAR",
    "valid_from": "TIMESTAMP",
    "valid_to": "TIMESTAMP",
    "earliest": "TIMESTAMP",
    "record": "BIGINT",
}


def text_of(value: Any) -> str | None:  # noqa: ANN401 (whatever the provider sent)
    """The value when it is text, else None: a provider that changes a type makes us ignorant, not wrong."""
    return value if isinstance(value, str) else None


def number_of(value: Any) -> int | None:  # noqa: ANN401
    """The value when it is a whole number, else None."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def flag_of(value: Any) -> bool | None:  # noqa: ANN401
    """The value when it is true or false, else None."""
    return value if isinstance(value, bool) else None


def time_of(value: Any) -> datetime | None:  # noqa: ANN401
    """The moment when it is one with a zone, else None."""
    if not isinstance(value, str):
        return None
    try:
        return moment(value)
    except ValueError:
        return None


def unread_of(facet: Json) -> str | None:
    """Why this one thing could not be read, as `reason (the provider's answer)`; None when it was read.

    Inside a complete collection a single thing may be hidden (a group whose members we may not see). Its entity then
    carries `Unread` instead of its content, and its rows must say that nothing is known, never that there is nothing.
    """
    unread = facet.get("Unread")
    if not isinstance(unread, dict):
        return None
    reason, detail = text_of(unread.get("reason")) or "failed", text_of(unread.get("detail"))
    return f"{reason} ({detail})" if detail else reason
