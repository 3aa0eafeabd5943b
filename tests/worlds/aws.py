"""Whole AWS accounts as builders: one in which every check must pass, one in which every check must fail."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from observant.collect.aws import AwsSession, collect_account
from observant.evidence.snapshot import Snapshot
from observant_clouds.aws import DEFAULT_ACCOUNT, Account, Key, cloud, statement

GUARD = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "NotAction": [
                "iam:CreateVirtualMFADevice",
                "iam:EnableMFADevice",
                "iam:ListMFADevices",
                "sts:GetSessionToken",
            ],
            "Resource": "*",
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
        }
    ],
}
"""Denies everything but enrolment without MFA."""

VENDOR = "444455556666"
PIPELINES = "token.actions.githubusercontent.com"


def trusting(principal: dict[str, str], action: str = "sts:AssumeRole", **condition: Any) -> dict[str, Any]:
    """A trust policy of one statement."""
    one: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": action}
    if condition:
        one["Condition"] = condition
    return {"Version": "2012-10-17", "Statement": [one]}


def _pipeline(**condition: Any) -> dict[str, Any]:
    provider = f"arn:aws:iam::{DEFAULT_ACCOUNT}:oidc-provider/{PIPELINES}"
    return trusting({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", **condition)


EVERYBODY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::trail/*"}],
}
LOG_KEY = f"arn:aws:kms:us-east-1:{DEFAULT_ACCOUNT}:key/0e1f"
EVERY_OBJECT = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]


def read(build: Callable[[Account], None], at: datetime, number: str = DEFAULT_ACCOUNT) -> Snapshot:
    """What the collector makes of the account that `build` makes."""
    with cloud(start=at) as aws:
        build(aws.account(number))
        return collect_account(AwsSession(aws.session(number)), aws.now)


def quiet(account: Account) -> None:
    """An account nobody works in, with everything as promised."""
    account.root(mfa=True, password_last_used="2019-01-01T00:00:00Z")
    account.password_policy(minimum_length=14, reuse_prevention=24)
    _logs(account)


def _logs(account: Account) -> None:
    """A trail of the organization that records everything and data events, into a bucket that keeps it."""
    account.bucket("trail", object_lock=("COMPLIANCE", 400), expire_days=365)
    recorded = [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": EVERY_OBJECT}]
    account.trail("main", "trail", organization=True, selectors=recorded, kms_key=LOG_KEY)
    account.deliver("main", 0.01)
    account.analyzer("outside")


def best(account: Account) -> None:
    """Everything as promised, with the odd shapes that a careless reader gets wrong."""
    account.root(mfa=True, password_last_used="2019-01-01T00:00:00Z")
    account.password_policy(minimum_length=14, reuse_prevention=24)
    _logs(account)
    account.trail("stopped", "trail", logging=False, kms_key=LOG_KEY)
    account.finding(account.analyzer("unused", "ACCOUNT_UNUSED_ACCESS"), account.arn("role/app"), "UnusedPermission")
    account.bucket("payroll-exports")
    reader = account.aws_policy("ReadOnlyAccess", statement(["s3:Get*", "ec2:Describe*"]))
    account.group("staff", policies=[reader], inline={"one": statement("s3:GetObject"), "guard": GUARD})
    account.user(
        "ada", created=400, password=30, password_last_used=2, mfa="virtual", groups=["staff"], keys=[Key(80, 1)]
    )
    account.user("Zoë, Ltd", created=400, password=30, password_last_used=2, mfa="hardware", groups=["staff"])
    account.user("fresh", created=1, password=True, mfa="virtual", groups=["staff"])
    account.user("robot", created=400, groups=["staff"], keys=[Key(85, 0.1), Key(2)])
    account.user("retired", created=900, groups=["staff"], keys=[Key(400, 300, active=False)])
    account.role("app", created=400, last_used=2, inline={"narrow": statement("*", "arn:aws:s3:::data/*")})
    account.role("vendor", trusting({"AWS": VENDOR}, StringEquals={"sts:ExternalId": "c0ffee"}))
    account.role("pipeline", _pipeline(StringLike={f"{PIPELINES}:sub": "repo:acme/app:*"}))


def worst(account: Account) -> None:
    """At least one violation of everything."""
    account.root(mfa=False, password_last_used=0.2, keys=[Key(700, 0.5)])
    account.no_password_policy()
    account.bucket("trail", versioning=False, public_block=False, policy=EVERYBODY, expire_days=30)
    account.trail("main", "trail", logging=False, validation=False)
    account.trail("refused", "trail", multi_region=False)
    account.deliver("refused", 0.1, error="AccessDenied")
    account.bucket("payroll-exports")
    admin = account.policy("admin", statement(["s3:GetObject", "*"], ["*"]))
    account.group("staff", policies=[admin])
    account.user("stale", created=400, password=400, password_last_used=200, keys=[Key(400, 200)], groups=["staff"])
    account.user("never", created=400, password=True, groups=["staff"])
    account.user("double", created=400, keys=[Key(80, 1), Key(40, 1)], policies=[admin])
    account.role("app", created=400, inline={"everything": statement("*:*")})
    old = account.analyzer("unused", "ACCOUNT_UNUSED_ACCESS", created=90)
    account.finding(old, account.arn("role/app"), "UnusedIAMRole", created=60)
    account.user("climber", created=400, inline={"keys": statement("iam:CreateAccessKey")})
    account.role("open", trusting({"AWS": "*"}))
    account.role("pipeline", _pipeline(StringEquals={f"{PIPELINES}:aud": "sts.amazonaws.com"}))


def mixed(account: Account) -> None:
    """Some of both, so that hiding a part could change a verdict either way."""
    best(account)
    account.root(mfa=False, keys=[Key(10, 2)])
    account.stop_trail("main")
    account.user("stale", created=400, password=400, password_last_used=200, inline={"all": statement("*")})
    account.user("never", created=400, keys=[Key(100), Key(20, 1)])
