"""One subscription, read once: the parts in order, each collection complete or a gap, and every request on record."""

from collections.abc import Iterator

from observant.collect.azure import authorization
from observant.collect.azure.activity import ACTIVITY_LOG
from observant.collect.azure.logs import SUBSCRIPTION_SETTINGS, destinations_part, settings_part
from observant.collect.azure.subscriptions import THE_SUBSCRIPTION
from observant.collect.microsoft.caller import caller_of
from observant.collect.microsoft.reading import Part, Reading
from observant.collect.microsoft.session import MicrosoftSession
from observant.collect.microsoft.window import LastRead, never
from observant.collect.part import Progress, told
from observant.collect.unread import Unread
from observant.evidence.snapshot import Collection, Gap, Snapshot
from observant.model.scope import Scope
from observant.model.time import Clock

PARTS: tuple[Part, ...] = (
    THE_SUBSCRIPTION,
    *authorization.PARTS,
    settings_part("azure.log_settings", SUBSCRIPTION_SETTINGS, of_subscription=True),
    destinations_part("azure.log_destinations", "azure.log_settings"),
    ACTIVITY_LOG,
)

COLLECTIONS: tuple[str, ...] = tuple(name for part in PARTS for name in part.declaration.collections)


def collect_subscription(
    session: MicrosoftSession,
    subscription: str,
    clock: Clock,
    progress: Progress | None = None,
    *,
    last_read: LastRead = never,
    demo: bool = False,
) -> Snapshot:
    """Read one subscription. Refused calls become gaps, and so does everything when there is no token.

    `last_read` tells when the activity log was last read completely.
    """
    started = clock()
    try:
        caller = caller_of(session.claims(session.endpoints.arm))
    except Unread as unread:
        return unreadable(session, subscription, clock, unread.gap, demo=demo)
    reading = Reading(session, clock, subscription, last_read=last_read)
    collections = list(told(_all(reading), progress))
    scope = str(Scope("azure", subscription))
    return Snapshot(scope, started, clock(), "api", caller, collections, session.take_requests(), demo)


def _all(reading: Reading) -> Iterator[Collection]:
    for part in PARTS:
        yield from part.collections(reading)


def unreadable(session: MicrosoftSession, subscription: str, clock: Clock, gap: Gap, *, demo: bool = False) -> Snapshot:
    """A snapshot of a subscription that exists and could not be entered: every collection is a gap."""
    at = clock()
    collections = [Collection(name, gap=gap) for name in COLLECTIONS]
    scope = str(Scope("azure", subscription))
    return Snapshot(scope, at, at, "api", "", collections, session.take_requests(), demo)
