"""Many accounts: each for itself, whatever happens to the others."""

import threading

import pytest

from collect.conftest import furnish, gaps
from observant.collect.aws import COLLECTIONS, AwsSession, Target, collect_accounts
from observant.errors import UsageError
from observant.evidence.snapshot import GapReason

ACCOUNTS = [f"{number:012d}" for number in range(200000000001, 200000000006)]


def role(account):
    return f"arn:aws:iam::{account}:role/observant"


@pytest.fixture
def targets(aws):
    for account in ACCOUNTS:
        furnish_once(aws.account(account))
    return [Target.of_role(role(account)) for account in ACCOUNTS]


def furnish_once(account):
    account.user(f"user-of-{account.number}")


def taken(aws, session, targets, **more):
    return {snapshot.scope: snapshot for snapshot in collect_accounts(targets, aws.now, session, **more)}


def test_each_account_is_read_through_its_role(aws, session, targets):
    snapshots = taken(aws, session, targets)

    assert {f"aws:{account}" for account in ACCOUNTS} == set(snapshots)
    for account in ACCOUNTS:
        snapshot = snapshots[f"aws:{account}"]
        users = next(one for one in snapshot.collections if one.name == "iam.users")
        assert [f"arn:aws:iam::{account}:user/user-of-{account}"] == [each.urn for each in users.entities]
        assert f"arn:aws:sts::{account}:assumed-role/observant/observant" == snapshot.supplied_by
        assert {} == gaps(snapshot)


def test_a_denied_role_is_gaps_and_stops_nobody(aws, session, targets):
    aws.traffic.fault("sts:AssumeRole", containing=ACCOUNTS[2])

    snapshots = taken(aws, session, targets)
    denied = snapshots.pop(f"aws:{ACCOUNTS[2]}")

    assert dict.fromkeys(COLLECTIONS, "denied") == gaps(denied)
    assert ["sts:AssumeRole"] == [request.operation for request in denied.requests]
    assert all({} == gaps(snapshot) for snapshot in snapshots.values())


def test_trouble_in_one_account_stays_there(aws, session, targets):
    aws.traffic.fault("iam:GetAccountAuthorizationDetails", containing="", account="")
    aws.traffic.faults[0].times = 1

    snapshots = taken(aws, session, targets, workers=2)

    assert 1 == sum(bool(gaps(snapshot)) for snapshot in snapshots.values())


def test_the_wrong_account_is_not_taken_for_the_right_one(aws, session):
    target = Target(ACCOUNTS[0], role(ACCOUNTS[1]))

    (snapshot,) = collect_accounts([target], aws.now, session)

    assert f"aws:{ACCOUNTS[0]}" == snapshot.scope
    assert {GapReason.FAILED} == {one.gap.reason for one in snapshot.collections}
    assert f"reach account {ACCOUNTS[1]}" in snapshot.collections[0].gap.detail


def test_without_a_role_the_caller_reads_its_own_account(aws, session):
    furnish(aws.account())

    (snapshot,) = collect_accounts([Target("111122223333")], aws.now, session)

    assert {} == gaps(snapshot)


def test_the_external_id_is_used_and_not_kept(aws, session, targets):
    sent = []
    answer = aws.traffic.answer_instead
    aws.traffic.answer_instead = lambda action, account, request: (
        sent.append(request) or answer(action, account, request)
    )

    (snapshot,) = collect_accounts([Target.of_role(role(ACCOUNTS[0]), "shared-secret")], aws.now, session)

    assert any("shared-secret" in request for request in sent)
    assert "shared-secret" not in repr(snapshot)
    assert {"sts:AssumeRole": ""} == {
        one.operation: one.body_sha256 for one in snapshot.requests if one.operation == "sts:AssumeRole"
    }


def test_few_accounts_are_in_memory_however_slow_the_caller(aws, session, targets):
    entered = []
    lock = threading.Lock()

    def progress(line):
        with lock:
            entered.append(line.split()[0])

    stream = collect_accounts(targets, aws.now, session, workers=1, progress=progress)
    next(stream)

    assert len(set(entered)) <= 3
    stream.close()


def test_an_account_is_named_once(aws, session, targets):
    with pytest.raises(UsageError, match=f"{ACCOUNTS[0]} is to be read twice"):
        next(collect_accounts([*targets, targets[0]], aws.now, session))


def test_a_role_is_an_arn():
    with pytest.raises(UsageError, match="not the ARN of a role"):
        Target.of_role("observant")


def test_siblings_share_no_log(aws, session):
    sibling: AwsSession = session.sibling()
    sibling.call("sts", "GetCallerIdentity")

    assert ([], 1) == (session.requests, len(sibling.requests))
