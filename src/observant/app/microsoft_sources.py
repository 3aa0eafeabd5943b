"""Tenants and subscriptions of `observant.toml` as snapshots.

Subscriptions are read before their tenant, as the tenant's part also reads the members of groups that hold a role on
one of them.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from observant.app.collection import SourceFailure, Tell
from observant.app.microsoft_settings import AzureSource, Caller, EntraSource
from observant.app.opening import open_log
from observant.app.recording import RUN, backwards
from observant.app.unfinished import Unfinished
from observant.app.workspace import Workspace
from observant.collect.microsoft.identity import Identity
from observant.errors import UsageError
from observant.evidence.snapshot import Gap, GapReason, Snapshot
from observant.model.scope import Scope
from observant.model.time import Clock

if TYPE_CHECKING:
    from observant.collect.microsoft.session import MicrosoftSession

_LONGEST_KEPT = timedelta(days=90)
"""Nothing is to be had from an event log that is older."""

Groups = dict[str, set[str]]
"""Tenant -> groups that hold roles on its subscriptions."""


def read_microsoft(
    workspace: Workspace,
    entra: list[EntraSource],
    azure: list[AzureSource],
    clock: Clock,
    tell: Tell,
    unfinished: Unfinished | None = None,
) -> Iterator[Snapshot | SourceFailure]:
    """All of them, one after the other. A source that cannot be used at all is told as a SourceFailure."""
    groups: Groups = {}
    for subscriptions in azure:
        try:
            for one in _azure(workspace, subscriptions, clock, tell, unfinished):
                _remember(subscriptions.caller.tenant, one, groups)
                yield _kept(one, unfinished)
        except UsageError as problem:
            yield SourceFailure(_name("azure", subscriptions.caller), str(problem).partition("\n")[0])
    for tenant in entra:
        try:
            yield _kept(_entra(workspace, tenant, groups, clock, tell, unfinished), unfinished)
        except UsageError as problem:
            yield SourceFailure(_name("entra", tenant.caller), str(problem).partition("\n")[0])


def _kept(snapshot: Snapshot, unfinished: Unfinished | None) -> Snapshot:
    if unfinished is not None:
        unfinished.keep(snapshot)
    return snapshot


def _remember(tenant: str, snapshot: Snapshot, groups: Groups) -> None:
    from observant.collect.azure import groups_in

    groups.setdefault(tenant, set()).update(groups_in(snapshot.collections))


def _name(kind: str, caller: Caller) -> str:
    return f"{kind} tenant {caller.tenant}"


def _identity(workspace: Workspace, caller: Caller) -> Identity:
    certificate = str(workspace.root / caller.certificate) if caller.certificate else ""
    return Identity(caller.tenant, caller.kind, caller.client_id, caller.cloud, certificate)


def _entra(
    workspace: Workspace,
    source: EntraSource,
    groups: Groups,
    clock: Clock,
    tell: Tell,
    unfinished: Unfinished | None,
) -> Snapshot:
    from observant.collect.entra import collect_tenant
    from observant.collect.microsoft.session import MicrosoftSession

    tenant = source.caller.tenant
    scope = Scope("entra", tenant)
    earlier = unfinished.of(str(scope)) if unfinished else None
    if earlier is not None:
        return earlier
    return collect_tenant(
        MicrosoftSession.open(_identity(workspace, source.caller)),
        tenant,
        clock,
        lambda line: tell(f"{scope} {line}"),
        also_groups=frozenset(groups.get(tenant, ())),
        last_read=lambda log: last_complete(workspace, scope, log, clock),
    )


def _azure(
    workspace: Workspace, source: AzureSource, clock: Clock, tell: Tell, unfinished: Unfinished | None
) -> Iterator[Snapshot]:
    from observant.collect.azure import collect_subscription, unreadable
    from observant.collect.microsoft.session import MicrosoftSession

    session = MicrosoftSession.open(_identity(workspace, source.caller))
    named, unseen = _subscriptions(session, source, clock)
    for subscription in named:
        scope = Scope("azure", subscription)
        earlier = unfinished.of(str(scope)) if unfinished else None
        yield earlier or collect_subscription(
            session,
            subscription,
            clock,
            lambda line, scope=scope: tell(f"{scope} {line}"),  # type: ignore[misc]  # mypy: a lambda's default
            last_read=lambda log, scope=scope: last_complete(workspace, scope, log, clock),  # type: ignore[misc]
        )
    for subscription in unseen:
        gap = Gap(GapReason.DENIED, "the management-group tree names this subscription, and the reader cannot see it")
        yield unreadable(session, subscription, clock, gap)


def _subscriptions(session: "MicrosoftSession", source: AzureSource, clock: Clock) -> tuple[list[str], list[str]]:
    """Subscriptions to read, and those that exist and cannot be seen. Raises UsageError when none can be named."""
    from observant.collect.azure import visible
    from observant.collect.unread import Unread

    if source.subscriptions is not None:
        return source.subscriptions, []
    try:
        named, unseen = visible(session, clock, source.caller.tenant)
    except Unread as unread:
        raise UsageError(f"subscriptions cannot be listed: {unread.detail}") from unread
    if not named:
        raise UsageError("the reader sees no subscription", "assign it Reader at the root management group")
    return named, unseen


def last_complete(workspace: Workspace, scope: Scope, collection: str, clock: Clock) -> datetime | None:
    """When a run last read the collection without a gap, by the records of runs; None when none did lately."""
    earliest = clock() - _LONGEST_KEPT
    for record in backwards(open_log(workspace, clock)):
        if record.effective < earliest:
            return None
        if record.kind == RUN:
            gaps = record.predicate.get("scopes", {}).get(str(scope))
            if gaps is not None and collection not in gaps:
                return record.effective
    return None
