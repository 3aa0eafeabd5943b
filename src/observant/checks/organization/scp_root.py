from observant.checks.check import check


@check(
    "organization-scp-root",
    criteria=("CC6.1",),
    judges="organization_account_guard",
    concerns="accounts of the organization",
)
def scp_root() -> str:
    """The root users of member accounts can do nothing.

    **What it judges.** Every active account: its service control policies deny the root user actions of services that
    have nothing in common, whatever the circumstances.
    The management account is not judged: service control policies never restrict it.

    **Why.** No policy inside an account restricts its root user; only a service control policy does.

    **How to re-perform it by hand.** For the account and every unit above it up to the root,
    `aws organizations list-policies-for-target --filter SERVICE_CONTROL_POLICY` and `describe-policy`; or try it with
    `aws iam simulate-custom-policy`. What counts is what the statements deny, not their names.

    **What it cannot see.** The few things that service control policies cannot deny to a root user, and
    single actions that they leave.
    """
    return """
        select account.scope, account.member, account.label, during(account),
               account.status = 'ACTIVE' and not account.management as applies,
               not account.root_denied as violated,
               account.root_because as because
        from organization_account_guard as account
    """
