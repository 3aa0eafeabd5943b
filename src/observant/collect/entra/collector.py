"""One tenant, read once: the parts in order, each collection complete or a gap, and every request on record."""

from collections.abc import Iterator

from observant.collect.azure.activity import TENANT_ACTIVITY_LOG
from observant.collect.azure.logs import TENANT_SETTINGS, destinations_part, settings_part
from observant.collect.azure.subscriptions import MANAGEMENT_GROUPS
from observant.collect.entra.app_permissions import APP_PERMISSIONS
from observant.collect.entra.applications import APPLICATIONS, SERVICE_PRINCIPAL_ACTIVITY, SERVICE_PRINCIPALS
from observant.collect.entra.audits import DIRECTORY_AUDITS
from observant.collect.entra.directory import GROUPS, LICENCES, ORGANIZATION, USERS
from observant.collect.entra.groups import (
    GROUP_ASSIGNMENT_INSTANCES,
    GROUP_ELIGIBILITY_INSTANCES,
    GROUP_MEMBERS,
    GROUP_OWNERS,
    GROUP_POLICIES,
)
from observant.collect.entra.policies import (
    AUTHENTICATION_CONTEXTS,
    AUTHENTICATION_METHODS,
    AUTHENTICATION_STRENGTHS,
    AUTHORIZATION_POLICY,
    CONDITIONAL_ACCESS_POLICIES,
    NAMED_LOCATIONS,
    REGISTRATION,
    SECURITY_DEFAULTS,
)
from observant.collect.entra.reviews import ACCESS_REVIEW_DECISIONS, ACCESS_REVIEWS
from observant.collect.entra.roles import (
    ROLE_ASSIGNMENT_INSTANCES,
    ROLE_ASSIGNMENTS,
    ROLE_DEFINITIONS,
    ROLE_ELIGIBILITY_INSTANCES,
    ROLE_POLICIES,
)
from observant.collect.microsoft.caller import caller_of, permissions_of
from observant.collect.microsoft.reading import Part, Reading
from observant.collect.microsoft.session import MicrosoftSession
from observant.collect.microsoft.window import LastRead, never
from observant.collect.part import Progress, told
from observant.collect.unread import Unread
from observant.evidence.snapshot import Collection, Gap, GapReason, Snapshot
from observant.model.scope import Scope
from observant.model.time import Clock

PARTS: tuple[Part, ...] = (
    ORGANIZATION,
    LICENCES,
    USERS,
    GROUPS,
    CONDITIONAL_ACCESS_POLICIES,
    NAMED_LOCATIONS,
    AUTHENTICATION_CONTEXTS,
    AUTHENTICATION_STRENGTHS,
    AUTHENTICATION_METHODS,
    SECURITY_DEFAULTS,
    AUTHORIZATION_POLICY,
    ROLE_DEFINITIONS,
    ROLE_ASSIGNMENTS,
    ROLE_ASSIGNMENT_INSTANCES,
    ROLE_ELIGIBILITY_INSTANCES,
    ROLE_POLICIES,
    GROUP_ASSIGNMENT_INSTANCES,
    GROUP_ELIGIBILITY_INSTANCES,
    GROUP_POLICIES,
    GROUP_OWNERS,
    ACCESS_REVIEWS,
    ACCESS_REVIEW_DECISIONS,
    GROUP_MEMBERS,
    REGISTRATION,
    APPLICATIONS,
    SERVICE_PRINCIPALS,
    APP_PERMISSIONS,
    SERVICE_PRINCIPAL_ACTIVITY,
    DIRECTORY_AUDITS,
    settings_part("entra.log_settings", TENANT_SETTINGS, of_subscription=False),
    destinations_part("entra.log_destinations", "entra.log_settings"),
    MANAGEMENT_GROUPS,
    TENANT_ACTIVITY_LOG,
)
"""In this order: the groups whose members are read are those that earlier parts refer to."""

COLLECTIONS: tuple[str, ...] = tuple(name for part in PARTS for name in part.declaration.collections)


def collect_tenant(
    session: MicrosoftSession,
    tenant: str,
    clock: Clock,
    progress: Progress | None = None,
    *,
    also_groups: frozenset[str] = frozenset(),
    last_read: LastRead = never,
    demo: bool = False,
) -> Snapshot:
    """Read the tenant with this id. Refused calls become gaps, and so does everything when there is no token.

    `also_groups` are groups that subscriptions refer to. `last_read` tells when each event log was last read
    completely.
    """
    started = clock()
    scope = str(Scope("entra", tenant))
    try:
        claims = session.claims(session.endpoints.graph)
    except Unread as unread:
        return _unreadable(session, scope, clock, unread.gap, demo=demo)
    if claims.get("tid", tenant) != tenant:
        gap = Gap(GapReason.FAILED, f"the credentials reach tenant {claims['tid']}, not {tenant}")
        return _unreadable(session, scope, clock, gap, demo=demo)
    reading = Reading(
        session,
        clock,
        tenant,
        granted=permissions_of(claims),
        also_groups=also_groups,
        last_read=last_read,
    )
    collections = list(told(_all(reading), progress))
    return Snapshot(scope, started, clock(), "api", caller_of(claims), collections, session.take_requests(), demo)


def _all(reading: Reading) -> Iterator[Collection]:
    for part in PARTS:
        yield from part.collections(reading)


def _unreadable(session: MicrosoftSession, scope: str, clock: Clock, gap: Gap, *, demo: bool) -> Snapshot:
    """A snapshot of a tenant that exists and could not be entered: every collection is a gap."""
    at = clock()
    collections = [Collection(name, gap=gap) for name in COLLECTIONS]
    return Snapshot(scope, at, at, "api", "", collections, session.take_requests(), demo)
