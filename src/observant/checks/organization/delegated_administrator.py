from observant.checks.check import check


@check(
    "organization-delegated-administrator",
    criteria=("CC6.1", "CC6.3"),
    judges="organization_delegate",
    concerns="delegations",
)
def delegated_administrator() -> str:
    """Only documented accounts administer services for the whole organization.

    **What it judges.** Every delegation of a service to an account, against the commitment `delegated_administrators`
    in force at that moment.

    **Why.** Who administers a service for the organization from a member account acts in every account of it.

    **How to re-perform it by hand.** `aws organizations list-delegated-administrators`, for each account
    `list-delegated-services-for-account`, beside the clause.

    **What it cannot see.** What the people in that account do with it.
    """
    return """
        select delegate.scope, delegate.member, delegate.label, during(delegate, promised), true as applies,
               not regexp_matches(delegate.account || ' ' || delegate.service, promised.allowed) as violated,
               'not among the documented delegations' as because
        from organization_delegate as delegate
        join commitment_delegated_administrators as promised on overlaps(delegate, promised)
    """
