"""Where each category of a log ends up and for how long: a valid-time table made from settings and their destinations.

A category is kept as long as by the best of its destinations. What a destination could not show is not known, and may
be better than what is; what an event hub leads to is somebody's word. What the activity log tells of the retention of a
workspace counts between two readings.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import duckdb

from observant.analysis.derivation import VALID_TIME, Derivation, DerivedTable
from observant.analysis.entra.pieces import Stretch, grouped, slices, stretch
from observant.analysis.retention_changes import Change, Place, changes, narrowed, readings
from observant.analysis.rows import insert

_ENTRA = {
    "AuditLogs": "AuditLogs",
    "SignInLogs": "SigninLogs",
    "NonInteractiveUserSignInLogs": "AADNonInteractiveUserSignInLogs",
    "ServicePrincipalSignInLogs": "AADServicePrincipalSignInLogs",
    "ManagedIdentitySignInLogs": "AADManagedIdentitySignInLogs",
    "ProvisioningLogs": "AADProvisioningLogs",
    "ADFSSignInLogs": "ADFSSignInLogs",
    "RiskyUsers": "AADRiskyUsers",
    "UserRiskEvents": "AADUserRiskEvents",
    "RiskyServicePrincipals": "AADRiskyServicePrincipals",
    "ServicePrincipalRiskEvents": "AADServicePrincipalRiskEvents",
    "MicrosoftGraphActivityLogs": "MicrosoftGraphActivityLogs",
    "NetworkAccessTrafficLogs": "NetworkAccessTraffic",
}
_AZURE = dict.fromkeys(
    ("Administrative", "Security", "ServiceHealth", "Alert", "Recommendation", "Policy", "Autoscale", "ResourceHealth"),
    "AzureActivity",
)

TABLES_OF: dict[str, dict[str, str]] = {"entra": _ENTRA, "azure": _AZURE}
"""Source -> category -> table of a workspace that takes it."""


def container_of(source: str, category: str) -> str:
    """The container that a category is written to in a storage account."""
    return "insights-activity-logs" if source == "azure" else f"insights-logs-{category.lower()}"


class _Sent(NamedTuple):
    """A category in an enabled setting."""

    category: str | None
    group: str | None
    enabled: bool | None
    workspace: str | None
    storage: str | None
    hub: str | None
    partner: str | None


class _Kept(NamedTuple):
    """What one destination does with a category. `days` None: not known."""

    destination: str
    days: int | None
    protected: int | None
    because: str


def _short(destination: str) -> str:
    return destination.rpartition("/")[2]


def _place(places: list[Place], destination: str, name: str) -> Place | None:
    """Names of tables differ in case from page to page."""
    here = (one for one in places if one.destination == destination)
    return next((one for one in here if (one.name or "").lower() == name.lower()), None)


def _in_workspace(source: str, category: str, workspace: str, places: list[Place]) -> _Kept:
    table = TABLES_OF[source].get(category, category)
    found = _place(places, workspace, table)
    if found is None or found.days is None:
        return _Kept(workspace, None, None, f"retention of table {table} in workspace {_short(workspace)} is not known")
    return _Kept(workspace, found.days, 0, f"workspace {_short(workspace)} keeps table {table} for {found.days} days")


def _in_storage(source: str, category: str, account: str, places: list[Place]) -> _Kept:
    name = container_of(source, category)
    found = _place(places, account, name)
    if found is None:
        return _Kept(account, None, None, f"container {name} of {_short(account)} was not seen")
    days = None if found.days is None else max(found.days, found.protected or 0)
    why = f"storage account {_short(account)}: {found.because}"
    if days is not None:
        why += f", kept for {days} days" if days < 36500 else ", kept without end"
    return _Kept(account, days, found.protected, why)


def _kept(source: str, category: str, sent: list[_Sent], places: list[Place]) -> list[_Kept]:
    found: list[_Kept] = []
    for one in sent:
        if one.workspace:
            found.append(_in_workspace(source, category, one.workspace, places))
        if one.storage:
            found.append(_in_storage(source, category, one.storage, places))
        if one.hub or one.partner:
            target = one.hub or one.partner or ""
            found.append(_Kept(target, None, None, f"what {_short(target)} leads to is not seen from here"))
    return found


def _summary(kept: list[_Kept], unread: bool) -> tuple[int, int, bool, str, str]:
    """(days, protected, unclear, sinks, because): the longest that is known, and whether it may be longer."""
    days = max((one.days for one in kept if one.days is not None), default=0)
    protected = max((one.protected for one in kept if one.protected is not None), default=0)
    unclear = unread or any(one.days is None or one.protected is None for one in kept)
    reasons = [one.because for one in kept] or ["it is sent nowhere"]
    if unread:
        reasons.append("a setting could not be read")
    sinks = "\n".join(sorted({one.destination for one in kept}))
    return max(days, protected), protected, unclear, sinks, "; ".join(dict.fromkeys(reasons))


def coverage_table(source: str, whole: str, collection: str) -> DerivedTable:
    """The table of one source, whose members are categories of the log of each `whole`."""
    return DerivedTable(
        name=f"{source}_log_coverage",
        about=(
            f"How long each category of the log of a {whole} is kept. `kept_days` is the longest that is known (36500: "
            "without end), `protected_days` for how long nobody can delete it; `unclear`: a destination may keep it "
            "longer; `unread`: a setting could not be read. `sinks` has a line for each destination; `earlier_days` "
            "and `earlier_sinks` are those of the row before, and `removed` has the destinations that went since."
        ),
        columns=VALID_TIME
        | {
            "category": "VARCHAR",
            "kept_days": "BIGINT",
            "protected_days": "BIGINT",
            "unclear": "BOOLEAN",
            "unread": "BOOLEAN",
            "sinks": "VARCHAR",
            "earlier_days": "BIGINT",
            "earlier_sinks": "VARCHAR",
            "removed": "VARCHAR",
            "because": "VARCHAR",
        },
        collections=frozenset({collection, f"{source}.log_settings", f"{source}.log_destinations"}),
    )


COVERAGES = {
    "entra": (coverage_table("entra", "tenant", "entra.organization"), "entra_tenant"),
    "azure": (coverage_table("azure", "subscription", "azure.subscription"), "azure_subscription"),
}

_TIMES = "valid_from, valid_to, earliest, record"


def _stretches(connection: duckdb.DuckDBPyConnection, source: str, told: list[Change]) -> dict[Any, list[Stretch[Any]]]:
    """Scope -> stretches of _Sent and Place."""
    sent = connection.execute(
        f"SELECT scope, {_TIMES}, category, category_group, enabled, workspace, storage_account, event_hub, partner "  # noqa: S608
        f"FROM {source}_log_setting WHERE enabled IS NOT FALSE ORDER BY ALL"
    ).fetchall()
    tables = connection.execute(
        f"SELECT scope, {_TIMES}, 'table', workspace, table_name, total_days, 0, NULL, inherited IS TRUE "  # noqa: S608
        f"FROM {source}_log_table WHERE list_contains($wanted, lower(table_name)) ORDER BY ALL",
        {"wanted": sorted({each.lower() for each in TABLES_OF[source].values()})},
    ).fetchall()
    containers = connection.execute(
        f"SELECT scope, {_TIMES}, 'container', storage_account, container, kept_days, protected_days, because, false "  # noqa: S608
        f"FROM {source}_log_container ORDER BY ALL"
    ).fetchall()
    found: list[tuple[Any, Stretch[Any]]] = [
        (scope, stretch((a, b, c, d), _Sent(*more))) for scope, a, b, c, d, *more in sent
    ]
    places = grouped(
        (scope, stretch((a, b, c, d), Place(*more))) for scope, a, b, c, d, *more in [*tables, *containers]
    )
    complete = readings(connection, source) if told else {}
    for scope, shown in places.items():
        found += [(scope, one) for one in narrowed(shown, told, complete.get(scope, []))]
    return grouped(found)


def _rows(connection: duckdb.DuckDBPyConnection, source: str, whole: str, told: list[Change]) -> Iterator[list[object]]:
    stretches = _stretches(connection, source, told)
    frames = grouped(
        ((scope, member), stretch(times, None))
        for scope, member, *times in connection.execute(
            f"SELECT scope, member, {_TIMES} FROM {whole} ORDER BY ALL"  # noqa: S608
        ).fetchall()
    )
    for (scope, member), frame in frames.items():
        seen = stretches.get(scope, [])
        sent = [one.content.category for one in seen if isinstance(one.content, _Sent)]
        pieces = list(slices(frame, seen))
        for category in sorted({*TABLES_OF[source], *(each for each in sent if each)}):
            yield from _of_category(source, category, scope, f"{member} {category}", pieces)


def _of_category(
    source: str, category: str, scope: str, member: str, pieces: list[Stretch[list[Any]]]
) -> Iterator[list[object]]:
    before: tuple[int, int, bool, str, str] | None = None
    for piece in pieces:
        sent = [one for one in piece.content if isinstance(one, _Sent)]
        mine = [one for one in sent if one.enabled and (one.category == category or one.group == "allLogs")]
        unread = any(one.enabled is None or (one.category is None and one.group != "allLogs") for one in sent)
        places = [one for one in piece.content if isinstance(one, Place)]
        now = _summary(_kept(source, category, mine, places), unread)
        days, protected, unclear, sinks, because = now
        earlier = (None, None, "") if before is None else (before[0], before[3], _without(before[3], sinks))
        times = (piece.valid_from, piece.valid_to, piece.earliest, piece.record)
        head = [scope, member, category, *times, category, days, protected, unclear, unread]
        yield [*head, sinks, *earlier, because]
        before = now


def _without(before: str, after: str) -> str:
    """The destinations that were there and are not any more, a line each."""
    return "\n".join(sorted(set(before.split("\n")) - set(after.split("\n")) - {""}))


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    told = changes(connection)
    for source, (table, whole) in COVERAGES.items():
        connection.execute(f"DELETE FROM {table.name}")  # noqa: S608
        insert(connection, table.name, table.columns, list(_rows(connection, source, whole, told)))


LOG_COVERAGE = Derivation(tables=tuple(table for table, _ in COVERAGES.values()), derive=_derive)
