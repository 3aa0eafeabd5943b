"""Which of the actions that matter a document may allow, as bits: a cheap look before the exact one.

The bits ignore resources, conditions and denials, so they only ever say too much: where a bit is missing nothing
further needs to be asked.
"""

import json
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.resources import files

from observant.analysis.iam.document import Policy, Statement
from observant.analysis.iam.glob import is_literal, is_star, matches

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


READS = frozenset(
    {
        "dynamodb:BatchGetItem",
        "dynamodb:ExportTableToPointInTime",
        "dynamodb:GetItem",
        "dynamodb:GetRecords",
        "dynamodb:PartiQLSelect",
        "dynamodb:Query",
        "dynamodb:Scan",
        "ebs:GetSnapshotBlock",
        "elasticfilesystem:ClientMount",
        "kinesis:GetRecords",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
        "logs:StartQuery",
        "rds:StartExportTask",
        "rds-data:ExecuteStatement",
        "rds-db:connect",
        "redshift:GetClusterCredentials",
        "redshift:GetClusterCredentialsWithIAM",
        "redshift-data:ExecuteStatement",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "secretsmanager:GetSecretValue",
        "sqs:ReceiveMessage",
        "ssm:GetParameter",
        "ssm:GetParameterHistory",
        "ssm:GetParameters",
        "ssm:GetParametersByPath",
    }
)
"""Each answers with what is kept in the resource that it names, or with the way in."""

SHARES = frozenset(
    {
        "dynamodb:PutResourcePolicy",
        "ec2:ModifySnapshotAttribute",
        "kinesis:PutResourcePolicy",
        "rds:ModifyDBClusterSnapshotAttribute",
        "rds:ModifyDBSnapshotAttribute",
        "s3:PutAccessPointPolicy",
        "s3:PutBucketAcl",
        "s3:PutBucketPolicy",
        "s3:PutObjectAcl",
        "s3:PutObjectVersionAcl",
        "s3:PutReplicationConfiguration",
        "secretsmanager:PutResourcePolicy",
        "sqs:AddPermission",
        "sqs:SetQueueAttributes",
    }
)
"""Each lets somebody else read what is kept in the resource that it names."""


class Alphabet:
    """Some actions, each with a bit."""

    def __init__(self, actions: Iterable[str]) -> None:
        self.bit = {name: 1 << number for number, name in enumerate(sorted({each.lower() for each in actions}))}
        self.every = (1 << len(self.bit)) - 1
        self._by_service: dict[str, list[str]] = {}
        for name in self.bit:
            self._by_service.setdefault(name.partition(":")[0], []).append(name)
        self.of_pattern = lru_cache(maxsize=65536)(self._of_pattern)

    def _of_pattern(self, pattern: str) -> int:
        if is_literal(pattern):
            return self.bit.get(pattern, 0)
        if is_star(pattern):
            return self.every
        service = pattern.partition(":")[0]
        names = self._by_service.get(service, ()) if is_literal(service) else self.bit
        return sum(self.bit[name] for name in names if matches(pattern, name))

    def bits(self, actions: Iterable[str]) -> int:
        return sum(self.bit[each.lower()] for each in set(actions))

    def named(self, statement: Statement) -> int:
        found = 0
        for pattern in statement.actions:
            found |= self.of_pattern(pattern)
        return self.every & ~found if statement.not_action else found


def _asked() -> frozenset[str]:
    """Actions that the rules on administrators, escalation and MFA ask for."""
    held = json.loads((files("observant.analysis.iam") / "data" / "escalation_paths.json").read_bytes())
    paths = {action for each in held["paths"] for action in each["required"]}
    kinds = ("User", "Role", "Group")
    writes = {f"iam:{verb}{kind}Policy" for verb in ("Put", "Attach", "Detach", "Delete") for kind in kinds}
    limits = {f"iam:{verb}{kind}PermissionsBoundary" for verb in ("Put", "Delete") for kind in kinds[:2]}
    makes = {"iam:CreateRole", "iam:CreateUser", "iam:SetDefaultPolicyVersion", "iam:DeactivateMFADevice"}
    paths |= CREDENTIALS | DATA
    return frozenset(paths | writes | limits | makes | {"iam:DeletePolicyVersion", "iam:RemoveUserFromGroup"})


@cache
def routine() -> Alphabet:
    """The alphabet of the actions that are asked of everybody."""
    return Alphabet(_asked())


@lru_cache(maxsize=200_000)
def routine_of(document: Policy) -> int:
    """Bits of the actions asked of everybody that a document may allow."""
    if document.problem:
        return routine().every
    found = 0
    for statement, bits in routine_statements(document):
        if statement.allows:
            found |= bits
    return found


@lru_cache(maxsize=200_000)
def routine_bits(document: Policy) -> tuple[int, ...]:
    """For each statement the bits of the actions that it names."""
    return tuple(map(routine().named, document.statements))


def routine_statements(document: Policy) -> Iterator[tuple[Statement, int]]:
    """Each statement that names some of these actions, with their bits."""
    for statement, bits in zip(document.statements, routine_bits(document), strict=True):
        if bits:
            yield statement, bits
