"""The fictional company's written policy, as it stood on a day."""

from datetime import date

from observant_clouds.company_organization import PROMISES as OF_AWS
from observant_clouds.tickets import PROMISES as OF_CHANGES

TIGHTENED = date(2026, 6, 1)
"""From this day on keys are rotated every 60 days, no longer every 90."""

_HEAD = """\
# The access control policy of Harbourlight, a company that does not exist. DEMO DATA.
commitments:
"""

_ENTRY = """\
  - name: {name}
    document: Harbourlight Access Control Policy
    clause: "{clause}"
    statement: {statement}
    effective: {effective}
"""

_FIRST = "2025-01-01"

_PROMISES: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    (
        "snapshot_cadence",
        "3.1",
        "Access configuration is recorded every day.",
        {"every": "24 hours", "grace": "6 hours"},
    ),
    (
        "key_age_report_cadence",
        "3.2",
        "A report of the age of all access keys is stored every week.",
        {"every": "7 days", "grace": "1 day"},
    ),
    (
        "unused_access_key",
        "4.3",
        "Access keys that are not used for 45 days are deactivated.",
        {"max_idle": "45 days"},
    ),
    (
        "access_key_overlap",
        "4.4",
        "While a key is rotated, both keys are active for at most 7 days.",
        {"max_overlap": "7 days"},
    ),
    (
        "never_used_credential",
        "4.5",
        "Passwords and keys that were never used are removed within 30 days.",
        {"max_unused": "30 days"},
    ),
    ("inactive_user", "5.1", "Users without activity for 90 days are removed.", {"max_idle": "90 days"}),
    (
        "leaver_removal",
        "5.2",
        "Access of leavers is removed by the end of the next working day.",
        {"business_days": "1"},
    ),
    (
        "mover_access",
        "5.6",
        "Who changes department gives up the access of the old one within 30 days.",
        {"within": "30 days"},
    ),
    (
        "password_policy",
        "4.1",
        "Passwords have at least 14 characters, of all kinds, and none of the last 24.",
        {
            "minimum_length": "14",
            "reuse_prevention": "24",
            "require_uppercase": "true",
            "require_lowercase": "true",
            "require_numbers": "true",
            "require_symbols": "true",
        },
    ),
    (
        "administrators",
        "5.3",
        "Only the organization's administrator role has unrestricted access.",
        {"allowed": '["arn:aws:iam::*:role/organization-administrator"]'},
    ),
    (
        "sensitive_data",
        "5.4",
        "Only staff and the organization's administrator read customers' data.",
        {
            "resources": '["arn:aws:s3:::harbourlight-customers*"]',
            "readers": '["arn:aws:iam::*:user/*", "arn:aws:iam::*:role/organization-administrator"]',
        },
    ),
    (
        "access_review_cadence",
        "6.1",
        "Owners review who has access every quarter, and sign for it.",
        {"scopes": '["aws:*"]', "every": "92 days", "grace": "14 days"},
    ),
    (
        "access_review_actions",
        "6.2",
        "Access that a review revokes is gone within 10 days.",
        {"within": "10 days"},
    ),
)

_SIGN_INS = (
    '["AuditLogs", "SignInLogs", "NonInteractiveUserSignInLogs", "ServicePrincipalSignInLogs", '
    '"ManagedIdentitySignInLogs"]'
)
_ACTIVITY = '["Administrative", "Policy", "Security"]'
_WORKSPACE = '["*/workspaces/harbourlight-logs"]'

_OF_THE_TENANT: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    (
        "credential_expiry_report_cadence",
        "3.3",
        "An export of when the credentials of applications end is stored every week.",
        {"every": "7 days", "grace": "1 day"},
    ),
    (
        "emergency_accounts",
        "7.1",
        "Two accounts are kept for emergencies and used for nothing else.",
        {"accounts": '["emergency-*"]', "least": "2", "most": "2"},
    ),
    (
        "service_accounts",
        "7.2",
        "Accounts that programs sign in with are named svc-..., and are not exempt from MFA.",
        {"accounts": '["svc-*"]'},
    ),
    (
        "privileged_roles",
        "7.3",
        "Nobody but the emergency accounts holds a privileged role for longer than a working day.",
        {"max_assignment": "8 hours"},
    ),
    (
        "administrator_number",
        "7.4",
        "At most four hold Global Administrator and five may; at most two hold Privileged Role Administrator.",
        {
            "global_administrators": "4",
            "privileged_role_administrators": "2",
            "global_administrators_with_eligible": "5",
        },
    ),
    (
        "role_eligibility",
        "7.5",
        "The right to activate a privileged role ends after two years.",
        {"max_eligibility": "730 days"},
    ),
    (
        "role_activation",
        "7.6",
        "A privileged role is activated with approval, MFA and a reason, for at most 8 hours.",
        {"max_activation": "8 hours", "approval": "true", "mfa": "true", "justification": "true"},
    ),
    (
        "mfa_coverage",
        "8.1",
        "Conditional Access holds nine of ten people to MFA at every sign-in.",
        {"least_percent": "90"},
    ),
    (
        "conditional_access_exclusions",
        "8.2",
        "At most one person in ten is excluded from Conditional Access.",
        {"most_percent": "10"},
    ),
    ("legacy_authentication", "8.3", "Legacy authentication is blocked for everybody.", {"most_people": "0"}),
    ("device_code_flow", "8.4", "The device code flow is blocked for everybody.", {"most_people": "0"}),
    (
        "phishing_resistant_admins",
        "8.5",
        "Administrators sign in with methods that cannot be phished.",
        {},
    ),
    (
        "report_only_policies",
        "8.6",
        "A policy is tried out in report-only mode for at most 90 days.",
        {"max_time": "90 days"},
    ),
    (
        "application_certificates",
        "9.1",
        "Applications use certificates or federation; the two named ones may still use a secret.",
        {"secrets_allowed": '["invoice-export", "status-page"]'},
    ),
    (
        "application_credential_age",
        "9.2",
        "Credentials of applications are rotated every year.",
        {"max_age": "365 days"},
    ),
    (
        "application_credential_expiry",
        "9.3",
        "Credentials have a successor 14 days before they end, and are removed 30 days after.",
        {"notice": "14 days", "removal": "30 days"},
    ),
    ("application_owners", "9.4", "Somebody answers for every application with a privileged role.", {"people": "true"}),
    (
        "production_access",
        "9.5",
        "Only the deployment pipeline holds a far-reaching role on production subscriptions.",
        {"production": '["tag:environment=production"]', "allowed": '["deploy-pipeline"]'},
    ),
    ("production_people", "9.6", "People activate such a role; nobody holds one for good.", {}),
    ("inactive_guest", "10.1", "Guests who have not signed in for 90 days are removed.", {"max_idle": "90 days"}),
    ("guest_invitation", "10.2", "Invitations that are open for 30 days are withdrawn.", {"max_pending": "30 days"}),
    (
        "guest_policy",
        "10.3",
        "Administrators and guest inviters invite guests, who see nothing but themselves.",
        {"invites_from": '["none", "adminsAndGuestInviters"]', "guest_access": '["restricted"]'},
    ),
    ("guest_administrators", "10.4", "Guests hold no privileged role.", {"allowed": '["nobody"]'}),
    (
        "guest_review",
        "10.5",
        "The access of every guest is reviewed every quarter, at the latest after 120 days.",
        {"every": "120 days"},
    ),
    (
        "log_retention",
        "11.1",
        "Sign-in and audit logs of the tenant are kept for a year.",
        {"categories": _SIGN_INS, "retention": "365 days"},
    ),
    (
        "log_forwarding",
        "11.2",
        "Sign-in and audit logs of the tenant are forwarded to the workspace that is watched.",
        {"categories": _SIGN_INS, "destinations": _WORKSPACE},
    ),
    (
        "activity_log_retention",
        "11.3",
        "Activity logs of all subscriptions are kept for a year.",
        {"categories": _ACTIVITY, "retention": "365 days"},
    ),
    (
        "activity_log_forwarding",
        "11.4",
        "Activity logs of all subscriptions are forwarded to the workspace that is watched.",
        {"categories": _ACTIVITY, "destinations": _WORKSPACE},
    ),
)
"""What is promised of the Entra tenant and the Azure subscriptions."""


def commitments(day: date) -> str:
    """`commitments.yaml` as it was on that day. The past is never edited: an old sentence gets an end."""
    parts = [_HEAD, *(_entry(*promise, _FIRST) for promise in (*_PROMISES, *_OF_THE_TENANT))]
    parts += [_entry(*promise, _FIRST) for promise in (*OF_AWS, *OF_CHANGES)]
    rotation = ("access_key_max_age", "4.2")
    if day < TIGHTENED:
        parts.append(_entry(*rotation, "Access keys are rotated every 90 days.", {"max_age": "90 days"}, _FIRST))
    else:
        ended = {"max_age": "90 days", "until": "2026-05-31"}
        parts.append(_entry(*rotation, "Access keys are rotated every 90 days.", ended, _FIRST))
        tightened = {"max_age": "60 days"}
        parts.append(_entry(*rotation, "Access keys are rotated every 60 days.", tightened, TIGHTENED.isoformat()))
    return "".join(parts)


def _entry(name: str, clause: str, statement: str, parameters: dict[str, str], effective: str) -> str:
    head = _ENTRY.format(name=name, clause=clause, statement=statement, effective=effective)
    return head + "".join(f"    {key}: {value}\n" for key, value in parameters.items())
