"""The activity log of a subscription, as far as it is about roles and about what is logged. Azure keeps 90 days."""

from collections.abc import Iterator
from datetime import timedelta

from observant.collect.microsoft.operation import arm
from observant.collect.microsoft.paging import entities_of
from observant.collect.microsoft.reading import Declaration, Part, Reading
from observant.collect.microsoft.window import Window
from observant.evidence.snapshot import Collection, Json
from observant.model.time import text

EVENTS = arm(
    "/subscriptions/{subscription}/providers/Microsoft.Insights/eventtypes/management/values",
    "Microsoft.Insights/eventtypes/values/read",
    "2015-04-01",
)
KEPT = timedelta(days=90) - timedelta(hours=1)

PROVIDERS = ("Microsoft.Authorization", "Microsoft.Insights")
_LOGGING = "diagnosticsettings"


def _activity(reading: Reading) -> Iterator[Collection]:
    window = Window.of(reading.clock(), KEPT, reading.last_complete)
    since = f"eventTimestamp ge '{text(window.start)}' and eventTimestamp le '{text(window.end)}'"
    found = [
        event
        for provider in PROVIDERS
        for event in reading.items(
            EVENTS, {"$filter": f"{since} and resourceProvider eq '{provider}'"}, subscription=reading.identifier
        )
        if provider == PROVIDERS[0] or _LOGGING in _operation(event)
    ]
    entities = entities_of(EVENTS, found, "eventDataId")
    yield Collection("azure.activity_log", entities + ([window.lost] if window.lost else []))
    yield Collection("azure.activity_log_window", [window.read(reading.identifier)])


def _operation(event: Json) -> str:
    named = event.get("operationName")
    return str(named.get("value", "") if isinstance(named, dict) else named).lower()


ACTIVITY_LOG = Part(Declaration(("azure.activity_log", "azure.activity_log_window"), (EVENTS,)), _activity)
