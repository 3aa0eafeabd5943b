"""What the activity log of a subscription tells of how long the workspaces in it keep their tables."""

from collections.abc import Iterator
from typing import Any

import msgspec

from observant.evidence.snapshot import Json
from observant.inventory.log_setting_events import word
from observant.inventory.table import Reading, Row, Table, number_of, text_of, time_of

_WORKSPACES = "microsoft.operationalinsights/workspaces/"


def _change(urn: str, event: Json) -> Iterator[Row]:
    """Writing and deleting of workspaces and tables: each step of an operation, with one of which the body stands."""
    operation = (word(event.get("operationName")) or "").lower()
    resource = (text_of(event.get("resourceId")) or "").lower().rstrip("/")
    if not operation.startswith(_WORKSPACES) or not operation.endswith(("/write", "/delete")):
        return
    workspace, _, table = resource.partition("/tables/")
    action, at = operation.rpartition("/")[2], time_of(event.get("eventTimestamp"))
    body = _body(event)
    yield Row(
        member=urn,
        label=f"{action} of {table or workspace}",
        values=(
            workspace or None,
            table,
            action,
            at,
            (word(event.get("status")) or "").lower() in ("succeeded", "success"),
            None if body is None else body.get("retentionindays", 0),
            None if body is None else body.get("totalretentionindays", 0),
            text_of(event.get("operationId")) or urn,
            text_of(event.get("caller")),
        ),
        born=at,
    )


def _body(event: Json) -> dict[str, int] | None:
    """Days in what was asked for, by name in lower case; None when the event does not have it."""
    properties = event.get("properties")
    written = text_of(properties.get("requestbody")) if isinstance(properties, dict) else None
    try:
        whole: Any = msgspec.json.decode(written or "")
    except (msgspec.DecodeError, RecursionError):
        return None
    given = _lower(_lower(whole).get("properties"))
    return {name: days for name, value in given.items() if (days := number_of(value)) is not None and days > 0}


def _lower(value: Any) -> dict[str, Any]:  # noqa: ANN401
    return {str(key).lower(): each for key, each in value.items()} if isinstance(value, dict) else {}


RETENTION_EVENT = Table(
    name="azure_retention_event",
    about=(
        "Changes of workspaces and of their tables that the activity log tells of, a row for each step of one: "
        "`table_name` is '' for the workspace itself, `finished` true for the step at which it was done. "
        "`retention_days` and `total_days` are what was asked for, 0 where it was not asked for, NULL where the step "
        "does not say."
    ),
    columns={
        "workspace": "VARCHAR",
        "table_name": "VARCHAR",
        "action": "VARCHAR",
        "happened_at": "TIMESTAMP",
        "finished": "BOOLEAN",
        "retention_days": "BIGINT",
        "total_days": "BIGINT",
        "operation": "VARCHAR",
        "actor": "VARCHAR",
    },
    readings=(Reading("azure.activity_log", "configuration", _change),),
)
