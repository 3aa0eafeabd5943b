"""The buckets that trails deliver to: how long and how safely the log is kept."""

from collections.abc import Iterator
from typing import NamedTuple

from observant.collect.aws.paging import instead, listed
from observant.collect.aws.part import Declaration, Part, Reading
from observant.collect.aws.unread import Unread
from observant.evidence.snapshot import Collection, Entity, GapReason, Json

BUCKETS_COLLECTION = "s3.buckets"
PAGE = 1000
"""Buckets in one page; with pages AWS also says each bucket's region."""


class Setting(NamedTuple):
    """One API call about a bucket. An answer of `none_when` means that nothing is set, which is an answer too."""

    operation: str
    action: str
    field: str
    """Field of the answer that holds the setting; empty for the whole answer."""
    none_when: str = ""


SETTINGS = {
    "Versioning": Setting("GetBucketVersioning", "s3:GetBucketVersioning", ""),
    "PublicAccessBlock": Setting(
        "GetPublicAccessBlock",
        "s3:GetBucketPublicAccessBlock",
        "PublicAccessBlockConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
    ),
    "Policy": Setting("GetBucketPolicy", "s3:GetBucketPolicy", "Policy", "NoSuchBucketPolicy"),
    "PolicyStatus": Setting("GetBucketPolicyStatus", "s3:GetBucketPolicyStatus", "PolicyStatus", "NoSuchBucketPolicy"),
    "Acl": Setting("GetBucketAcl", "s3:GetBucketAcl", "Grants"),
    "LifecycleRules": Setting(
        "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration", "Rules", "NoSuchLifecycleConfiguration"
    ),
    "Encryption": Setting(
        "GetBucketEncryption",
        "s3:GetEncryptionConfiguration",
        "ServerSideEncryptionConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
    ),
    "ObjectLock": Setting(
        "GetObjectLockConfiguration",
        "s3:GetBucketObjectLockConfiguration",
        "ObjectLockConfiguration",
        "ObjectLockConfigurationNotFoundError",
    ),
    "Logging": Setting("GetBucketLogging", "s3:GetBucketLogging", "LoggingEnabled"),
}
"""Name in the configuration -> where it comes from. A setting that is not set is null."""


def _setting(reading: Reading, bucket: str, setting: Setting) -> object:
    try:
        answer = reading.call("s3", setting.operation, Bucket=bucket)
    except Unread as unread:
        if setting.none_when and unread.code == setting.none_when:
            return None
        raise
    return answer.get(setting.field) if setting.field else answer


def _bucket(reading: Reading, bucket: str) -> tuple[Json, list[Unread]]:
    """The configuration of one bucket, and what could not be read of it."""
    configuration: Json = {"Name": bucket, "Exists": True}
    refused: list[Unread] = []
    for name, setting in SETTINGS.items():
        try:
            configuration[name] = _setting(reading, bucket, setting)
        except Unread as unread:
            if unread.code == "NoSuchBucket":  # a trail may point to a bucket that somebody deleted
                return {"Name": bucket, "Exists": False}, []
            refused.append(unread)
    return configuration, refused


def _own_buckets(reading: Reading) -> Iterator[Collection]:
    buckets = listed(reading, "s3", "ListBuckets", "Buckets", "", "ContinuationToken", MaxBuckets=PAGE)
    arns = {bucket["Name"]: f"arn:{reading.partition}:s3:::{bucket['Name']}" for bucket in buckets}
    yield Collection(BUCKETS_COLLECTION, [Entity(arns[bucket["Name"]], bucket) for bucket in buckets])


def _exists(reading: Reading, bucket: str) -> bool:
    """Whether a bucket that is not this account's is there at all. Raises Unread when that cannot be told."""
    try:
        reading.call("s3", "HeadBucket", Bucket=bucket)
    except Unread as unread:
        if unread.code == "404":
            return False
        if unread.reason is not GapReason.DENIED:
            raise
    return True  # a bucket of somebody else refuses, and only one that is there can


def _read(reading: Reading) -> Iterator[Collection]:
    trails = reading.need("cloudtrail.trails").entities
    names = sorted({trail.configuration["S3BucketName"] for trail in trails if "S3BucketName" in trail.configuration})
    own = {bucket.configuration["Name"] for bucket in reading.need(BUCKETS_COLLECTION).entities}
    entities: list[Entity] = []
    refused: list[Unread] = []
    for name in names:
        # An organization's trail delivers to a bucket of the log archive account; that account's snapshot has it.
        configuration: Json = {"Name": name, "OwnedByThisAccount": False}
        if name not in own:
            try:
                configuration["Exists"] = _exists(reading, name)
            except Unread as unread:
                configuration |= instead(unread)
        else:
            read, not_read = _bucket(reading, name)
            configuration = {**read, "OwnedByThisAccount": True}
            refused += [Unread(one.reason, f"{name}: {one.detail}") for one in not_read]
        entities.append(Entity(f"arn:{reading.partition}:s3:::{name}", configuration))
    if refused:
        raise Unread(_worst(refused), "; ".join(one.detail for one in refused))
    yield Collection("s3.trail_buckets", entities)


def _worst(refused: list[Unread]) -> GapReason:
    reasons = {one.reason for one in refused}
    return refused[0].reason if len(reasons) == 1 else GapReason.FAILED


BUCKETS = Part(Declaration((BUCKETS_COLLECTION,), {"ListBuckets": ("s3:ListAllMyBuckets",)}), _own_buckets)

TRAIL_BUCKETS = Part(
    Declaration(
        ("s3.trail_buckets",),
        {
            "HeadBucket": ("s3:ListBucket",),
            **{setting.operation: (setting.action,) for setting in SETTINGS.values()},
        },
    ),
    _read,
)
