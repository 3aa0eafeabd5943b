"""Actions that hand out credentials or data, allowed on every resource.

Only what is allowed without naming resources counts: reading one named secret is what an application is for. Our own
list, checked against the action catalogue; it is short on purpose and names what leaks by a single call.
"""

import msgspec

from observant.analysis.iam.access import Access
from observant.analysis.iam.sensitive import alphabet

CREDENTIALS = frozenset(
    {
        "cognito-identity:GetCredentialsForIdentity",
        "cognito-identity:GetOpenIdTokenForDeveloperIdentity",
        "ec2:GetPasswordData",
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:CreateServiceSpecificCredential",
        "iam:ResetServiceSpecificCredential",
        "iam:UpdateLoginProfile",
        "lightsail:DownloadDefaultKeyPair",
        "lightsail:GetInstanceAccessDetails",
        "lightsail:GetRelationalDatabaseMasterUserPassword",
        "rds-db:connect",
        "redshift:GetClusterCredentials",
        "redshift:GetClusterCredentialsWithIAM",
        "redshift-serverless:GetCredentials",
        "secretsmanager:GetSecretValue",
        "ssm:GetParameter",
        "ssm:GetParameters",
        "ssm:GetParametersByPath",
        "sts:GetFederationToken",
    }
)
"""Each answers with a password, a key or a token of somebody else, or with what is kept as a secret."""

DATA = frozenset(
    {
        "dynamodb:Scan",
        "dynamodb:ExportTableToPointInTime",
        "ebs:GetSnapshotBlock",
        "ec2:ModifySnapshotAttribute",
        "rds:ModifyDBSnapshotAttribute",
        "rds:StartExportTask",
        "redshift-data:ExecuteStatement",
        "s3:GetObject",
        "sqs:ReceiveMessage",
    }
)
"""Each answers with stored data, or shares it with another account."""

_ALL = alphabet(CREDENTIALS | DATA)


class Exposure(msgspec.Struct, frozen=True):
    kind: str
    """`credentials` or `data`"""
    action: str
    certain: bool
    """False where it depends on keys."""
    because: tuple[str, ...]
    keys: tuple[str, ...]


def exposure(access: Access) -> list[Exposure]:
    """What a principal may read out of every resource of the account."""
    identity = access.policies.identity
    may = _ALL.allowed(identity) if isinstance(identity, tuple) else _ALL.every
    found = []
    for action in sorted(CREDENTIALS | DATA):
        if not may & _ALL.bit[action.lower()]:
            continue
        can = access.can(action)
        # None without keys: some resources only.
        if can.answer is True or (can.answer is None and can.keys):
            kind = "credentials" if action in CREDENTIALS else "data"
            found.append(Exposure(kind, action, can.answer is True, can.because, can.keys))
    return found
