"""Logs that look kept and are not."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from observant.model.interval import Interval
from observant.model.time import text
from observant.model.verdict import Verdict
from observant.period.evaluate import Evaluation
from worlds.directory import Directory
from worlds.judging import START, judged, told, why
from worlds.judging import told as told_now

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


def changed(
    azure: Directory, hours: float, what: str = f"/tables/{LOG}", *, body: str | None = None, status: str = "Succeeded"
) -> None:
    """A step of changing the workspace or its table, hours after the first reading."""
    kind = "workspaces/tables" if what else "workspaces"
    event = {
        "operationName": {"value": f"Microsoft.OperationalInsights/{kind}/write"},
        "status": {"value": status},
        "operationId": f"operation-{hours}",
        "eventTimestamp": text(START + timedelta(hours=hours)),
        "caller": "eve@example.com",
        "resourceId": f"{WORKSPACE.upper()}{what}",
        "properties": {} if body is None else {"requestbody": body},
    }
    azure.keep("azure.activity_log", f"{status}-{hours}-{what}", event)


def days_kept(days: int, name: str = "totalRetentionInDays") -> str:
    return json.dumps({"Properties": {name: days, "plan": "Analytics"}})


def spans(found: Evaluation, check: str, verdict: Verdict = Verdict.FAIL) -> list[tuple[float, float]]:
    """When it was so, in hours after the first reading, to the hour after the second one."""
    told = found.standing(Interval(START, found.as_of), {verdict}, check)
    hour = timedelta(hours=1)
    until = START + 25 * hour
    return [
        ((one.interval.start - START) / hour, (min(one.interval.end, until) - START) / hour)
        for one in told
        if one.member
    ]


RESTORED = [
    pytest.param(
        [(5, f"/tables/{LOG}", days_kept(30)), (9, f"/tables/{LOG}", days_kept(-1))], Verdict.FAIL, (5, 9), id="a table"
    ),
    pytest.param(
        [(5, "", days_kept(30, "RetentionInDays")), (9, "", days_kept(400, "RetentionInDays"))],
        Verdict.FAIL,
        (5, 9),
        id="its workspace",
    ),
    pytest.param(
        [(5, f"/tables/{LOG}", None), (9, f"/tables/{LOG}", None)], Verdict.UNKNOWN, (5, 9), id="nobody knows to what"
    ),
    pytest.param(
        [(5, f"/tables/{LOG}", days_kept(30))], Verdict.FAIL, (5, 24), id="the reading shows that it was restored"
    ),
    pytest.param([(5, f"/tables/{LOG}", None), (9, "", None)], Verdict.UNKNOWN, (5, 9), id="table and workspace"),
]


@pytest.mark.parametrize(("told", "verdict", "span"), RESTORED)
def test_a_retention_that_was_lowered_and_restored_between_two_readings(
    tmp_path: Path, told: list[tuple[float, str, str | None]], verdict: Verdict, span: tuple[float, float]
) -> None:
    """Both readings see 400 days; only the activity log has the hours between."""

    def before(tenant: Directory, _: Directory) -> None:
        by_the_workspace(tenant)

    def after(tenant: Directory, azure: Directory) -> None:
        for hours, what, body in told:
            changed(azure, hours, what, status="Started", body=body)
            changed(azure, hours, what)

    found = judged(tmp_path, before, after, log_retention={"categories": [LOG], "retention": "365 days"})
    assert [span] == spans(found, "entra-log-retention", verdict)
    assert {LOG: "pass"} == told_now(found, "entra-log-retention")
    if verdict == Verdict.FAIL:
        assert [(5, 25)] == spans(found, "entra-log-weakened")


def test_what_changes_nothing_about_retention_is_none(tmp_path: Path) -> None:
    """A change that failed, a table that has a retention of its own, a workspace that was tagged, another table."""

    def before(tenant: Directory, _: Directory) -> None:
        workspace(tenant, 30, totalRetentionInDays=400)
        send(tenant, workspaceId=WORKSPACE)

    def after(tenant: Directory, azure: Directory) -> None:
        changed(azure, 3, status="Failed", body=days_kept(30))
        changed(azure, 4, "", body=days_kept(31, "RetentionInDays"))
        changed(azure, 5, "", body=json.dumps({"Tags": {"a": "b"}}))
        changed(azure, 6, "/tables/SigninLogs", body=days_kept(30))
        changed(azure, 7)

    found = judged(tmp_path, before, after, log_retention={"categories": [LOG], "retention": "365 days"})
    assert [] == spans(found, "entra-log-retention") + spans(found, "entra-log-retention", Verdict.UNKNOWN)
    assert [] == spans(found, "entra-log-weakened")


def test_the_moment_at_which_a_retention_was_lowered(tmp_path: Path) -> None:
    def before(tenant: Directory, _: Directory) -> None:
        by_the_workspace(tenant)

    def after(tenant: Directory, azure: Directory) -> None:
        the_table_says_less(tenant)
        changed(azure, 20)  # to what is not told, and is what the reading shows

    found = judged(tmp_path, before, after, log_retention={"categories": [LOG], "retention": "365 days"})
    assert [(20, 25)] == spans(found, "entra-log-retention")
    assert [(20, 25)] == spans(found, "entra-log-weakened")


def test_forwarding(tmp_path: Path) -> None:
    promised = {"log_forwarding": {"categories": [LOG], "destinations": ["*/EVENTHUBS/siem"]}}

    found = judged(tmp_path, lambda tenant, _: an_event_hub(tenant), **promised)
    assert {LOG: "pass"} == told(found, "entra-log-forwarding")
    found = judged(tmp_path / "other", lambda tenant, _: by_the_workspace(tenant), **promised)
    assert f"sent to {WORKSPACE}" == why(found, "entra-log-forwarding", LOG).because
