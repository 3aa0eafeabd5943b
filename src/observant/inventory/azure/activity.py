"""What the activity log of a subscription tells of its own settings."""

from collections.abc import Iterator
from typing import Any

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, text_of, time_of

_KIND = "microsoft.insights/diagnosticsettings/"


def _word(value: Any) -> str | None:  # noqa: ANN401
    """`{"value": …, "localizedValue": …}` in the REST answer, a plain text in exports."""
    return text_of(value.get("value")) if isinstance(value, dict) else text_of(value)


def _change(urn: str, event: Json) -> Iterator[Row]:
    """Writing and deleting of diagnostic settings, as far as it succeeded."""
    operation = (_word(event.get("operationName")) or "").lower()
    if not operation.startswith(_KIND) or (_word(event.get("status")) or "").lower() not in ("succeeded", "success"):
        return
    setting, action = (text_of(event.get("resourceId")) or "").lower(), operation.removeprefix(_KIND)
    at = time_of(event.get("eventTimestamp"))
    values = (setting or None, action, at, text_of(event.get("caller")))
    yield Row(urn, f"{action} of {setting}", values, born=at)


LOG_SETTING_EVENT = Table(
    name="azure_log_setting_event",
    about=(
        "Changes of diagnostic settings that the activity log of a subscription tells of: `action` is write or delete, "
        "`happened_at` when. A row lasts as long as the log is asked for that time."
    ),
    columns={"setting": "VARCHAR", "action": "VARCHAR", "happened_at": "TIMESTAMP", "actor": "VARCHAR"},
    readings=(Reading("azure.activity_log", "configuration", _change),),
)
