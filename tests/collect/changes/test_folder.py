"""A folder of CloudTrail files: read once, each event once, sessions only with what was done in them."""

import json
import shutil
from pathlib import Path

import pytest

from collect.changes.conftest import Evidence
from collect.changes.trail import ACCOUNT, event, key, put
from observant.collect.changes import batches as batching
from observant.collect.changes import pool
from observant.collect.changes.folder import read_folder
from observant.errors import InputError
from observant.evidence.events import EventBatch

OTHER = "444455556666"


def read(folder: Path, evidence: Evidence) -> list[EventBatch]:
    return list(read_folder(folder, evidence.clock, "ana@host", evidence.earlier, lambda _: None))


def names(batches: list[EventBatch]) -> list[str]:
    return [json.loads(one)["eventName"] for batch in batches for one in batch.events]


def test_each_account_is_a_scope_of_its_own(tmp_path, evidence):
    put(tmp_path, key("20260203T1005Z"), event("CreateUser"), event("ListUsers"))
    put(tmp_path, key("20260203T1005Z", account=OTHER), event("DeleteUser", recipientAccountId=OTHER))

    ours, theirs = read(tmp_path, evidence)

    assert (f"aws:{ACCOUNT}", f"aws:{OTHER}") == (ours.scope, theirs.scope)
    assert {"iam.amazonaws.com ListUsers": 1} == ours.reading.counted
    assert [key("20260203T1005Z")] == [f"{one.folder}/{name}" for one in ours.reading.folders for name in one.files]


def test_what_was_read_is_not_read_again_wherever_it_lies(tmp_path, evidence):
    put(tmp_path / "a", key("20260203T1005Z"), event("CreateUser"))
    evidence.take(read(tmp_path / "a", evidence))
    shutil.copytree(tmp_path / "a", tmp_path / "elsewhere/deep")
    put(tmp_path / "elsewhere/deep", key("20260204T1005Z"), event("DeleteUser"))

    assert ["DeleteUser"] == names(read(tmp_path / "elsewhere", evidence))
    assert ["DeleteUser"] == names(read(tmp_path / "elsewhere/deep/AWSLogs", evidence))


def test_an_event_that_comes_twice_is_kept_once(tmp_path, evidence):
    put(tmp_path / "a", key("20260203T1005Z"), event("CreateUser"), event("CreateUser"))
    first = read(tmp_path / "a", evidence)
    evidence.take(first)
    put(tmp_path / "b", key("20260203T1010Z"), event("CreateUser"), event("DeleteUser"))
    second = read(tmp_path / "b", evidence)

    assert (["CreateUser"], 1) == (names(first), first[0].reading.duplicates)
    assert (["DeleteUser"], 1) == (names(second), second[0].reading.duplicates)


@pytest.mark.parametrize("order", ["20260203T1000Z", "20260203T1010Z"], ids=["session first", "change first"])
def test_the_session_of_a_change_is_kept_and_no_other(tmp_path, evidence, order):
    def session(issued: str, used: str = "AKIA") -> dict:
        began = {"credentials": {"accessKeyId": issued}}
        caller = {"type": "IAMUser", "accessKeyId": used}
        return event("AssumeRole", source="sts", eventID=issued, responseElements=began, userIdentity=caller)

    change = event("CreateUser", userIdentity={"type": "AssumedRole", "accessKeyId": "ASIA2"})
    put(tmp_path, key(order, "eu-west-1"), session("ASIA1"), session("ASIA2", "ASIA1"), session("ASIA3"))
    put(tmp_path, key("20260203T1005Z"), change)

    (batch,) = read(tmp_path, evidence)

    assert ["ASIA1", "ASIA2", "CreateUser-2026-02-03T10:00:00Z"] == sorted(
        json.loads(one)["eventID"] for one in batch.events
    )
    assert {"sts.amazonaws.com session": 1} == batch.reading.counted


def test_a_folder_with_nothing_new_leaves_a_record_of_that(tmp_path, evidence):
    put(tmp_path, key("20260203T1005Z"), event("CreateUser"))
    evidence.take(read(tmp_path, evidence))

    (batch,) = read(tmp_path, evidence)

    assert ("", [], []) == (batch.scope, batch.events, batch.reading.folders)


def test_digests_and_insights_beside_the_files_are_left_alone(tmp_path, evidence):
    for kind in ("CloudTrail-Digest", "CloudTrail-Insight"):
        put(tmp_path, key("20260203T1005Z").replace("/CloudTrail/", f"/{kind}/"), event("CreateUser"))
    put(tmp_path, key("20260203T1005Z"), event("DeleteUser"))

    assert ["DeleteUser"] == names(read(tmp_path, evidence))


def test_a_broken_file_is_told_and_stops_no_other(tmp_path, evidence):
    put(tmp_path, key("20260203T1005Z"), event("CreateUser"))
    (tmp_path / key("20260203T1006Z")).write_bytes(b"\x1f\x8bxxxx")

    (batch,) = read(tmp_path, evidence)

    assert ["CreateUser"] == names([batch])
    assert [key("20260203T1006Z")] == list(batch.reading.unreadable)


def test_events_without_id_time_or_account_are_kept(tmp_path, evidence):
    bare = {"eventSource": "iam.amazonaws.com", "eventName": "CreateUser"}
    put(tmp_path, "some.json.gz", bare, bare | {"eventTime": "yesterday"})

    (batch,) = read(tmp_path, evidence)

    assert ("aws:unknown", 2, None) == (batch.scope, len(batch.events), batch.first)


def test_a_lake_export_has_whole_events_or_is_refused(tmp_path, evidence):
    whole, part = tmp_path / "query-1/result_1.csv", tmp_path / "query-2/result_1.csv"
    whole.parent.mkdir()
    part.parent.mkdir()
    quoted = json.dumps(event("CreateUser")).replace('"', '""')
    whole.write_text(f'"eventTime","eventJson"\n"2026-02-03 10:00:00.000","{quoted}"\n')
    part.write_text('"eventTime"\n"2026-02-03 10:00:00.000"\n')

    found = read(tmp_path, evidence)

    assert ["CreateUser"] == names(found)
    assert {"query-2/result_1.csv": "has no column eventJson: select it in the query"} == {
        name: why for one in found for name, why in one.reading.unreadable.items()
    }


def test_many_files_give_the_same_as_few_and_in_order(tmp_path, evidence, monkeypatch):
    for number in range(100):
        put(
            tmp_path,
            key(f"20260203T10{number % 60:02d}Z", tail=f"{number:016d}"),
            event("CreateUser", eventID=str(number)),
        )
    files = read(tmp_path, evidence)
    monkeypatch.setattr(pool, "FEW", 1000)

    assert [one.events for one in read(tmp_path, evidence)] == [one.events for one in files]
    assert 100 == len(files[0].events)


def test_batches_are_handed_on_before_they_are_too_large(tmp_path, evidence, monkeypatch):
    monkeypatch.setattr(batching, "LARGEST_BATCH", 2000)
    for number in range(20):
        put(tmp_path, key(f"20260203T10{number:02d}Z"), event("CreateUser", eventID=str(number)))

    found = read(tmp_path, evidence)

    assert len(found) > 3
    assert 20 == len({one for batch in found for one in batch.events})
    assert 20 == sum(len(folder.files) for batch in found for folder in batch.reading.folders)


def test_a_folder_without_such_files_is_refused(tmp_path, evidence):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(InputError):
            read(folder, evidence)
