"""CloudTrail and the readings together: rows to the second, the same in one step or many, and only where it is sure."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collect.changes.trail import ACCOUNT, event
from observant.evidence.events import EventBatch, Reading
from observant.evidence.snapshot import Collection, Entity, Snapshot
from observant.inventory.projection import TABLES, Inventory
from worlds.workbench import Workbench

DAYS = [datetime(2026, 2, day, 6, tzinfo=UTC) for day in (1, 2, 3)]
SCOPE = f"aws:{ACCOUNT}"
ADA = f"arn:aws:iam::{ACCOUNT}:user/staff/ada"
TRAIL = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/main"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/everything"
AT = "2026-02-02T23:40:10Z"


def snapshot(at: datetime, **about: Any) -> Snapshot:
    """One reading: `policies` on ada, `inline` documents by name, `keys` (created, active), `logging`."""
    attached = [{"PolicyName": "everything", "PolicyArn": arn} for arn in about.get("policies", [])]
    inline = [{"PolicyName": name, "PolicyDocument": document} for name, document in about.get("inline", {}).items()]
    user = {"UserName": "ada", "AttachedManagedPolicies": attached, "UserPolicyList": inline}
    user["GroupList"] = about.get("groups", [])
    report = {"password_enabled": about.get("password", "true"), "mfa_active": about.get("mfa", "true")}
    none = ("N/A", "false")
    for slot, (created, active) in enumerate([*about.get("keys", []), none, none][:2], start=1):
        report |= {f"access_key_{slot}_last_rotated": created, f"access_key_{slot}_active": active}
    collections = {
        "iam.users": {ADA: user} if about.get("ada", True) else {},
        "iam.credential_report": {ADA: report} if about.get("ada", True) else {},
        "cloudtrail.trails": {TRAIL: {"IsMultiRegionTrail": True}},
        "cloudtrail.trail_status": {TRAIL: {"IsLogging": about.get("logging", True)}},
    }
    read = [Collection(name, [Entity(urn, body) for urn, body in found.items()]) for name, found in collections.items()]
    return Snapshot(SCOPE, at, at + timedelta(minutes=1), "api", "arn", read, [])


def batch(*events: dict[str, Any]) -> EventBatch:
    raws = [json.dumps(one).encode() for one in events]
    return EventBatch(SCOPE, raws, None, None, Reading(DAYS[2], DAYS[2], "cloudtrail", "files", "ana", len(raws)))


def call(name: str, at: str = AT, /, source: str = "iam", response: Any = None, **request: Any) -> dict[str, Any]:
    return event(name, at, source=source, requestParameters=request, responseElements=response)


def projected(folder: Path, *read: Snapshot | EventBatch, stepwise: bool = False) -> Inventory:
    bench, inventory = Workbench(folder, DAYS[0]), Inventory.open(None)
    for one in read:
        bench.record(one) if isinstance(one, Snapshot) else bench.hear(one)
        if stepwise:
            inventory.advance(bench.log)
    inventory.advance(bench.log)
    return inventory


def rows(inventory: Inventory, table: str, *columns: str) -> list[tuple]:
    named = ", ".join(["strftime(valid_from, '%d %H:%M:%S')", "strftime(valid_to, '%d %H:%M:%S')", *columns])
    return inventory.connection.execute(f"SELECT {named} FROM {table} ORDER BY member, valid_from").fetchall()


FROM, UNTIL = "02 23:40:10", "31 00:00:00"
KEY = "2026-02-02T23:40:10Z"
MADE = {"accessKey": {"accessKeyId": "AKIA1", "createDate": "Feb 2, 2026 11:40:10 PM", "status": "Active"}}


OLD = ("2025-01-01T00:00:00Z", "true")
OFF = ("2025-01-01T00:00:00Z", "false")
SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/ada"
SINCE = "01 06:00:00"
GONE, NEW, CHANGED = [(SINCE, FROM)], [(FROM, UNTIL)], [(SINCE, FROM), (FROM, UNTIL)]

CASES = [
    (call("AttachUserPolicy", userName="ada", policyArn=POLICY), {}, {"policies": [POLICY]}, "aws_attachment", NEW),
    (call("DetachUserPolicy", userName="ada", policyArn=POLICY), {"policies": [POLICY]}, {}, "aws_attachment", GONE),
    (call("DeleteUserPolicy", userName="ada", policyName="x"), {"inline": {"x": {}}}, {}, "aws_attachment", GONE),
    (call("AddUserToGroup", userName="ada", groupName="g"), {}, {"groups": ["g"]}, "aws_membership", NEW),
    (call("RemoveUserFromGroup", userName="ada", groupName="g"), {"groups": ["g"]}, {}, "aws_membership", GONE),
    (call("DeleteUser", userName="ada"), {}, {"ada": False}, "aws_user", GONE),
    (call("CreateUser", userName="ada", response={"user": {"arn": ADA}}), {"ada": False}, {}, "aws_user", NEW),
    (call("DeleteLoginProfile", userName="ada"), {}, {"password": "false"}, "aws_credential", CHANGED),
    (call("CreateLoginProfile", userName="ada"), {"password": "false"}, {}, "aws_credential", CHANGED),
    (call("EnableMFADevice", userName="ada", serialNumber=SERIAL), {"mfa": "false"}, {}, "aws_credential", CHANGED),
    (call("DeactivateMFADevice", userName="ada", serialNumber=SERIAL), {}, {"mfa": "false"}, "aws_credential", CHANGED),
    (call("CreateAccessKey", userName="ada", response=MADE), {}, {"keys": [(KEY, "true")]}, "aws_access_key", NEW),
    (
        call("UpdateAccessKey", userName="ada", accessKeyId="AKIA0", status="Inactive"),
        {"keys": [OLD]},
        {"keys": [OFF]},
        "aws_access_key",
        CHANGED,
    ),
    (call("DeleteAccessKey", userName="ada", accessKeyId="AKIA0"), {"keys": [OLD]}, {}, "aws_access_key", GONE),
    (call("StopLogging", source="cloudtrail", name="main"), {}, {"logging": False}, "aws_trail_status", CHANGED),
    (call("StartLogging", source="cloudtrail", name=TRAIL), {"logging": False}, {}, "aws_trail_status", CHANGED),
]


@pytest.mark.parametrize(
    ("happened", "before", "after", "table", "expected"), CASES, ids=[case[0]["eventName"] for case in CASES]
)
def test_the_boundary_moves_to_the_second_of_the_event(tmp_path, happened, before, after, table, expected):
    read = [snapshot(DAYS[0], **before), snapshot(DAYS[1], **before), snapshot(DAYS[2], **after)]

    assert expected != rows(projected(tmp_path / "without", *read), table)
    assert expected == rows(projected(tmp_path / "with", *read, batch(happened)), table)


def test_what_left_no_trace_in_the_readings_still_has_its_interval(tmp_path):
    document = '{"Statement":[{"Action":"*","Effect":"Allow","Resource":"*"}]}'
    happened = batch(
        call("PutUserPolicy", userName="ada", policyName="fix", policyDocument=document),
        call("DeleteUserPolicy", "2026-02-03T01:00:00Z", userName="ada", policyName="fix"),
        call("StopLogging", source="cloudtrail", name=TRAIL),
        call("StartLogging", "2026-02-03T01:00:00Z", source="cloudtrail", name=TRAIL),
        call("CreateAccessKey", userName="ada", response=MADE),
        call("DeleteAccessKey", "2026-02-03T01:00:00Z", userName="ada", accessKeyId="AKIA1"),
    )
    inventory = projected(tmp_path, *(snapshot(day) for day in DAYS), happened)

    assert [(FROM, "03 01:00:00", "fix", document)] == rows(inventory, "aws_attachment", "policy_name", "document")
    assert [False] == [on for _, _, on in rows(inventory, "aws_trail_status", "is_logging")][1:2]
    assert [(FROM, "03 01:00:00", True)] == rows(inventory, "aws_access_key", "active")


def test_events_that_failed_or_are_about_somebody_unknown_change_nothing(tmp_path):
    failed = call("DetachUserPolicy", userName="ada", policyArn=POLICY) | {"errorCode": "AccessDenied"}
    unknown = call("DetachUserPolicy", userName="bob", policyArn=POLICY) | {"eventID": "another"}
    inventory = projected(tmp_path, *(snapshot(day, policies=[POLICY]) for day in DAYS), batch(failed, unknown))

    assert [("01 06:00:00", UNTIL)] == rows(inventory, "aws_attachment")
    assert [(False,), (True,)] == inventory.connection.execute("SELECT failed FROM aws_change ORDER BY ALL").fetchall()


def test_one_of_two_keys_is_not_guessed(tmp_path):
    keys = [("2025-01-01T00:00:00Z", "true"), ("2025-02-01T00:00:00Z", "true")]
    both_off = [(created, "false") for created, _ in keys]
    off = call("UpdateAccessKey", userName="ada", accessKeyId="AKIA0", status="Inactive")
    inventory = projected(tmp_path, snapshot(DAYS[1], keys=keys), snapshot(DAYS[2], keys=both_off), batch(off))

    assert "02 23:40:10" not in str(rows(inventory, "aws_access_key", "active"))


@pytest.mark.parametrize("late", [True, False], ids=["events late", "events in time"])
def test_in_one_step_or_in_many_the_rows_are_the_same(tmp_path, late):
    off = batch(
        call("DetachUserPolicy", userName="ada", policyArn=POLICY),
        call("AttachUserPolicy", "2026-02-03T01:00:00Z", userName="ada", policyArn=POLICY),
        call("StopLogging", "2026-02-03T02:00:00Z", source="cloudtrail", name=TRAIL),
    )
    days = [
        snapshot(DAYS[0]),
        snapshot(DAYS[1], policies=[POLICY]),
        snapshot(DAYS[2], policies=[POLICY], logging=False),
    ]
    read = [*days, off] if late else [*days[:2], off, days[2]]
    whole = projected(tmp_path / "a", *read)
    steps = projected(tmp_path / "b", *read, stepwise=True)

    for table in TABLES:
        query = f"SELECT * EXCLUDE (entity) FROM {table} ORDER BY ALL"
        assert whole.connection.execute(query).fetchall() == steps.connection.execute(query).fetchall(), table
    assert [("02 06:00:00", FROM), ("03 01:00:00", UNTIL)] == rows(whole, "aws_attachment")


def test_an_event_delivered_twice_is_one_change(tmp_path):
    once, again = batch(call("CreateUser")), batch(call("CreateUser"), call("TagUser"))
    inventory = projected(tmp_path, snapshot(DAYS[0]), once, again)

    names = inventory.connection.execute("SELECT event_name FROM aws_change ORDER BY ALL").fetchall()
    assert [("CreateUser",), ("TagUser",)] == names
