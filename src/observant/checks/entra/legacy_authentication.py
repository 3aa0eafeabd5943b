from observant.checks.check import check


@check("entra-legacy-authentication", criteria=("CC6.1", "CC6.6"), judges="entra_coverage", concerns="tenants")
def legacy_authentication() -> str:
    """Legacy authentication is blocked for everybody.

    **What it judges.** For how many enabled accounts a sign-in with name and password alone is possible through
    Exchange ActiveSync or other legacy clients. A policy blocks it outright, or requires for such clients what they
    cannot do (MFA, a compliant or joined device); security defaults block it, too. Nobody may be left open, or as many
    as the commitment `legacy_authentication` says. Declared emergency accounts are not counted. A change of a policy
    that the directory audit log tells of, and tells the end of, counts to the second, also where nothing was read in
    between: groups and accounts are then those of the reading before.

    **Why.** Such clients cannot be asked for a second factor. Wherever they are let in, a guessed password is enough,
    whatever MFA policy stands beside it.

    **How to re-perform it by hand.** In the portal: Conditional Access, *What If*, client apps *Other clients* and
    *Exchange ActiveSync*, for a sample of people. In the sign-in log filter on these client apps: a success contradicts
    a pass. What lasted for hours shows in the directory audit log: activity *Update conditional access policy*.

    **What it cannot see.** Authentication policies of Exchange Online and protocols switched off per mailbox, which
    also block some of it.
    """
    return """
        select held.scope, held.member, held.label, during(held, promised),
               held.requirement = 'legacy_blocked' and held.population = 'everyone' as applies,
               case when held.open_least > coalesce(promised.most_people, 0) then true
                    when held.open_most <= coalesce(promised.most_people, 0) then false end as violated,
               ended.member is not null as witnessed,
               'legacy authentication is open, ' || held.because
                 || case when began.member is null then ''
                         else '; ' || began.label || ' became ' || coalesce(began.state, 'something unknown')
                           || coalesce(' by ' || began.actor, '') end as because
        from entra_coverage as held
        join commitment_legacy_authentication as promised on overlaps(held, promised)
        left join entra_policy_state as began
          on began.scope = held.scope and began.valid_from = held.valid_from and began.seen = 'audit log'
        left join entra_policy_state as ended
          on ended.scope = began.scope and ended.member = began.member
         and ended.valid_from = held.valid_to and ended.seen = 'audit log'
    """
