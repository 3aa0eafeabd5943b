from observant.checks.check import check


@check("entra-guest-inactive", criteria=("CC6.1", "CC6.2", "CC6.3"), judges="entra_user", concerns="users")
def guest_inactive() -> str:
    """Guests who do not sign in are removed in the documented time.

    **What it judges.** Enabled guests, and other accounts that came by invitation (B2B members), against the
    commitment `inactive_guest`: the last successful sign-in, interactive or not. Without one, the acceptance of the
    invitation or the creation of the account counts. Two days are added, by which Microsoft may be late.

    **Why.** The partner's project ended, the person changed jobs, and nobody on this side was told. The account is
    still there, and is protected by whatever its own company does.

    **How to re-perform it by hand.** `GET
    /users?$select=userType,creationType,externalUserState,accountEnabled,createdDateTime,externalUserStateChangeDateTime,signInActivity`:
    `lastSuccessfulSignInDateTime`; the other two times count failed attempts.

    **What it cannot see.** Sign-ins before December 2023 are not recorded as successful. Invitations that nobody
    accepted are judged by `entra-guest-invitation`.
    """
    inactive = """case when used.last_successful_sign_in > timestamp '1970-01-01' then used.last_successful_sign_in
                    when used.last_successful_sign_in = timestamp '1970-01-01'
                    then greatest(person.created_at, coalesce(person.external_state_changed_at, person.created_at)) end
                 + promised.max_idle + interval '2 days'"""
    return f"""
        select person.scope, person.member, person.label, during(person, used, promised),
               (person.user_type = 'Guest' or person.invited) and person.enabled
                 and coalesce(person.external_state, '') <> 'PendingAcceptance' as applies,
               {inactive} as violated_from,
               'guest becomes inactive on ' || cast({inactive} as varchar) || ': '
                 || case when used.last_successful_sign_in > timestamp '1970-01-01'
                         then 'last signed in ' || cast(used.last_successful_sign_in as varchar)
                         else 'never signed in since ' || cast(person.created_at as varchar) end
                 || ', the documented time is ' || promised.max_idle_in_words as because
        from entra_user as person
        join entra_user_activity as used
          on used.scope = person.scope and used.member = person.member and overlaps(person, used)
        join commitment_inactive_guest as promised on overlaps(person, promised) and overlaps(used, promised)
    """  # noqa: S608 (our own text)
