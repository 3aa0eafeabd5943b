"""What an activity log tells of diagnostic settings: of a subscription's, and of the tenant's own."""

from collections.abc import Iterator
from typing import Any

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, text_of, time_of

_KINDS = ("microsoft.insights/diagnosticsettings/", "microsoft.aadiam/diagnosticsettings/")
"""Of resources and subscriptions, and of the tenant."""


def word(value: Any) -> str | None:  # noqa: ANN401
    """`{"value": …, "localizedValue": …}` in the REST answer, a plain text in exports."""
    return text_of(value.get("value")) if isinstance(value, dict) else text_of(value)


def _change(urn: str, event: Json) -> Iterator[Row]:
    """Writing and deleting of diagnostic settings, as far as it succeeded."""
    operation = (word(event.get("operationName")) or "").lower()
    if not operation.startswith(_KINDS) or (word(event.get("status")) or "").lower() not in ("succeeded", "success"):
        return
    setting, action = (text_of(event.get("resourceId")) or "").lower(), operation.rpartition("/")[2]
    at = time_of(event.get("eventTimestamp"))
    yield Row(urn, f"{action} of {setting}", (setting or None, action, at, text_of(event.get("caller"))), born=at)


def log_setting_events(source: str) -> Table:
    """The table of one source."""
    return Table(
        name=f"{source}_log_setting_event",
        about=(
            "Changes of diagnostic settings that the activity log tells of: `action` is write or delete, `happened_at` "
            "when. A row lasts as long as the log is asked for that time."
        ),
        columns={"setting": "VARCHAR", "action": "VARCHAR", "happened_at": "TIMESTAMP", "actor": "VARCHAR"},
        readings=(Reading(f"{source}.activity_log", "configuration", _change),),
    )
