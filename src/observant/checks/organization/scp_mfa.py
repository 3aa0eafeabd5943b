from observant.checks.check import check


@check(
    "organization-scp-mfa",
    criteria=("CC6.1", "CC6.6"),
    judges="organization_account_guard",
    concerns="accounts of the organization",
)
def scp_mfa() -> str:
    """Users without MFA can do nothing in any account.

    **What it judges.** Every active account: its service control policies deny users who signed in without MFA actions
    of services that have nothing in common; and, unless the commitment `mfa_boundary` exempts them
    (`except_access_keys`), the same to requests signed with access keys, which say nothing about MFA. `Bool` on
    `aws:MultiFactorAuthPresent` lets access keys pass, `BoolIfExists` does not.
    The management account is not judged: service control policies never restrict it.

    **Why.** MFA that each account enforces by itself can be lifted by that account's administrators.

    **How to re-perform it by hand.** For the account and every unit above it up to the root,
    `aws organizations list-policies-for-target --filter SERVICE_CONTROL_POLICY` and `describe-policy`; or try it with
    `aws iam simulate-custom-policy`. What counts is what the statements deny, not their names.

    **What it cannot see.** Sessions of roles and of Identity Center, whose MFA is asked for where people sign in.
    """
    return """
        select account.scope, account.member, account.label, during(account, promised),
               account.status = 'ACTIVE' and not account.management as applies,
               not (account.sessions_denied
                    and (account.keys_denied or coalesce(promised.except_access_keys, false))) as violated,
               case when account.sessions_denied is not true then account.sessions_because
                    else account.keys_because end as because
        from organization_account_guard as account
        join commitment_mfa_boundary as promised on overlaps(account, promised)
    """
