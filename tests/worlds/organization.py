"""An AWS organization as builders: one in which every check must pass, one in which every check must fail."""

from collections.abc import Callable
from datetime import datetime

from observant.collect.aws import AwsSession
from observant.collect.organization import collect_organization
from observant.evidence.snapshot import Snapshot
from observant_clouds.aws import Cloud, Organization, cloud, statement

MANAGEMENT = "100020003000"
"""Its management account, which the estates collect too."""

WORKING = "111122223333"
"""The account of the AWS world."""

GUARD = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Deny", "Action": "organizations:Leave*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": ["cloudtrail:Stop*", "cloudtrail:Delete*", "cloudtrail:Update*", "cloudtrail:PutEventSelectors"],
            "Resource": "*",
            "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/LogAdministrator"}},
        },
        {
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}},
        },
        {
            "Effect": "Deny",
            "NotAction": ["iam:EnableMFADevice", "iam:CreateVirtualMFADevice", "sts:GetSessionToken"],
            "Resource": "*",
            "Condition": {
                "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"},
                "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"},
            },
        },
    ],
}

NOBODY = "999988887777"
"""An account that nobody collects."""


def read(build: Callable[[Cloud, Organization], None], at: datetime) -> Snapshot:
    """What the collector makes of the organization that `build` makes."""
    with cloud(start=at) as aws:
        build(aws, aws.organization(MANAGEMENT))
        return collect_organization(AwsSession(aws.session(MANAGEMENT)), aws.now)


def best(aws: Cloud, organization: Organization) -> None:
    """Everything as promised."""
    organization.state.root_features = ["RootCredentialsManagement", "RootSessions"]
    aws.account(MANAGEMENT).aws_policy("AdministratorAccess", statement("*"))
    aws.account(MANAGEMENT).aws_policy("ReadOnlyAccess", statement(["s3:Get*", "ec2:Describe*"]))
    prod = organization.unit("prod")
    organization.account(WORKING, "working", prod)
    organization.attach(organization.policy("guard", GUARD), prod)
    organization.account("222233334444", "closed", prod)
    organization.close("222233334444")
    organization.delegate("222233334444", "cloudtrail.amazonaws.com")
    admins = organization.permission_set("BreakGlass", session="PT1H", managed=["AdministratorAccess"])
    readers = organization.permission_set(
        "Readers", session="PT8H", managed=["ReadOnlyAccess"], customer=["narrow"], inline=statement("s3:Get*")
    )
    organization.assign(admins, WORKING, group=organization.group("emergency", ["ada"]))
    organization.assign(readers, WORKING, group=organization.group("staff", ["ada", "bob"]))


def worst(aws: Cloud, organization: Organization) -> None:
    """At least one violation of everything."""
    organization.account(WORKING, "working")
    _wrong(organization)


def _wrong(organization: Organization) -> None:
    organization.account(NOBODY, "forgotten")
    organization.delegate(NOBODY, "config.amazonaws.com")
    organization.policy("shelf", statement("organizations:LeaveOrganization", effect="Deny"))
    everything = organization.permission_set("Everything", session="PT12H", inline=statement("*"))
    for person in ("eve", "stale", "never"):
        organization.assign(everything, NOBODY, person=person)


def mixed(aws: Cloud, organization: Organization) -> None:
    """Some of both, so that hiding a part could change a verdict either way."""
    best(aws, organization)
    _wrong(organization)
