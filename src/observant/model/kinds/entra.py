"""Promises about Entra tenants. What is promised of AWS users as well (`inactive_user`) stands with them."""

from observant.model.commitment import SHORTEST_IDLE, a_duration, a_flag, a_number, patterns, promise

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
        excused=patterns(f"{_ACCOUNTS}, that may do without", required=False),
    ),
    promise(
        "report_only_policies",
        "policies are tried without enforcing them for a limited time only",
        max_time=a_duration("longest time a policy may stay report-only"),
    ),
    promise(
        "privileged_roles",
        "privileged roles are held only for the time they are needed",
        max_assignment=a_duration(
            "longest active assignment that is not standing access; none when left out", required=False
        ),
        allowed=patterns("names or ids of other principals that may hold a role for good", required=False),
        ordinary_roles=patterns("names of custom roles that were found not to be privileged", required=False),
    ),
    promise(
        "administrator_number",
        "few principals hold the roles that can give every other one",
        global_administrators=a_number("most Global Administrators at one time", required=True),
        privileged_role_administrators=a_number("most Privileged Role Administrators at one time"),
        global_administrators_with_eligible=a_number("the same, with those who may activate the role"),
        privileged_role_administrators_with_eligible=a_number("the same, with those who may activate the role"),
    ),
    promise(
        "role_eligibility",
        "the right to activate a role ends and must be renewed",
        max_eligibility=a_duration("longest time for which somebody may be eligible"),
    ),
    promise(
        "role_activation",
        "activating a privileged role asks for this, and ends by itself",
        max_activation=a_duration("longest activation"),
        approval=a_flag("somebody else must approve"),
        mfa=a_flag("multi-factor authentication, or an authentication context, is asked for"),
        justification=a_flag("a reason must be given"),
        ticket=a_flag("a ticket must be named"),
    ),
    promise(
        "application_certificates",
        "applications sign in with certificates or federation, not with secrets",
        secrets_allowed=patterns("names or application ids of those that may still use secrets", required=False),
    ),
    promise(
        "application_credential_age",
        "credentials of applications are rotated",
        max_age=a_duration("oldest age that a secret or a certificate may reach"),
    ),
    promise(
        "application_credential_expiry",
        "credentials of applications are replaced before they end, and removed after",
        notice=a_duration("time before its end in which a credential must have a successor"),
        removal=a_duration("longest time for which an ended credential may stay"),
    ),
    promise(
        "application_owners",
        "privileged applications have an owner who answers for them",
        people=a_flag("owners may be people, who can then act as the application"),
    ),
    promise(
        "inactive_guest",
        "guests who do not sign in are removed",
        max_idle=a_duration(
            "longest time since the last successful sign-in, from the invitation if there was none",
            at_least=SHORTEST_IDLE,
        ),
    ),
    promise(
        "guest_invitation",
        "invitations that nobody accepts are withdrawn",
        max_pending=a_duration("longest time for which an invitation may be open"),
    ),
    promise(
        "guest_policy",
        "only some may invite guests, and guests see little",
        invites_from=patterns(
            "allowed: `none`, `adminsAndGuestInviters`, `adminsGuestInvitersAndAllMembers`, `everyone`"
        ),
        guest_access=patterns("allowed: `restricted`, `limited`, `same as members`"),
    ),
    promise(
        "guest_administrators",
        "guests hold no privileged role",
        optional=True,
        allowed=patterns("user principal names or ids of guests who may"),
    ),
    promise(
        "guest_review",
        "the access of every guest is reviewed",
        every=a_duration("longest time between two reviews, and from the invitation to the first"),
    ),
    promise(
        "log_retention",
        "sign-in and audit logs are kept",
        categories=patterns("log categories, such as `AuditLogs` and `*SignInLogs`"),
        retention=a_duration("how long they are kept"),
        protected=a_flag("nobody may be able to delete them earlier"),
        attested=patterns(
            "ids of event hubs of which somebody attests that what reads them keeps logs as long", required=False
        ),
    ),
    promise(
        "log_forwarding",
        "sign-in and audit logs are forwarded to where they are watched",
        categories=patterns("log categories, such as `AuditLogs` and `*SignInLogs`"),
        destinations=patterns("ARM ids of the workspace or event hub of the SIEM, `*` allowed"),
    ),
)
