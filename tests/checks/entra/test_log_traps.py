"""Logs that look kept and are not."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from observant.model.interval import Interval
from observant.model.verdict import Verdict
from worlds.directory import Directory
from worlds.judging import START, judged, told, why

WORKSPACE, ARCHIVE, HUB = "/s/workspaces/logs", "/s/storageaccounts/archive", "/s/eventhubs/siem"
LOG = "AuditLogs"


def send(tenant: Directory, *, name: str = "all", enabled: bool = True, category: str = LOG, **targets: str) -> None:
    log = {"category": category, "enabled": enabled, "retentionPolicy": {"enabled": True, "days": 3650}}
    tenant.keep("entra.log_settings", name, {"properties": {"logs": [log], **targets}})


def workspace(tenant: Directory, days: int, **table: int) -> None:
    found = {
        "kind": "workspace",
        "workspace": {"properties": {"retentionInDays": days}},
        "tables": [{"name": LOG, "properties": table}],
    }
    tenant.keep("entra.log_destinations", WORKSPACE, found)


def archive(tenant: Directory, policy: dict[str, Any] | None, *, delete_after: int | None = None) -> None:
    rule = {
        "name": "expire",
        "enabled": True,
        "definition": {"actions": {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": delete_after}}}},
    }
    found = {
        "kind": "storage",
        "account": {},
        "lifecycle": None if delete_after is None else {"properties": {"policy": {"rules": [rule]}}},
        "containers": [{"name": "insights-logs-auditlogs", "immutabilityPolicy": policy}],
    }
    tenant.keep("entra.log_destinations", ARCHIVE, found)


def locked(days: int, state: str = "Locked") -> dict[str, Any]:
    return {"properties": {"state": state, "immutabilityPeriodSinceCreationInDays": days}}


def nowhere(tenant: Directory) -> None:
    """No setting at all."""


def switched_off(tenant: Directory) -> None:
    workspace(tenant, 730)
    send(tenant, enabled=False, workspaceId=WORKSPACE)


def by_the_workspace(tenant: Directory) -> None:
    workspace(tenant, 400, retentionInDays=-1, totalRetentionInDays=-1)
    send(tenant, workspaceId=WORKSPACE)


def the_table_says_less(tenant: Directory) -> None:
    workspace(tenant, 400, totalRetentionInDays=90)
    send(tenant, workspaceId=WORKSPACE)


def everything_at_once(tenant: Directory) -> None:
    workspace(tenant, 400, totalRetentionInDays=400)
    log = {"categoryGroup": "allLogs", "enabled": True}
    tenant.keep("entra.log_settings", "all", {"properties": {"logs": [log], "workspaceId": WORKSPACE}})


def lifecycle_too_soon(tenant: Directory) -> None:
    archive(tenant, None, delete_after=90)
    send(tenant, storageAccountId=ARCHIVE)


def lock_longer_than_lifecycle(tenant: Directory) -> None:
    archive(tenant, locked(400), delete_after=90)
    send(tenant, storageAccountId=ARCHIVE)


def an_unlocked_policy(tenant: Directory) -> None:
    archive(tenant, locked(400, "Unlocked"), delete_after=90)
    send(tenant, storageAccountId=ARCHIVE)


def the_better_of_two(tenant: Directory) -> None:
    archive(tenant, None, delete_after=90)
    workspace(tenant, 400)
    send(tenant, storageAccountId=ARCHIVE, workspaceId=WORKSPACE)


def an_event_hub(tenant: Directory) -> None:
    send(tenant, eventHubAuthorizationRuleId=HUB)


def a_destination_that_may_not_be_read(tenant: Directory) -> None:
    unread = {"Unread": {"reason": "denied", "detail": "403"}}
    tenant.keep("entra.log_destinations", WORKSPACE, {"kind": "workspace", **unread})
    send(tenant, workspaceId=WORKSPACE)


@pytest.mark.parametrize(
    ("build", "verdict"),
    [
        (nowhere, "fail"),
        (switched_off, "fail"),
        (by_the_workspace, "pass"),
        (the_table_says_less, "fail"),
        (everything_at_once, "pass"),
        (lifecycle_too_soon, "fail"),
        (lock_longer_than_lifecycle, "pass"),
        (an_unlocked_policy, "fail"),
        (the_better_of_two, "pass"),
        (an_event_hub, "unknown"),
        (a_destination_that_may_not_be_read, "unknown"),
    ],
)
def test_how_long_a_log_is_kept(tmp_path: Path, build: Any, verdict: str) -> None:
    promised = {"log_retention": {"categories": [LOG], "retention": "365 days"}}

    found = judged(tmp_path, lambda tenant, _: build(tenant), **promised)
    assert {LOG: verdict} == told(found, "entra-log-retention")


def test_somebody_vouches_for_an_event_hub(tmp_path: Path) -> None:
    promised = {"log_retention": {"categories": [LOG], "retention": "365 days", "attested": ["*/EventHubs/siem"]}}

    found = judged(tmp_path, lambda tenant, _: an_event_hub(tenant), **promised)
    assert {LOG: "pass"} == told(found, "entra-log-retention")


def test_kept_is_not_protected(tmp_path: Path) -> None:
    promised = {"log_retention": {"categories": [LOG], "retention": "365 days", "protected": True}}

    found = judged(tmp_path, lambda tenant, _: by_the_workspace(tenant), **promised)
    assert {LOG: "fail"} == told(found, "entra-log-retention")
    found = judged(tmp_path / "locked", lambda tenant, _: lock_longer_than_lifecycle(tenant), **promised)
    assert {LOG: "pass"} == told(found, "entra-log-retention")


def test_a_setting_that_was_weakened_and_made_good(tmp_path: Path) -> None:
    promised = {"log_retention": {"categories": [LOG], "retention": "365 days"}}
    days = [by_the_workspace, by_the_workspace, the_table_says_less, by_the_workspace, by_the_workspace]
    found = judged(tmp_path, *(lambda tenant, _, build=build: build(tenant) for build in days), **promised)

    ever = Interval(START, found.as_of)
    exceptions = [
        (one.interval.start, one.interval.end) for one in found.standing(ever, {Verdict.FAIL}, "entra-log-weakened")
    ]
    assert [(START + timedelta(days=2), START + timedelta(days=3))] == exceptions
    assert {LOG: "pass"} == told(found, "entra-log-retention")


def test_forwarding(tmp_path: Path) -> None:
    promised = {"log_forwarding": {"categories": [LOG], "destinations": ["*/EVENTHUBS/siem"]}}

    found = judged(tmp_path, lambda tenant, _: an_event_hub(tenant), **promised)
    assert {LOG: "pass"} == told(found, "entra-log-forwarding")
    found = judged(tmp_path / "other", lambda tenant, _: by_the_workspace(tenant), **promised)
    assert f"sent to {WORKSPACE}" == why(found, "entra-log-forwarding", LOG).because
