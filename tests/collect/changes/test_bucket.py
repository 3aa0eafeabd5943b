"""The bucket that CloudTrail delivers to, in the test cloud."""

import json

import pytest

from collect.changes.conftest import Evidence
from collect.changes.trail import ACCOUNT, event, key, written
from observant.collect.aws import AwsSession
from observant.collect.changes.bucket import read_bucket
from observant.errors import UsageError
from observant.evidence.events import EventBatch
from observant_clouds.aws import Account, Cloud


@pytest.fixture
def trail(aws: Cloud) -> Account:
    account = aws.account()
    account.bucket("trail")
    return account


def deliver(aws: Cloud, name: str, *events: dict) -> None:
    s3 = aws.session().create_client("s3", region_name="us-east-1")
    s3.put_object(Bucket="trail", Key=name, Body=written(*events))


def read(session: AwsSession, evidence: Evidence, prefix: str = "") -> list[EventBatch]:
    return list(read_bucket(session, "trail", prefix, evidence.clock, evidence.earlier, lambda _: None))


def names(batches: list[EventBatch]) -> list[str]:
    return [json.loads(one)["eventName"] for batch in batches for one in batch.events]


@pytest.mark.parametrize("prefix", ["", "logs/all"])
def test_only_what_is_new_is_fetched(aws, trail, session, evidence, prefix):
    put = f"{prefix}/" if prefix else ""
    deliver(aws, put + key("20260203T1005Z"), event("CreateUser"))
    deliver(aws, put + key("20260203T1005Z", "eu-west-1"), event("ListUsers"))
    first = read(session, evidence, prefix)
    evidence.take(first)
    deliver(aws, put + key("20260204T1005Z"), event("DeleteUser"))
    deliver(aws, put + key("20260201T1005Z"), event("TagUser"))

    assert ["CreateUser"] == names(first)
    assert {"ListObjectsV2"} == {one.operation.partition(":")[2] for one in first[0].reading.requests[1:]}
    assert ["TagUser", "DeleteUser"] == names(read(session, evidence, prefix))


def test_accounts_of_an_organization_are_found(aws, trail, session, evidence):
    deliver(aws, key("20260203T1005Z").replace("AWSLogs/", "AWSLogs/o-abc123/"), event("CreateUser"))

    (batch,) = read(session, evidence)

    assert (f"aws:{ACCOUNT}", ["CreateUser"]) == (batch.scope, names([batch]))


def test_pages_of_the_listing_are_followed(aws, trail, session, evidence, monkeypatch):
    plain = AwsSession.call

    def small_pages(self, service, operation, region="", **parameters):
        more = {"MaxKeys": 2} if operation == "ListObjectsV2" else {}
        return plain(self, service, operation, region, **parameters, **more)

    monkeypatch.setattr(AwsSession, "call", small_pages)
    for minute in range(7):
        deliver(aws, key(f"20260203T100{minute}Z"), event("CreateUser", eventID=str(minute)))

    assert 7 == len(names(read(session, evidence)))


def test_a_bucket_that_cannot_be_listed_is_a_failure_and_no_empty_log(aws, trail, session, evidence):
    with pytest.raises(UsageError, match="cannot be listed"):
        list(read_bucket(session, "other", "", evidence.clock, evidence.earlier, lambda _: None))


def test_a_file_that_cannot_be_fetched_is_told_and_tried_again(aws, trail, session, evidence):
    deliver(aws, key("20260203T1005Z"), event("CreateUser"))
    aws.traffic.fault("s3:GetObject")
    (batch,) = read(session, evidence)
    evidence.take([batch])
    aws.traffic.heal()

    assert [key("20260203T1005Z")] == list(batch.reading.unreadable)
    assert ["CreateUser"] == names(read(session, evidence))
