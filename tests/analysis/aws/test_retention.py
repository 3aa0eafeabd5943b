"""How long a bucket keeps log files after everything that deletes there, and what guards it."""

import json
from datetime import UTC, datetime

import pytest

from observant.analysis.aws.guarding import denies_deletion
from observant.analysis.aws.retention import UNLIMITED, bucket_keeps
from observant.collect.aws import AwsSession, collect_account
from observant.inventory.aws import EVENT_DATA_STORE, TRAIL_BUCKET
from observant.model.verdict import Verdict
from observant_clouds.aws import cloud
from worlds.workbench import Workbench, policy

LOGS = ["AWSLogs/"]


def rule(prefix="", days=90, **more):
    return {"Status": "Enabled", "Filter": {"Prefix": prefix}, "Expiration": {"Days": days}, **more}


def kept(*rules, versions=False, lock=0, prefixes=LOGS):
    return bucket_keeps({"lifecycle": json.dumps(rules), "versions": versions, "lock_days": lock}, prefixes)[0]


@pytest.mark.parametrize(
    ("rules", "days"),
    [
        ([], UNLIMITED),
        ([rule()], 90),
        ([rule("AWSLogs/")], 90),
        ([rule("AWSLogs/1111/CloudTrail/")], 90),
        ([rule("reports/")], UNLIMITED),
        ([rule("AWS"), rule(days=30)], 30),
        ([rule() | {"Status": "Disabled"}], UNLIMITED),
        ([rule() | {"Filter": {"And": {"Prefix": "", "Tags": [{"Key": "a", "Value": "b"}]}}}], UNLIMITED),
        ([rule() | {"Filter": {"ObjectSizeGreaterThan": 1}}], 90),
        ([{"Status": "Enabled", "Prefix": "AWSLogs/", "Expiration": {"Days": 60}}], 60),
        ([rule() | {"Expiration": {"Date": "2030-01-01T00:00:00Z"}}], None),
        ([{"Status": "Enabled", "Filter": {}, "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]}], UNLIMITED),
    ],
)
def test_the_first_rule_that_reaches_the_files(rules, days):
    assert days == kept(*rules)


def test_versions_stay_until_their_own_rule():
    hidden_only, both = rule(), rule(NoncurrentVersionExpiration={"NoncurrentDays": 30})

    assert UNLIMITED == kept(hidden_only, versions=True)
    assert 120 == kept(both, versions=True)
    assert 90 == kept(both)


@pytest.mark.parametrize(("status", "days"), [("Enabled", UNLIMITED), ("Suspended", 90), (None, 90)])
def test_suspended_versioning_keeps_nothing_of_what_expires(status, days):
    """Files that came meanwhile have no version id, and the delete marker takes their place."""
    versioning = {} if status is None else {"Status": status}
    told = {"Name": "trail", "OwnedByThisAccount": True, "Exists": True, "Versioning": versioning, "ObjectLock": None}
    (row,) = TRAIL_BUCKET.readings[0].rows("arn:aws:s3:::trail", {**told, "LifecycleRules": [rule()]})

    assert days == bucket_keeps(dict(zip(TRAIL_BUCKET.columns, row.values, strict=True)), LOGS)[0]


@pytest.mark.parametrize(("owner", "verdict"), [(True, Verdict.NOT_APPLICABLE), (False, Verdict.UNKNOWN)])
def test_a_bucket_of_another_account_is_judged_there_or_by_nobody(tmp_path, owner, verdict):
    start = datetime(2025, 6, 2, 6, tzinfo=UTC)
    bench = Workbench(tmp_path, start)

    def archive(account):
        account.bucket("central-logs")
        account.trail("all", "central-logs")

    with cloud(start=start) as running:
        if owner:
            archive(running.account("222233334444"))
        running.traffic.fault("s3:HeadBucket", "403", 403)
        here = running.account("111122223333")
        here.bucket("here")
        here.trail("main", "here")
        here.find_trail("main").bucket_name = "central-logs"
        for number in ("111122223333", "222233334444")[: 1 + owner]:
            bench.record(collect_account(AwsSession(running.session(number)), running.now))
    found = bench.evaluate(policy(start.date())).now()

    checks = ("aws-log-retention", "aws-log-bucket-guarded", "aws-log-bucket-public")
    said = [one.verdict for one in found if one.scope == "aws:111122223333" and one.check in checks and one.member]
    assert [verdict] * 3 == said


def test_object_lock_keeps_whatever_the_rules_say():
    both = rule(NoncurrentVersionExpiration={"NoncurrentDays": 1})

    assert (400, 91) == (kept(both, versions=True, lock=400), kept(both, versions=True, lock=10))


def test_the_trails_own_prefix_counts():
    assert (UNLIMITED, 90) == (
        kept(rule("AWSLogs/"), prefixes=["audit/AWSLogs/"]),
        kept(rule("audit"), prefixes=["audit/AWSLogs/"]),
    )


def test_what_was_not_shown_is_not_known():
    assert bucket_keeps({"lifecycle": None, "versions": True, "lock_days": 0}, LOGS)[0] is None


DENY = {"Effect": "Deny", "Principal": "*", "Action": "s3:Delete*", "Resource": "arn:aws:s3:::trail/*"}


@pytest.mark.parametrize(
    ("change", "guarded"),
    [
        ({}, True),
        ({"Principal": {"AWS": ["*"]}}, True),
        ({"Effect": "Allow"}, False),
        ({"Action": "s3:DeleteObject"}, False),
        ({"Resource": "arn:aws:s3:::other/*"}, False),
        ({"Principal": {"AWS": "arn:aws:iam::1:role/x"}}, False),
        ({"Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}}, False),
    ],
)
def test_a_policy_guards_when_it_spares_nobody(change, guarded):
    assert guarded is denies_deletion(json.dumps({"Statement": [DENY | change]}), "trail")


def test_no_policy_guards_nothing_and_an_unreadable_one_is_not_known():
    assert (False, None) == (denies_deletion("", "trail"), denies_deletion("{", "trail"))


@pytest.mark.parametrize(("status", "days"), [("ENABLED", 400), ("STOPPED_INGESTION", 400), ("PENDING_DELETION", 7)])
def test_an_event_data_store_that_is_being_deleted_keeps_nothing_for_long(status, days):
    (row,) = EVENT_DATA_STORE.readings[0].rows("arn:store", {"Status": status, "RetentionPeriod": 400})

    assert days == dict(zip(EVENT_DATA_STORE.columns, row.values, strict=True))["retention_days"]
