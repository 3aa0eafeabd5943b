from observant.checks.check import check


@check(
    "aws-service-account-owner",
    criteria=("CC6.1", "CC6.2"),
    judges="aws_service_account",
    concerns="service accounts and roles of third parties",
)
def service_account_owner() -> str:
    """Every service account and every third party's role has an owner who still works here.

    **What it judges.** IAM users that the accounts file declares as of a service, users that look like one (nobody
    stands behind them and they have no console password), and roles that let in an account outside. Each must have a
    line in the accounts file with an owner who is on the list of people and has not left.

    **Why.** A vendor's access is asked for by somebody. Six months after the project ended, only that person knows that
    nobody needs it, unless they left, too.

    **How to re-perform it by hand.** Users of the credential report without a password whom nobody is linked to, and
    roles with an outside account in their trust policy: find the line of the accounts file, and the owner's last day.

    **What it cannot see.** Service accounts with a console password that nobody declared:
    [aws-account-owner](aws-account-owner.md) lists them as unlinked. Roles of identity providers. Whether the owner
    knows.
    """
    return """
        select account.scope, account.member, account.label, during(account),
               case when account.basis is not null then true end as applies,
               case when account.owner is null then timestamp '1970-01-01'
                    else coalesce(account.owner_leaves_at, timestamp '9999-12-31') end as violated_from,
               account.basis || ' (' || account.because || '): '
                 || case when account.owner is null then 'it has no owner'
                         else 'its owner ' || account.owner_name || ' leaves at '
                              || coalesce(cast(account.owner_leaves_at as varchar), 'no known time') end as because
        from aws_service_account as account
    """
