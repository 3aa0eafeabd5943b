"""AWS: IAM, CloudTrail and the buckets behind it, read with few calls and on record to the last one."""

from observant.collect.aws.collector import COLLECTIONS, collect_account
from observant.collect.aws.fleet import Target, collect_accounts
from observant.collect.aws.session import AwsSession

__all__ = ["COLLECTIONS", "AwsSession", "Target", "collect_account", "collect_accounts"]
