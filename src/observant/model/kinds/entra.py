"""Promises about Entra tenants."""

from observant.model.commitment import a_duration, a_flag, a_number, patterns, promise

_ACCOUNTS = "user principal names or ids of users, `*` allowed"

KINDS = (
    promise(
        "mfa_coverage",
        "people sign in with MFA, enforced by Conditional Access",
        least_percent=a_number(
            "share of each population, in percent, that must be covered at every sign-in", required=True
        ),
        security_defaults=a_flag("where security defaults are on, they count as MFA for everybody"),
    ),
    promise(
        "conditional_access_exclusions",
        "few are excluded from Conditional Access",
        most_percent=a_number("largest share of the people, in percent, that exclusions may exempt"),
        most_people=a_number("largest number of people that exclusions may exempt"),
    ),
    promise(
        "service_accounts",
        "accounts that programs sign in with are known, and cannot be used with a password alone",
        accounts=patterns(f"{_ACCOUNTS}, that programs sign in with"),
        confinement=a_flag("it is enough that they are blocked or asked for MFA outside of named locations"),
    ),
    promise(
        "emergency_accounts",
        "accounts for emergencies are known, few, strongly protected, and watched",
        accounts=patterns(f"{_ACCOUNTS}, kept for emergencies"),
        least=a_number("smallest number of them"),
        most=a_number("largest number of them"),
    ),
    promise(
        "legacy_authentication",
        "legacy authentication is blocked",
        optional=True,
        most_people=a_number("largest number of people for whom it may be open; nobody unless promised otherwise"),
    ),
    promise(
        "device_code_flow",
        "the device code flow is blocked",
        most_people=a_number("largest number of people for whom it may be open", required=True),
    ),
    promise(
        "phishing_resistant_admins",
        "privileged roles are used with phishing-resistant MFA",
        most_people=a_number("largest number of administrators who may do without", required=True),
    ),
    promise(
        "report_only_policies",
        "policies are tried without enforcing them for a limited time only",
        max_time=a_duration("longest time a policy may stay report-only"),
    ),
)
