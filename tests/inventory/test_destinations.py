"""How long logs are kept: what the pieces of a workspace or a storage account come to together."""

from typing import Any

import pytest

from observant.inventory.destinations import UNLIMITED
from observant.inventory.projection import TABLES

Json = dict[str, Any]
CONTAINER = "insights-logs-auditlogs"
LOCKED = {"state": "Locked", "immutabilityPeriodSinceCreationInDays": 700}


def rows(table: str, facet: Json) -> list[Json]:
    shape = TABLES[table]
    (reading,) = shape.readings
    return [dict(zip(shape.columns, one.values, strict=True)) for one in reading.rows("/x/y", facet)]


def workspace(days: int, *tables: Json) -> Json:
    found = [{"name": f"T{place}", "properties": table} for place, table in enumerate(tables)]
    return {"kind": "workspace", "workspace": {"properties": {"retentionInDays": days}}, "tables": found}


def test_a_table_without_its_own_retention_has_that_of_the_workspace() -> None:
    found = workspace(
        90,
        {"retentionInDays": -1, "totalRetentionInDays": -1},
        {"retentionInDays": 30, "totalRetentionInDays": 730},
        {"retentionInDays": 180},
        {},
    )

    assert [(90, 90), (30, 730), (180, 180), (90, 90)] == [
        (one["analytics_days"], one["total_days"]) for one in rows("entra_log_table", found)
    ]


def test_what_cannot_be_read_of_a_workspace_is_not_known() -> None:
    found = {"kind": "workspace", "workspace": {}, "tables": [{"name": "AuditLogs", "properties": {}}]}

    assert [(None, None)] == [(one["analytics_days"], one["total_days"]) for one in rows("entra_log_table", found)]


def rule(days: int | None, *, prefix: list[str] | None = None, **filters: Any) -> Json:
    actions = {
        "baseBlob": {"tierToCool": {}} if days is None else {"delete": {"daysAfterModificationGreaterThan": days}}
    }
    given = {"blobTypes": ["blockBlob", "appendBlob"], **filters} | ({"prefixMatch": prefix} if prefix else {})
    return {"name": f"r{days}", "enabled": True, "definition": {"actions": actions, "filters": given}}


def storage(rules: list[Json] | None, policy: Json | None = None, **account: Any) -> Json:
    lifecycle = None if rules is None else {"properties": {"policy": {"rules": rules}}}
    container = {"name": CONTAINER, "immutabilityPolicy": policy}
    return {"kind": "storage", "account": {"properties": account}, "lifecycle": lifecycle, "containers": [container]}


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        (None, UNLIMITED),
        ([], UNLIMITED),
        ([rule(400), rule(90)], 90),
        ([rule(90, prefix=["insights-logs-signinlogs"])], UNLIMITED),
        ([rule(90, prefix=["insights-logs-"])], 90),
        ([rule(90, prefix=[f"{CONTAINER}/tenantId="])], 90),
        ([rule(90, prefix=[f"{CONTAINER}-old/"])], UNLIMITED),
        ([rule(90) | {"enabled": False}], UNLIMITED),
        ([rule(None)], UNLIMITED),
        ([rule(90, blobTypes=["blockBlob"])], UNLIMITED),  # logs are append blobs
        ([rule(90, blobIndexMatch=[{"name": "keep", "op": "==", "value": "no"}])], None),
        ([{"enabled": True, "definition": None}], UNLIMITED),
    ],
)
def test_the_first_rule_that_deletes_decides(rules: list[Json] | None, kept: int | None) -> None:
    (found,) = rows("entra_log_container", storage(rules))

    assert kept == found["kept_days"]


@pytest.mark.parametrize(
    ("policy", "account", "protected"),
    [
        (None, {}, 0),
        ({"properties": {"state": "Locked", "immutabilityPeriodSinceCreationInDays": 400}}, {}, 400),
        ({"properties": {"state": "Unlocked", "immutabilityPeriodSinceCreationInDays": 400}}, {}, 0),
        ({"Unread": {"reason": "denied", "detail": "403"}}, {}, None),
        (None, {"immutableStorageWithVersioning": {"immutabilityPolicy": LOCKED}}, 700),
    ],
)
def test_only_a_locked_policy_protects(policy: Json | None, account: Json, protected: int | None) -> None:
    (found,) = rows("entra_log_container", storage(None, policy, **account))

    assert protected == found["protected_days"]


def test_lifecycle_rules_that_may_not_be_read() -> None:
    unread = {"Unread": {"reason": "denied", "detail": "AuthorizationFailed"}}
    found = storage(None) | {"lifecycle": unread}

    assert rows("entra_log_container", found)[0]["kept_days"] is None
    (told,) = rows("entra_log_destination", found)
    assert (False, "denied (AuthorizationFailed)") == (told["readable"], told["because"])


def test_the_dead_retention_of_a_setting_is_not_read() -> None:
    log = {"category": "AuditLogs", "enabled": True, "retentionPolicy": {"enabled": True, "days": 365}}
    setting = {"properties": {"logs": [log], "workspaceId": "/Subscriptions/S/Workspaces/W"}}

    (found,) = rows("entra_log_setting", setting)
    assert "/subscriptions/s/workspaces/w" == found["workspace"]
    assert 365 not in found.values()
