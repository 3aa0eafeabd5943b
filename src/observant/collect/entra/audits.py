"""The directory's audit log, as far as it is about access, read often enough that nothing falls out unread.

Entra keeps it for 7 days without a premium licence and for 30 days with one. A licence bought later brings nothing
back.
"""

from collections.abc import Iterator
from datetime import timedelta

from observant.collect.microsoft.operation import graph
from observant.collect.microsoft.pace import Service
from observant.collect.microsoft.paging import entities_of
from observant.collect.microsoft.reading import Declaration, Part, Reading
from observant.collect.microsoft.window import Window
from observant.evidence.snapshot import Collection
from observant.model.time import text

AUDITS = graph("/auditLogs/directoryAudits", "AuditLog.Read.All", Service.REPORTS)

KEPT = timedelta(days=7)
KEPT_PREMIUM = timedelta(days=30)
MARGIN = timedelta(hours=1)
"""Events that are about to fall out may be gone when the last page is read; they are not counted on."""

CATEGORIES = (
    "UserManagement",
    "GroupManagement",
    "RoleManagement",
    "ApplicationManagement",
    "Policy",
    "DirectoryManagement",
    "AdministrativeUnit",
    "AuthenticationMethods",
    "Authentication",
    "AccessReviews",
    "EntitlementManagement",
    "ResourceManagement",
    "ProvisioningManagement",
    "PermissionGrantPolicy",
    "Authorization",
)
"""Categories of events that change who can do what, or show that somebody looked at it. Each that
`model/change_events/entra.json` calls a change is here; a test compares."""

_PREMIUM = ("AAD_PREMIUM", "AAD_PREMIUM_P2")


def kept(reading: Reading) -> timedelta:
    """How long this tenant keeps events; the shorter time when its licences could not be read."""
    for sku in reading.found["entra.licences"].entities:
        if sku.configuration.get("capabilityStatus") != "Enabled":
            continue
        for plan in sku.configuration.get("servicePlans") or ():
            if plan.get("servicePlanName") in _PREMIUM and plan.get("provisioningStatus") == "Success":
                return KEPT_PREMIUM
    return KEPT


def _audits(reading: Reading) -> Iterator[Collection]:
    window = Window.of(reading.clock(), kept(reading) - MARGIN, reading.last_read("entra.directory_audits"))
    within = f"activityDateTime ge {text(window.start)}"
    chosen = " or ".join(f"category eq '{category}'" for category in CATEGORIES)
    found = reading.items(AUDITS, {"$filter": f"{within} and ({chosen})", "$top": "999"})
    entities = entities_of(AUDITS, found)
    yield Collection("entra.directory_audits", entities + ([window.lost] if window.lost else []))
    yield Collection("entra.directory_audits_window", [window.read(reading.identifier)])


DIRECTORY_AUDITS = Part(Declaration(("entra.directory_audits", "entra.directory_audits_window"), (AUDITS,)), _audits)
