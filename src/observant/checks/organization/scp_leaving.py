from observant.checks.check import check


@check(
    "organization-scp-leaving",
    criteria=("CC6.1", "CC6.3"),
    judges="organization_account_guard",
    concerns="accounts of the organization",
)
def scp_leaving() -> str:
    """No account can leave the organization.

    **What it judges.** Every active account: its service control policies deny `organizations:LeaveOrganization` to its
    users, roles and root user.
    The management account is not judged: service control policies never restrict it.

    **Why.** An account that left takes its resources along and leaves every guardrail behind.

    **How to re-perform it by hand.** For the account and every unit above it up to the root,
    `aws organizations list-policies-for-target --filter SERVICE_CONTROL_POLICY` and `describe-policy`; or try it with
    `aws iam simulate-custom-policy`. What counts is what the statements deny, not their names.

    **What it cannot see.** People and roles that a policy spares by name.
    """
    return """
        select account.scope, account.member, account.label, during(account),
               account.status = 'ACTIVE' and not account.management as applies,
               not account.leaving_denied as violated,
               account.leaving_because as because
        from organization_account_guard as account
    """
