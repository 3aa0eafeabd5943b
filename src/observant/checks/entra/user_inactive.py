from observant.checks.check import check


@check("entra-user-inactive", criteria=("CC6.2", "CC6.3"), judges="entra_user", concerns="users")
def user_inactive() -> str:
    """Users who do not sign in are removed in the documented time.

    **What it judges.** Enabled accounts of the tenant that did not come by invitation, against the commitment
    `inactive_user`, the same as for AWS users: the last successful sign-in, interactive or not. Without one, creation
    counts. Two days are added, by which Microsoft may be late. Accounts of the commitment `emergency_accounts` are
    not meant: not being used is what is expected of them.

    **Why.** Who left or changed duties stops working before anybody files the ticket. The account that nobody uses is
    the one nobody misses when it is abused.

    **How to re-perform it by hand.** `GET /users?$select=accountEnabled,userType,createdDateTime,signInActivity`:
    `lastSuccessfulSignInDateTime` plus the documented time.

    **What it cannot see.** Sign-ins before December 2023 are not recorded as successful. Use of tokens that were
    obtained earlier, where no new sign-in was needed.
    """
    return """
        select person.scope, person.member, person.label, during(person, used, promised, emergency),
               person.enabled and not (person.user_type = 'Guest' or person.invited)
                 and not coalesce(regexp_matches(person.upn, emergency.accounts), false)
                 and not coalesce(regexp_matches(person.member, emergency.accounts), false) as applies,
               case when used.last_successful_sign_in > timestamp '1970-01-01' then used.last_successful_sign_in
                    when used.last_successful_sign_in = timestamp '1970-01-01' then person.created_at end
                 + promised.max_idle + interval '2 days' as violated_from,
               case when used.last_successful_sign_in > timestamp '1970-01-01'
                    then 'last signed in ' || cast(used.last_successful_sign_in as varchar)
                    else 'never signed in since ' || cast(person.created_at as varchar) end
                 || ', the documented time is ' || promised.max_idle_in_words as because
        from entra_user as person
        join entra_user_activity as used
          on used.scope = person.scope and used.member = person.member and overlaps(person, used)
        join commitment_inactive_user as promised on overlaps(person, promised) and overlaps(used, promised)
        join commitment_emergency_accounts as emergency
          on overlaps(person, emergency) and overlaps(used, emergency) and overlaps(promised, emergency)
    """
