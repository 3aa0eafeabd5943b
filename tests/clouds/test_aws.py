"""The AWS test cloud does what the tests and the demo rely on: the parts of AWS that moto leaves out."""

import csv
import time
from datetime import UTC, datetime

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from observant_clouds.aws import DEFAULT_ACCOUNT, Key, access_key, cloud, process, server, statement

OTHER_ACCOUNT = "444455556666"


@pytest.fixture
def aws():
    with cloud() as running:
        yield running


def report(iam):
    while iam.generate_credential_report()["State"] != "COMPLETE":
        pass
    return iam.get_credential_report()


def rows(iam):
    return list(csv.DictReader(report(iam)["Content"].decode().splitlines()))


def server_client(control, service="iam", **config):
    session = botocore.session.Session()
    session.set_credentials(access_key(DEFAULT_ACCOUNT), "x")
    return session.create_client(
        service, region_name="us-east-1", endpoint_url=control.url, config=Config(retries={"max_attempts": 0}, **config)
    )


def test_the_report_has_a_root_row_and_ages(aws):
    account = aws.account()
    account.root(mfa=False, keys=[Key(700, 1)])
    account.user("ada", created=400, password=90, password_last_used=3, mfa="virtual", keys=[Key(200), Key(5, 1)])

    root, ada = rows(aws.session().create_client("iam"))

    assert ("<root_account>", "false", "true") == (root["user"], root["mfa_active"], root["access_key_1_active"])
    assert "2024-11-27T06:00:00+00:00" == ada["user_creation_time"]
    assert "2025-10-03T06:00:00+00:00" == ada["password_last_changed"]
    assert ("N/A", "2025-12-31T06:00:00+00:00") == (
        ada["access_key_1_last_used_date"],
        ada["access_key_2_last_used_date"],
    )


def test_the_summary_agrees_with_root(aws):
    aws.account().root(mfa=False, password=False, keys=[Key(700)])

    summary = aws.session().create_client("iam").get_account_summary()["SummaryMap"]

    assert (0, 0, 1) == tuple(
        summary[name] for name in ("AccountMFAEnabled", "AccountPasswordPresent", "AccountAccessKeysPresent")
    )


def test_a_report_is_cached_for_four_hours(aws):
    iam = aws.session().create_client("iam")
    first = report(iam)["GeneratedTime"]
    aws.account().user("late")
    aws.shift(hours=3)
    again = report(iam)

    assert first == again["GeneratedTime"]
    assert b"late" not in again["Content"]

    aws.shift(hours=2)
    with pytest.raises(ClientError, match="ReportExpired"):
        iam.get_credential_report()

    assert b"late" in report(iam)["Content"]


def test_authorization_details_are_paged_and_complete(aws):
    account = aws.account()
    names = {account.user(f"user-{i}") for i in range(5)} | {account.role("role"), account.group("group")}
    attached = account.aws_policy("ReadOnlyAccess", statement("s3:Get*"))
    account.aws_policy("AdministratorAccess", statement("*"))
    account.attach("role", "role", attached)
    pages = aws.session().create_client("iam").get_paginator("get_account_authorization_details")

    read = list(pages.paginate(PaginationConfig={"PageSize": 3}))
    found = [each["Arn"] for page in read for value in page.values() if isinstance(value, list) for each in value]

    assert 3 == len(read)
    assert sorted(names | {attached}) == sorted(found)


def test_accounts_are_apart(aws):
    aws.account(DEFAULT_ACCOUNT).user("here")
    aws.account(OTHER_ACCOUNT).user("there")

    users = aws.session(OTHER_ACCOUNT).create_client("iam").list_users()["Users"]

    assert ["there"] == [user["UserName"] for user in users]


def test_an_assumed_role_reaches_its_account(aws):
    aws.account(OTHER_ACCOUNT).user("there")
    sts = aws.session().create_client("sts")
    given = sts.assume_role(RoleArn=f"arn:aws:iam::{OTHER_ACCOUNT}:role/reader", RoleSessionName="test")["Credentials"]
    session = botocore.session.Session()
    session.set_credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    users = session.create_client("iam").list_users()["Users"]

    assert ["there"] == [user["UserName"] for user in users]


def test_faults_are_counted_and_end(aws):
    aws.traffic.fault("iam:ListUsers", times=1)
    iam = aws.session().create_client("iam")

    with pytest.raises(ClientError, match="AccessDenied"):
        iam.list_users()
    assert [] == iam.list_users()["Users"]
    assert (2, 1) == (aws.traffic.requests["iam:ListUsers"], aws.traffic.refused["iam:ListUsers"])


def test_the_clock_is_ours_and_monotonic_time_runs_on(aws):
    before = time.monotonic()
    aws.move_to(datetime(2026, 7, 1, 6, tzinfo=UTC))
    aws.account().user("ada")
    time.sleep(0.01)

    assert "2026-07-01T06:00:00+00:00" == rows(aws.session().create_client("iam"))[1]["user_creation_time"]
    assert 0.01 <= time.monotonic() - before < 60
    assert datetime(2026, 7, 1, 6, tzinfo=UTC) == aws.now()


def test_the_same_seed_makes_the_same_identifiers():
    def key_id():
        with cloud() as running:
            running.account().user("ada")
            return running.account().key("ada")

    assert key_id() == key_id()


def test_trails_of_all_regions_are_listed(aws):
    account = aws.account()
    account.bucket("trail-logs")
    account.trail("world", "trail-logs")
    europe = account.trail("europe", "trail-logs", region="eu-west-1", multi_region=False)
    trails = aws.session().create_client("cloudtrail")

    assert 2 == len(trails.list_trails()["Trails"])
    assert ["world"] == [each["Name"] for each in trails.describe_trails()["trailList"]]
    assert ["europe"] == [each["Name"] for each in trails.describe_trails(trailNameList=[europe])["trailList"]]


def test_the_server_is_built_throttled_and_counted_over_http():
    with server() as running:
        running.build("user", name="ada", created=400, keys=[{"created": 200}])
        running.control("traffic", {"throttle": {"iam": {"rate": 0.001, "burst": 1}}})
        iam = server_client(running)

        assert ["ada"] == [user["UserName"] for user in iam.list_users()["Users"]]
        with pytest.raises(ClientError, match="Throttling"):
            iam.list_users()
        assert {"iam:ListUsers": 2} == running.control("stats")["by_action"]

        running.control("reset")
        assert [] == iam.list_users()["Users"]


def test_the_server_names_bucket_operations():
    with server() as running:
        running.build("bucket", name="trail-logs")
        running.control("traffic", {"faults": [{"action": "s3:GetBucketPolicy"}]})
        buckets = server_client(running, "s3", s3={"addressing_style": "path"})

        with pytest.raises(ClientError, match="AccessDenied"):
            buckets.get_bucket_policy(Bucket="trail-logs")
        assert "Enabled" == buckets.get_bucket_versioning(Bucket="trail-logs")["Status"]


def test_the_server_runs_as_a_process():
    with process() as running:
        assert 10 == running.control("seed", {"users": 10})["users"]
        assert 10 == len(server_client(running).list_users()["Users"])
