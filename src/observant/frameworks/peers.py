"""Checks of other tools that ask the same question as one of ours, and where the answers must differ.

Ids are facts; the words are ours. `NOT_HERE` names what the others ask and nobody asks here, with the reason, so that
the list of their checks has no hole: a test counts them.
"""

import msgspec

PEERS: dict[str, str] = {
    "prowler": "Prowler 5.46",
    "hub": "AWS Security Hub CSPM, as documented in 2026",
}
"""Code -> name. Prowler's ids are written without the `iam_`, `cloudtrail_` or other name of the service where it is
in the id of the check anyway: they are whole here."""


class Same(msgspec.Struct, frozen=True):
    """Questions that are the same, of us and of others."""

    ours: str
    """A check of the catalogue."""
    prowler: tuple[str, ...]
    hub: tuple[str, ...]
    differs: str
    """Where the verdicts differ, and why."""


def _same(ours: str, prowler: str, hub: str, differs: str) -> Same:
    return Same(ours, tuple(prowler.split()), tuple(hub.split()), differs)


_POLICY = (
    "iam_password_policy_expires_passwords_within_90_days_or_less iam_password_policy_lowercase "
    "iam_password_policy_minimum_length_14 iam_password_policy_number iam_password_policy_reuse_24 "
    "iam_password_policy_symbol iam_password_policy_uppercase"
)

SAME: tuple[Same, ...] = (
    _same(
        "aws-root-mfa",
        "iam_root_mfa_enabled",
        "IAM.9",
        "All three pass a root user without credentials. A denied summary is unknown here; Prowler then has no line.",
    ),
    _same(
        "aws-root-access-keys",
        "iam_no_root_access_key",
        "IAM.4",
        "An inactive root key passes here and in Prowler, as it cannot be used; Security Hub counts keys that exist.",
    ),
    _same(
        "aws-root-use",
        "iam_avoid_root_usage",
        "",
        "Prowler looks one day back from the scan, and at a key only where no password use is shown. Here every use of "
        "either, in the whole period, is an exception of a day.",
    ),
    _same(
        "organization-central-root",
        "iam_root_credentials_management_enabled",
        "",
        "The same answer; a refused call is unknown here.",
    ),
    _same(
        "aws-access-key-rotation",
        "iam_rotate_access_key_90_days",
        "IAM.3",
        "Theirs is 90 days; ours is the documented interval that was in force at the moment, and unknown without one.",
    ),
    _same(
        "aws-access-key-unused",
        "iam_user_accesskey_unused",
        "IAM.8 IAM.22",
        "Theirs are 45 and 90 days. Prowler passes a key that was never used at any age; here it counts from creation.",
    ),
    _same(
        "aws-access-key-overlap",
        "iam_user_two_active_access_key",
        "",
        "Two keys fail at once there; here only after the documented time of a rotation.",
    ),
    _same(
        "aws-credential-never-used",
        "iam_user_no_setup_initial_access_key",
        "IAM.8 IAM.22",
        "Prowler means keys made together with a password; here every credential that was never used counts, after the "
        "documented time.",
    ),
    _same(
        "aws-user-inactive",
        "iam_user_console_access_unused",
        "IAM.8 IAM.22",
        "Prowler passes a user who never signed in. The others judge each credential; here a user is active while any "
        "of them is used, and credentials have checks of their own.",
    ),
    _same(
        "aws-console-mfa",
        "iam_user_mfa_enabled_console_access",
        "IAM.5",
        "The same question: registered. Whether anything asks for it is `aws-mfa-enforced`, which they do not have.",
    ),
    _same(
        "aws-password-policy",
        _POLICY,
        "IAM.7 IAM.10 IAM.11 IAM.12 IAM.13 IAM.14 IAM.15 IAM.16 IAM.17",
        "Seven and nine fixed numbers there, one documented promise here; what was not promised is not asked for.",
    ),
    _same(
        "aws-full-access-policy",
        "iam_aws_attached_policy_no_administrative_privileges "
        "iam_customer_attached_policy_no_administrative_privileges iam_inline_policy_no_administrative_privileges",
        "IAM.1",
        "Prowler misses `*:*` and a `*` among other resources; Security Hub reads customer managed policies only, "
        "attached or not. Both ignore NotAction and documented administrators, which count here.",
    ),
    _same(
        "aws-administrators",
        "iam_user_administrator_access_policy iam_role_administratoraccess_policy "
        "iam_group_administrator_access_policy iam_administrator_access_with_mfa",
        "",
        "Prowler asks for the policy of that name. Here whoever can do or give themselves everything, over all their "
        "policies, boundary and service control policies, is an administrator, whatever the policy is called.",
    ),
    _same(
        "aws-privilege-escalation",
        "iam_policy_allows_privilege_escalation iam_inline_policy_allows_privilege_escalation",
        "",
        "Prowler judges each document; a path over two policies passes there, and one without a target fails. Here "
        "paths are of principals, and need a target that exists. "
        "Prowler 5.46 passes every policy when its list of actions is newer than its list of combinations (measured).",
    ),
    _same(
        "aws-user-direct-policy",
        "iam_policy_attached_only_to_group_or_roles",
        "IAM.2",
        "The same question over inline and attached policies.",
    ),
    _same(
        "aws-role-trust",
        "iam_role_cross_account_readonlyaccess_policy",
        "",
        "Prowler looks at roles with one AWS managed policy. Here every outside account must be documented.",
    ),
    _same(
        "aws-analyzer-enabled",
        "accessanalyzer_enabled",
        "IAM.28",
        "Prowler asks every region and passes one with any active analyzer, of unused access too. Here one of external "
        "access must be active in a region that is asked; an organization's counts for its members.",
    ),
    _same(
        "aws-analyzer-finding",
        "accessanalyzer_enabled_without_findings",
        "",
        "Any open finding fails there. Here it fails after the documented time, and unused access counts, too.",
    ),
    _same(
        "aws-cloudtrail-coverage",
        "cloudtrail_multi_region_enabled cloudtrail_multi_region_enabled_logging_management_events",
        "CloudTrail.1 CloudTrail.3",
        "There the status of today; here every stretch in which no trail recorded. Advanced selectors are evaluated: "
        "one that leaves a service out does not record everything.",
    ),
    _same(
        "aws-cloudtrail-validation",
        "cloudtrail_log_file_validation_enabled",
        "CloudTrail.4",
        "Every trail there; here the one that records everything. `observant changes verify-digests` checks the files.",
    ),
    _same(
        "aws-trail-encryption",
        "cloudtrail_kms_encryption_enabled",
        "CloudTrail.2",
        "A key is asked for only where the written policy promises one.",
    ),
    _same(
        "aws-log-bucket-public",
        "cloudtrail_logs_s3_bucket_is_not_publicly_accessible",
        "CloudTrail.6",
        "Prowler reads the access control list; here the bucket policy counts, too, and so does what blocks both. A "
        "bucket of another account is for somebody to look at there; here it is judged in that account.",
    ),
    _same(
        "aws-log-bucket-guarded",
        "cloudtrail_bucket_requires_mfa_delete",
        "",
        "MFA delete there; here Object Lock and an unconditional denial guard as well.",
    ),
    _same(
        "aws-sensitive-bucket-events",
        "cloudtrail_s3_dataevents_read_enabled cloudtrail_s3_dataevents_write_enabled",
        "S3.22 S3.23",
        "There some trail must record objects of all buckets; here each bucket declared sensitive is asked for.",
    ),
    _same(
        "organization-delegated-administrator",
        "organizations_delegated_administrators",
        "",
        "Trusted accounts are a setting there, a clause of the written policy here, per service.",
    ),
)

NOT_HERE: dict[str, str] = {
    "iam_root_hardware_mfa_enabled": "the kind of root's device is not collected",
    "iam_user_hardware_mfa_enabled": "kinds of devices are in aws_mfa_device; no check asks for one",
    "iam_user_with_temporary_credentials": "needs a call for each user; keys of people and programs are judged by use",
    "iam_user_access_not_stale_to_bedrock": "one service; needs a call for each user",
    "iam_user_access_not_stale_to_sagemaker": "one service; needs a call for each user",
    "iam_role_access_not_stale_to_bedrock": "one service; aws-role-unused asks whether a role is used for anything",
    "iam_customer_unattached_policy_no_administrative_privileges": "a policy attached to nobody grants nothing",
    "iam_policy_no_full_access_to_cloudtrail": "`observant who-can cloudtrail:StopLogging` answers it for principals",
    "iam_inline_policy_no_full_access_to_cloudtrail": "as above",
    "iam_policy_no_full_access_to_kms": "`observant who-can kms:Decrypt` answers it for principals",
    "iam_inline_policy_no_full_access_to_kms": "as above",
    "iam_policy_no_wildcard_marketplace_subscribe": "spending, not access; `access_statements` can forbid it",
    "iam_inline_policy_no_wildcard_marketplace_subscribe": "as above",
    "iam_no_custom_policy_permissive_role_assumption": "part of aws-privilege-escalation where the roles exist",
    "iam_policy_cloudshell_admin_not_attached": "one policy by its name",
    "iam_policy_passrole_to_bedrock_agentcore_restricted": "part of aws-privilege-escalation for known services",
    "iam_policy_no_agentcore_workload_access_token_wildcard": "one service",
    "iam_role_cross_service_confused_deputy_prevention": "conditions on services' own principals are not asked for",
    "iam_role_service_trust_restricts_source_to_account": "as above",
    "iam_check_saml_providers_sts": "federation is judged by what roles accept: aws-role-open-federation",
    "iam_support_role_created": "a role that should exist, not access that should not",
    "iam_securityaudit_role_created": "as above",
    "iam_no_expired_server_certificates_stored": "certificates are no access",
    "cloudtrail_cloudwatch_logging_enabled": "where log groups exist their retention is judged; none is required",
    "cloudtrail_insights_exist": "detection, not evidence of access",
    "cloudtrail_logs_s3_bucket_access_logging_enabled": "the setting is collected; no check asks for it",
    "cloudtrail_bedrock_logging_enabled": "one service",
    "cloudtrail_threat_detection_enumeration": "detection from events of a day",
    "cloudtrail_threat_detection_llm_jacking": "as above",
    "cloudtrail_threat_detection_privilege_escalation": "as above",
    "organizations_account_part_of_organizations": "not an access question; organization-account-watch has the reverse",
    "organizations_scp_check_deny_regions": "`observant explain` with an organization; no promise about regions yet",
    "organizations_opt_out_ai_services_policy": "not an access question",
    "organizations_tags_policies_enabled_and_attached": "not an access question",
    "IAM.6": "the kind of root's device is not collected",
    "IAM.18": "a role that should exist, not access that should not",
    "IAM.19": "MFA of users without a password is judged by enforcement: aws-mfa-enforced",
    "IAM.21": "wildcards on single services are compared with `access_statements` instead",
    "IAM.23": "tags",
    "IAM.24": "tags",
    "IAM.25": "tags",
    "IAM.26": "certificates are no access",
    "IAM.27": "one policy by its name",
    "CloudTrail.5": "where log groups exist their retention is judged; none is required",
    "CloudTrail.7": "the setting is collected; no check asks for it",
    "CloudTrail.9": "tags",
    "CloudTrail.10": "encryption of event data stores is not collected",
}
"""What the others ask about IAM, CloudTrail and organizations, and nobody asks here -> why."""


def elsewhere(check: str) -> Same | None:
    """The same question elsewhere; None where nobody else asks it."""
    return next((one for one in SAME if one.ours == check), None)
