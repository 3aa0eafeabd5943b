"""Changes of access that Microsoft's logs tell of: directory audits of a tenant, activity logs of Azure.

Readings overlap, so an event may stand in several; it is one member all the same. Formats:
https://learn.microsoft.com/graph/api/resources/directoryaudit
https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, text_of, time_of
from observant.model.microsoft_change import azure_category, entra_category

COLUMNS = {
    "happened_at": "TIMESTAMP",
    "event_name": "VARCHAR",
    "category": "VARCHAR",
    "failed": "BOOLEAN",
    "error": "VARCHAR",
    "target": "VARCHAR",
    "target_id": "VARCHAR",
    "actor_kind": "VARCHAR",
    "actor": "VARCHAR",
    "actor_id": "VARCHAR",
    "address": "VARCHAR",
    "changed": "VARCHAR",
    "correlation": "VARCHAR",
}
_FAILED = ("failure", "failed", "timeout")
_STEPS = ("started", "accepted")
"""States of an operation that is not over; its end is an event of its own."""


# -- directory audits


def _audit(urn: str, event: Json) -> Iterator[Row]:
    name = text_of(event.get("activityDisplayName"))
    category = entra_category(text_of(event.get("category")) or "", name or "")
    if urn.startswith("lost:") or name is None or category is None:
        return
    at, result = time_of(event.get("activityDateTime")), (text_of(event.get("result")) or "").lower()
    targets = _dicts(event.get("targetResources"))
    first = targets[0] if targets else {}
    named = ", ".join(filter(None, map(_name, targets))) or None
    failed = result in _FAILED
    yield Row(
        member=urn,
        label=f"{name} {named}" if named else name,
        values=(
            at,
            name,
            category,
            failed,
            text_of(event.get("resultReason")) if failed else None,
            named,
            text_of(first.get("id")),
            *_initiator(event),
            _text({_name(one) or "": one.get("modifiedProperties") for one in targets}),
            text_of(event.get("correlationId")),
        ),
        born=at,
    )


def _initiator(event: Json) -> tuple[str | None, str | None, str | None, str | None]:
    """(kind, name, id, address)"""
    by = _dict(event.get("initiatedBy"))
    user, app = _dict(by.get("user")), _dict(by.get("app"))
    name = text_of(user.get("userPrincipalName")) or text_of(user.get("displayName")) or text_of(user.get("id"))
    if name:
        return "user", name, text_of(user.get("id")), text_of(user.get("ipAddress"))
    name = text_of(app.get("displayName")) or text_of(app.get("appId"))
    return ("application" if name else None), name, text_of(app.get("servicePrincipalId")), None


def _name(target: Json) -> str | None:
    return text_of(target.get("userPrincipalName")) or text_of(target.get("displayName")) or text_of(target.get("id"))


# -- activity logs


def _operation(urn: str, event: Json) -> Iterator[Row]:
    name, status = _word(event.get("operationName")), (_word(event.get("status")) or "").lower()
    category = azure_category(name or "")
    if urn.startswith("lost:") or name is None or category is None or status in _STEPS:
        return
    at, resource, failed = time_of(event.get("eventTimestamp")), text_of(event.get("resourceId")), status in _FAILED
    caller, claims = text_of(event.get("caller")), _dict(event.get("claims"))
    yield Row(
        member=urn,
        label=f"{name} {resource}" if resource else name,
        values=(
            at,
            name,
            category,
            failed,
            _word(event.get("subStatus")) if failed else None,
            resource,
            resource,
            "user" if caller and "@" in caller else "application" if caller else None,
            caller,
            text_of(claims.get("http://schemas.microsoft.com/identity/claims/objectidentifier")),
            text_of(_dict(event.get("httpRequest")).get("clientIpAddress")),
            _text(_dict(event.get("properties"))),
            text_of(event.get("correlationId")),
        ),
        born=at,
    )


def _word(value: Any) -> str | None:  # noqa: ANN401
    """`{"value": …, "localizedValue": …}` in the REST answer, a plain text in exports."""
    return text_of(value.get("value")) if isinstance(value, dict) else text_of(value)


def _dict(value: Any) -> Json:  # noqa: ANN401
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[Json]:  # noqa: ANN401
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: Json) -> str:
    return msgspec.json.encode(value, order="sorted").decode()


_ABOUT = (
    "Changes of access that the {} tells of, one row for each event; `failed` ones changed nothing. `changed` has the "
    "properties before and after, as the event gives them. A row lasts as long as the log is asked for that time."
)

ENTRA_CHANGE = Table(
    name="entra_change",
    about=_ABOUT.format("directory audit log, and the activity log of the tenant's own scope,"),
    columns=COLUMNS,
    readings=(
        Reading("entra.directory_audits", "configuration", _audit),
        Reading("entra.activity_log", "configuration", _operation),
    ),
)

AZURE_CHANGE = Table(
    name="azure_change",
    about=_ABOUT.format("activity log"),
    columns=COLUMNS,
    readings=(Reading("azure.activity_log", "configuration", _operation),),
)
