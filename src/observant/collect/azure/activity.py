"""Activity logs: of a subscription, as far as it is about roles, about what is logged and for how long it is kept, and
of the tenant itself.

Azure keeps 90 days. What happens at the tenant's own scope is in the tenant's log alone: who elevated their access to
all subscriptions, and what was assigned above every management group.
"""

from collections.abc import Iterator
from datetime import timedelta

from observant.collect.microsoft.operation import arm
from observant.collect.microsoft.paging import entities_of
from observant.collect.microsoft.reading import Declaration, Part, Reading
from observant.collect.microsoft.window import Window
from observant.evidence.snapshot import Collection, Json
from observant.model.time import text

_VALUES = "/providers/Microsoft.Insights/eventtypes/management/values"
_READ = "Microsoft.Insights/eventtypes/values/read"
EVENTS = arm(f"/subscriptions/{{subscription}}{_VALUES}", _READ, "2015-04-01")
TENANT_EVENTS = arm(_VALUES, _READ, "2015-04-01", "of the tenant")
KEPT = timedelta(days=90) - timedelta(hours=1)

_ROLES = "Microsoft.Authorization"
PROVIDERS = (_ROLES, "Microsoft.Insights", "Microsoft.OperationalInsights")
_LOGGING = ("diagnosticsettings", "operationalinsights/workspaces/tables/", "operationalinsights/workspaces/write")


def _activity(reading: Reading) -> Iterator[Collection]:
    window = Window.of(reading.clock(), KEPT, reading.last_read("azure.activity_log"))
    found = [
        event
        for provider in PROVIDERS
        for event in reading.items(
            EVENTS,
            {"$filter": f"{_within(window)} and resourceProvider eq '{provider}'"},
            subscription=reading.identifier,
        )
        if provider == _ROLES or any(each in _operation(event) for each in _LOGGING)
    ]
    yield from _collections(reading, "azure.activity_log", window, found)


def _tenant_activity(reading: Reading) -> Iterator[Collection]:
    """All of it: it is short."""
    window = Window.of(reading.clock(), KEPT, reading.last_read("entra.activity_log"))
    found = reading.items(TENANT_EVENTS, {"$filter": _within(window)})
    yield from _collections(reading, "entra.activity_log", window, found)


def _within(window: Window) -> str:
    return f"eventTimestamp ge '{text(window.start)}' and eventTimestamp le '{text(window.end)}'"


def _collections(reading: Reading, name: str, window: Window, found: list[Json]) -> Iterator[Collection]:
    entities = entities_of(EVENTS, found, "eventDataId")
    yield Collection(name, entities + ([window.lost] if window.lost else []))
    yield Collection(f"{name}_window", [window.read(reading.identifier)])


def _operation(event: Json) -> str:
    named = event.get("operationName")
    return str(named.get("value", "") if isinstance(named, dict) else named).lower()


ACTIVITY_LOG = Part(Declaration(("azure.activity_log", "azure.activity_log_window"), (EVENTS,)), _activity)

TENANT_ACTIVITY_LOG = Part(
    Declaration(("entra.activity_log", "entra.activity_log_window"), (TENANT_EVENTS,)), _tenant_activity
)
