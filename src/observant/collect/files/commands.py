"""Which command of the AWS command line makes the export that a collection needs."""

from observant.collect.files.exports import (
    ALIASES,
    DETAILS,
    PASSWORD_POLICY,
    REPORT,
    SELECTORS,
    SUMMARY,
    TRAIL_STATUS,
    TRAILS,
    VIRTUAL_MFA,
)
from observant.evidence.snapshot import Collection, Gap, GapReason

SOURCES: dict[str, str] = {
    "iam.account_summary": SUMMARY,
    "iam.users": DETAILS,
    "iam.groups": DETAILS,
    "iam.roles": DETAILS,
    "iam.policies": DETAILS,
    "iam.password_policy": PASSWORD_POLICY,
    "iam.account_alias": ALIASES,
    "iam.virtual_mfa_devices": VIRTUAL_MFA,
    "cloudtrail.trails": TRAILS,
    "cloudtrail.trail_status": TRAIL_STATUS,
    "cloudtrail.event_selectors": SELECTORS,
    "cloudtrail.public_keys": "",
    "s3.buckets": "",
    "s3.trail_buckets": "",
    "logs.trail_log_groups": "",
    "ec2.regions": "",
    "cloudtrail.event_data_stores": "",
    "accessanalyzer.analyzers": "",
    "accessanalyzer.findings": "",
    "iam.credential_report": REPORT,
    "iam.credential_report_meta": REPORT,
    "iam.mfa_devices": "",
}
"""Every collection of an AWS account -> the subcommand; empty where no single export holds it."""

COMMANDS = {
    DETAILS: "aws iam get-account-authorization-details > authorization-details.json",
    SUMMARY: "aws iam get-account-summary > account-summary.json",
    PASSWORD_POLICY: "aws iam get-account-password-policy > password-policy.json",
    ALIASES: "aws iam list-account-aliases > account-aliases.json",
    VIRTUAL_MFA: "aws iam list-virtual-mfa-devices > virtual-mfa-devices.json",
    TRAILS: "aws cloudtrail describe-trails > trails.json",
    TRAIL_STATUS: "aws cloudtrail get-trail-status --name <trail> > trail-status-<trail>.json, for each trail",
    SELECTORS: "aws cloudtrail get-event-selectors --trail-name <trail> > event-selectors-<trail>.json, for each trail",
    REPORT: "aws iam generate-credential-report, then aws iam get-credential-report > credential-report.json",
}


def missing(collection: str) -> Collection:
    """The collection as a gap that says which command fills it."""
    command = COMMANDS.get(SOURCES[collection])
    detail = f"no export: {command}" if command else "not read from files: collect from the account itself"
    return Collection(collection, gap=Gap(GapReason.NOT_ATTEMPTED, detail))
