import pytest

from observant.collect.aws import AwsSession
from observant.evidence.snapshot import Collection, Snapshot
from observant_clouds.aws import Account, Cloud, Key, cloud, statement


@pytest.fixture
def aws():
    with cloud() as running:
        yield running


@pytest.fixture
def session(aws: Cloud) -> AwsSession:
    return AwsSession(aws.session(), pause=lambda _: None)


def furnish(account: Account) -> None:
    """A small company: two people, a robot, a group, a role, an administrator policy and a trail."""
    account.root(password_last_used=300)
    everything = account.policy("everything", statement("*"), created=700)
    reading = account.aws_policy("ReadOnlyAccess", statement("s3:Get*"))
    account.group("admins", policies=[everything], created=700)
    account.user("ada", created=400, password=90, password_last_used=3, mfa="virtual", groups=["admins"])
    account.user("bob", created=300, password=True, mfa="hardware", policies=[reading])
    account.user("robot", path="/ci/", created=200, keys=[Key(200, 3), Key(5)], inline={"put": statement("s3:Put*")})
    account.role("deploy", created=100, last_used=2, policies=[everything])
    account.bucket("trail-logs", expire_days=400, policy=statement("s3:GetBucketAcl", "arn:aws:s3:::trail-logs"))
    account.trail("main", "trail-logs", started=500)
    account.password_policy()
    account.alias("example-company")


def gaps(snapshot: Snapshot) -> dict[str, str]:
    return {one.name: one.gap.reason.value for one in snapshot.collections if one.gap is not None}


def named(snapshot: Snapshot, name: str) -> Collection:
    return next(one for one in snapshot.collections if one.name == name)


@pytest.fixture
def company(aws: Cloud) -> Account:
    account = aws.account()
    furnish(account)
    return account
