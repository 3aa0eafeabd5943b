from observant.checks.check import check


@check(
    "entra-emergency-account-use",
    criteria=("CC6.1", "CC7.2"),
    judges="entra_named_coverage",
    concerns="emergency accounts",
)
def emergency_account_use() -> str:
    """Emergency accounts are not used.

    **What it judges.** The last successful sign-in of every account that the commitment `emergency_accounts` names.

    **Why.** These accounts are outside of the policies. Each use is an event that somebody must be able to explain: an
    emergency, an exercise, or an intruder.

    **How to re-perform it by hand.** `GET /users/{id}?$select=signInActivity` and read
    `lastSuccessfulSignInDateTime`. The verdict fails for the 24 hours from each use on. Uses less than a week apart are
    one stretch of use, which begins at the reading before the first of them was seen.

    **What it cannot see.** Several uses between two snapshots show as the last one. The provider is late by up to two
    days; the sign-in log knows all of them.
    """
    return """
        select held.scope, held.member, held.label, during(held, used),
               held.requirement = 'mfa' and held.emergency as applies,
               case when used.last_successful_sign_in > used.valid_from then used.earliest
                    else used.last_successful_sign_in end as violated_from,
               used.last_successful_sign_in + interval '1 day' as violated_to,
               case when used.last_successful_sign_in > used.valid_from
                    then 'signed in several times, the last time at ' else 'signed in at ' end
                 || cast(used.last_successful_sign_in as varchar) as because
        from entra_named_coverage as held
        join entra_user_activity as used
          on used.scope = held.scope and used.member = held.person and overlaps(held, used)
    """
