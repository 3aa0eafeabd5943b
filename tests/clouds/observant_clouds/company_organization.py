"""Harbourlight's AWS organization over its year, and what is promised of it and of the account. Nothing here is real.

The account hangs below a unit whose service control policy is its guardrail; people reach it through Identity Center,
too. The stories:

- 10 February: the guardrail is taken off the unit for a migration, and is back on the 24th.
- 14 April: the account is made administrator of AWS Config for the whole organization. Nobody wrote that down.
- 5 May: a new policy is written and attached to nothing for a week.
- 30 May: grace is put into the emergency group, in which she is an administrator, and taken out a week later.
- 15 June: an account is opened for experiments. Nobody collects it, nor the management account.
- 1 July: emre is assigned a permission set by name for a week; on 3 August sessions last 12 hours for two days.
- 3 November: root credentials of members are managed centrally from now on.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from observant_clouds.aws import Organization, statement

if TYPE_CHECKING:
    from observant_clouds.company import Company

MANAGEMENT = "100020003000"
SANDBOX = "444433332222"

_GUARDRAIL = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Stay", "Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"},
        {
            "Sid": "Record",
            "Effect": "Deny",
            "Action": [
                "cloudtrail:StopLogging",
                "cloudtrail:DeleteTrail",
                "cloudtrail:UpdateTrail",
                "cloudtrail:PutEventSelectors",
            ],
            "Resource": "*",
            "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/organization-administrator"}},
        },
        {
            "Sid": "NoRoot",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}},
        },
        {
            "Sid": "Mfa",
            "Effect": "Deny",
            "NotAction": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "sts:GetSessionToken"],
            "Resource": "*",
            "Condition": {
                "Bool": {"aws:MultiFactorAuthPresent": "false"},
                "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"},
            },
        },
    ],
}

PROMISES: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("unused_role", "5.4", "Roles that nobody assumes for 90 days are removed.", {"max_idle": "90 days"}),
    (
        "analyzer_findings",
        "5.5",
        "Findings of Access Analyzer are resolved or archived within 30 days.",
        {"max_open": "30 days"},
    ),
    ("trail_retention", "12.1", "Logs of CloudTrail are kept for a year.", {"keep": "365 days"}),
    ("trail_encryption", "12.2", "Log files of CloudTrail are encrypted with a key of the company.", {}),
    ("trail_delivery", "12.3", "Recorded events reach the log bucket within two hours.", {"max_silence": "2 hours"}),
    (
        "sensitive_buckets",
        "12.4",
        "Every access to objects with data of customers is recorded.",
        {"buckets": '["harbourlight-customers"]'},
    ),
    ("organization_trail", "12.5", "The trail of the organization records every account.", {}),
    (
        "mfa_boundary",
        "13.1",
        "Users without MFA are stopped at the boundary of every account; programs are exempt.",
        {"except_access_keys": "true"},
    ),
    ("permission_set_session", "13.2", "Sessions in AWS accounts end after 8 hours.", {"max_session": "8 hours"}),
    (
        "admin_permission_sets",
        "13.3",
        "Only the permission set for emergencies gives unrestricted access.",
        {"allowed": '["Emergency"]'},
    ),
    (
        "account_administrators",
        "13.4",
        "Ada and Bjorn alone are administrators in an emergency.",
        {"allowed": '["ada *", "bjorn *"]'},
    ),
    (
        "delegated_administrators",
        "13.5",
        "The account administers CloudTrail for the organization, and nothing else.",
        {"allowed": '["111122223333 cloudtrail.amazonaws.com"]'},
    ),
)
"""Entries of the written policy: name, clause, statement, parameters."""


class CompanyOrganization:
    """The organization as it stands when the year begins, and what later events change."""

    def __init__(self, company: "Company", working: str) -> None:
        account = company.cloud.account(MANAGEMENT)
        account.aws_policy("AdministratorAccess", statement("*"))
        account.aws_policy("ViewOnlyAccess", statement(["s3:List*", "ec2:Describe*"]), path="/job-function/")
        self.of: Organization = company.cloud.organization(MANAGEMENT)
        self.unit = self.of.unit("production")
        self.of.account(working, "harbourlight", self.unit, joined="2024-06-01T09:00:00Z")
        self.guardrail = self.of.policy("guardrail", _GUARDRAIL)
        self.of.attach(self.guardrail, self.unit)
        self.regions = ""
        """The policy that is written in May."""
        self.of.delegate(working, "cloudtrail.amazonaws.com")
        self.emergency = self.of.group("emergency", ["ada", "bjorn"])
        self.readers = self.of.permission_set("Readers", session="PT8H", managed=["job-function/ViewOnlyAccess"])
        admins = self.of.permission_set("Emergency", session="PT1H", managed=["AdministratorAccess"])
        self.of.assign(admins, working, group=self.emergency)
        self.of.assign(self.readers, working, group=self.of.group("staff", ["ada", "bjorn", "chidi", "grace"]))


On = Callable[..., None]


def story(on: On, working: str) -> None:
    """`on(moment, step)` makes a step happen to the company then."""
    on("2025-11-03T10:00", lambda one: one.organization.of.state.root_features.append("RootCredentialsManagement"))
    on("2026-02-10T08:00", lambda one: one.organization.of.detach(one.organization.guardrail, one.organization.unit))
    on("2026-02-24T16:00", lambda one: one.organization.of.attach(one.organization.guardrail, one.organization.unit))
    on("2026-04-14T11:00", lambda one: one.organization.of.delegate(working, "config.amazonaws.com"))
    on("2026-05-05T09:00", lambda one: _writes_a_policy(one.organization))
    on("2026-05-12T09:00", lambda one: one.organization.of.attach(one.organization.regions, one.organization.unit))
    on("2026-05-30T20:00", lambda one: one.organization.of.join(one.organization.emergency, "grace"))
    on("2026-06-06T09:00", lambda one: one.organization.of.leave(one.organization.emergency, "grace"))
    on("2026-06-15T14:00", lambda one: one.organization.of.account(SANDBOX, "experiments") and None)
    on("2026-07-01T10:00", lambda one: one.organization.of.assign(one.organization.readers, working, person="emre"))
    on("2026-07-08T10:00", lambda one: one.organization.of.unassign(one.organization.readers, working, person="emre"))
    on("2026-08-03T09:00", lambda one: _sessions_last(one.organization, "PT12H"))
    on("2026-08-05T09:00", lambda one: _sessions_last(one.organization, "PT8H"))


def _writes_a_policy(organization: CompanyOrganization) -> None:
    elsewhere = {"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "us-east-1"]}}
    organization.regions = organization.of.policy("regions", statement("ec2:*", effect="Deny", Condition=elsewhere))


def _sessions_last(organization: CompanyOrganization, span: str) -> None:
    organization.of.find_permission_set(organization.readers).session_duration = span
