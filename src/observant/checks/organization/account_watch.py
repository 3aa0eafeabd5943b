from observant.checks.check import check


@check(
    "organization-account-watch",
    criteria=("CC4.1", "CC7.2"),
    judges="organization_account_watch",
    concerns="accounts of the organization",
)
def account_watch() -> str:
    """Every account of the organization is collected.

    **What it judges.** Every account that the organization lists as active: a snapshot of it was attempted within the
    documented cadence after the organization's snapshots first showed it.

    **Why.** Conclusions hold for the accounts that were looked at. An account nobody reads is where they end.

    **How to re-perform it by hand.** `aws organizations list-accounts` beside the scopes of `observant status`.

    **What it cannot see.** Whether the snapshots were complete: `evidence-cadence` judges that. Accounts outside of the
    organization.
    """
    return """
        select account.scope, account.member, account.label, during(account, promised),
               account.status = 'ACTIVE' as applies,
               case when account.watched and promised.documented then timestamp '9999-12-31'
                    else account.since + promised.every + promised.grace end as violated_from,
               'no snapshot of this account was ever attempted' as because
        from organization_account_watch as account
        join commitment_snapshot_cadence as promised on overlaps(account, promised)
    """
