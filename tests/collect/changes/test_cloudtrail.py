"""Every event is looked at: kept word for word when it changes access, counted when not, told when unreadable."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from collect.changes.trail import event, written
from observant.collect.changes.cloudtrail import Decoded, decode
from observant.model.change import Decision

SHARED = Path(__file__).parents[4] / "shared/data/aws/cloudtrail"

LOOKUP_PAGE = {"Events": [{"EventId": "1", "CloudTrailEvent": json.dumps(event("CreateUser"))}]}


def total(decoded: Decoded) -> int:
    return sum(decoded.counted.values()) + len(decoded.kept)


def names(decoded: Decoded) -> list[str]:
    return [json.loads(one.raw)["eventName"] for one in decoded.kept]


def test_changes_are_kept_and_the_rest_is_counted():
    decoded = decode(written(event("CreateUser"), event("GetUser"), event("GetUser"), event("DeleteUser")))

    assert ["CreateUser", "DeleteUser"] == names(decoded)
    assert {("111122223333", "iam.amazonaws.com", "GetUser"): 2} == decoded.counted


@pytest.mark.parametrize(
    "content",
    [
        written(event("CreateUser")),
        json.dumps({"Records": [event("CreateUser")]}).encode(),
        json.dumps([event("CreateUser")], indent=4).encode(),
        json.dumps(LOOKUP_PAGE).encode(),
        json.dumps({"Records": [event("CreateUser"), event("Invoke", source="lambda", eventName=7)]}).encode(),
        gzip.compress(json.dumps({"Records": [event("CreateUser")]}).encode()[:30], mtime=0)
        + gzip.compress(json.dumps({"Records": [event("CreateUser")]}).encode()[30:], mtime=0),
    ],
    ids=["delivered", "not packed", "a bare list", "a page of LookupEvents", "a wrong type", "packed in two parts"],
)
def test_whatever_form_the_events_come_in(content):
    decoded = decode(content)

    assert "" == decoded.unreadable
    assert ["CreateUser"] == names(decoded)
    assert event("CreateUser") == json.loads(decoded.kept[0].raw)
    assert b"\n" not in decoded.kept[0].raw


def test_an_event_is_kept_to_the_letter():
    numbers = b'"x":1.50e3,"y":"\\u00e9\\/","z":12345678901234567890123'
    raw = b'{"eventName":"CreateUser","eventSource":"iam.amazonaws.com",' + numbers + b"}"

    assert raw == decode(b'{"Records":[' + raw + b"]}").kept[0].raw


@pytest.mark.parametrize(
    "content",
    [
        written(event("CreateUser"))[:-30],
        b"\x1f\x8b",
        gzip.compress(b'{"Records": [{"eventName": "CreateUser"', mtime=0),
        b'{"Other": []}',
        b"",
        b'{"Records": [{"eventName": "\xff"}]}',
        b"[" * 100_000,
    ],
    ids=["cut", "two bytes", "cut before packing", "something else", "empty", "not UTF-8", "too deep"],
)
def test_what_cannot_be_read_is_told(content):
    decoded = decode(content)

    assert decoded.unreadable
    assert 0 == total(decoded)


def test_a_file_that_would_unpack_to_too_much_is_not_unpacked(monkeypatch):
    monkeypatch.setattr("observant.collect.changes.unpack.LARGEST", 1000)
    honest = gzip.compress(b" " * 2000)
    lying = honest[:-4] + (10).to_bytes(4, "little")

    for content in (honest, lying):
        assert decode(content).unreadable


def test_a_change_that_is_no_utf_8_is_kept_as_it_is():
    broken = b'{"eventName":"CreateUser","eventSource":"iam.amazonaws.com","x":"\xff"}'

    assert broken == decode(b'{"Records":[' + broken + b"]}").kept[0].raw


def test_parts_of_a_file_that_are_no_events_are_told_and_the_rest_is_read():
    decoded = decode(json.dumps({"Records": [7, event("CreateUser")]}).encode())

    assert ["CreateUser"] == names(decoded)
    assert "1 of its events" in decoded.unreadable


def test_a_session_is_kept_with_the_key_it_gave_unless_a_service_took_it_for_itself():
    began = {"credentials": {"accessKeyId": "ASIAEXAMPLE"}}
    person = event("AssumeRole", source="sts", responseElements=began)
    service = event("AssumeRole", source="sts", responseElements=began, userIdentity={"type": "AWSService"})

    decoded = decode(written(person, service))

    assert [("ASIAEXAMPLE", Decision.SESSION)] == [(one.issued, one.decision) for one in decoded.kept]
    assert 2 == total(decoded)


# What in real logs changes who can do what, worked out by hand from the names of the events.
STRATUS = {
    "CreateAccessKey": 2,
    "AttachRolePolicy": 1,
    "AttachUserPolicy": 1,
    "CreateLoginProfile": 1,
    "CreateRole": 1,
    "CreateUser": 1,
    "DeleteLoginProfile": 1,
    "UpdateAssumeRolePolicy": 1,
    "UpdateLoginProfile": 1,
    "LeaveOrganization": 1,
    "CreateProfile": 1,
    "CreateTrustAnchor": 1,
    "DeleteTrail": 1,
    "StopLogging": 1,
    "PutEventSelectors": 1,
    "AddPermission20150331v2": 1,
    "ModifySnapshotAttribute": 1,
    "ModifyImageAttribute": 1,
    "ModifyDBSnapshotAttribute": 1,
}


@pytest.mark.skipif(not SHARED.exists(), reason=f"{SHARED} is not there: real CloudTrail events are not shipped")
def test_real_events_of_attacks_are_read_without_loss():
    events, kept = 0, Counter()
    for path in sorted((SHARED / "stratus").glob("*.json")):
        read = json.loads(path.read_bytes())
        decoded = decode(path.read_bytes())
        assert "" == decoded.unreadable
        assert len(read) == total(decoded)
        originals = {one["eventID"]: one for one in read}
        for one in decoded.kept:
            assert originals[one.id] == json.loads(one.raw)
            if one.decision is Decision.CHANGE:
                kept[json.loads(one.raw)["eventName"]] += 1
        events += len(read)

    assert 310 == events
    assert STRATUS == kept


@pytest.mark.skipif(not SHARED.exists(), reason=f"{SHARED} is not there: real CloudTrail events are not shipped")
def test_every_identity_event_of_the_test_events_is_recognised():
    read = [one["event"] for one in json.loads((SHARED / "panther_test_events.json").read_bytes())]
    decoded = decode(json.dumps({"Records": read}).encode())
    wrote = [
        one
        for one in read
        if one.get("eventSource") in ("iam.amazonaws.com", "organizations.amazonaws.com")
        and not one["eventName"].startswith(("Get", "List", "Describe"))
    ]

    assert len(read) == total(decoded)
    assert len(wrote) > 50
    kept = [json.loads(one.raw) for one in decoded.kept]
    assert [one for one in wrote if one not in kept and one["eventName"] != "NotCreateUser"] == []
