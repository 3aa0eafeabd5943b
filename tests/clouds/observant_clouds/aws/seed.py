"""An account of any size whose every user follows from an index, for benchmarks and laws."""

from typing import Any

from observant_clouds.aws.world import Account, Key, statement

SHAPES: tuple[dict[str, Any], ...] = (
    {"password": 400, "password_last_used": 5, "mfa": "virtual"},
    {"password": 400, "password_last_used": 5, "mfa": "virtual", "keys": [Key(30, 1)]},
    {"password": 400, "password_last_used": 5},
    {"keys": [Key(30, 2)]},
    {"keys": [Key(200, 2)]},
    {"keys": [Key(200, 100)]},
    {"keys": [Key(200)]},
    {"password": 400, "password_last_used": 100, "mfa": "virtual"},
    {"password": 400, "mfa": "virtual"},
    {"password": 400, "password_last_used": 100, "keys": [Key(400, 300, active=False)]},
    {"keys": [Key(80, 3), Key(10, 1)]},
    {},
)
"""What user number i is made of: `SHAPES[i % 12]`."""

TRUSTED: tuple[dict[str, str], ...] = (
    {"Service": "ec2.amazonaws.com"},
    {"Service": "lambda.amazonaws.com"},
    {"AWS": "arn:aws:iam::999999999999:root"},
)


def seed(account: Account, users: int) -> dict[str, int]:
    """Users, and in proportion groups (1/20), roles (1/5) and policies (20 + 1/10); three trails; what was made."""
    policies = [account.policy(f"app-{i}", _document(i), created=500) for i in range(20 + users // 10)]
    policies.append(account.aws_policy("ReadOnlyAccess", statement(["s3:Get*", "s3:List*", "ec2:Describe*"])))
    groups = max(5, users // 20)
    for i in range(groups):
        inline = {"inline": statement("s3:GetObject", "arn:aws:s3:::data/*")} if i % 3 == 0 else {}
        account.group(f"group-{i}", policies=[policies[i * 7 % len(policies)]], inline=inline, created=600)
    for i in range(users // 5):
        trust = {"Effect": "Allow", "Principal": TRUSTED[i % 3], "Action": "sts:AssumeRole"}
        account.role(
            f"role-{i}",
            {"Version": "2012-10-17", "Statement": [trust]},
            created=300,
            last_used=200 if i % 2 else None,
            policies=[policies[i * 3 % len(policies)]],
            inline={"inline": _document(i)} if i % 4 == 0 else {},
        )
    for i in range(users):
        account.user(
            f"user-{i:05d}",
            created=500,
            groups=[f"group-{i % groups}"],
            policies=[policies[i % len(policies)]] if i % 10 == 3 else [],
            inline={"inline": _document(i)} if i % 10 == 7 else {},
            tags={"team": f"team-{i % 9}"},
            **SHAPES[i % len(SHAPES)],
        )
    _trails(account)
    account.root(password_last_used=300)
    account.password_policy(minimum_length=12)
    account.alias(f"seeded-{account.number}")
    return {"users": users, "groups": groups, "roles": users // 5, "policies": len(policies)}


def _document(i: int) -> dict[str, Any]:
    objects = {"Effect": "Allow", "Action": ["s3:GetObject", "sqs:SendMessage"], "Resource": f"arn:aws:s3:::b{i}/*"}
    table = {"Effect": "Allow", "Action": "dynamodb:Query", "Resource": f"arn:aws:dynamodb:*:*:table/t{i}"}
    return {"Version": "2012-10-17", "Statement": [objects, table]}


def _trails(account: Account) -> None:
    bucket = f"trail-logs-{account.number}"
    account.bucket(bucket, expire_days=400)
    account.trail("organization", bucket)
    account.trail("stopped", bucket, multi_region=False, logging=False)
    management = {"Field": "eventCategory", "Equals": ["Management"]}
    account.trail(
        "advanced", bucket, multi_region=False, advanced_selectors=[{"Name": "all", "FieldSelectors": [management]}]
    )
