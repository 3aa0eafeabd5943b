from observant.checks.check import check


@check("entra-device-code-flow", criteria=("CC6.1", "CC6.6"), judges="entra_coverage", concerns="tenants")
def device_code_flow() -> str:
    """The device code flow is blocked as documented.

    **What it judges.** For how many enabled accounts no enforced policy blocks the authentication flow *device code*,
    against the commitment `device_code_flow`. Declared emergency accounts are not counted. A change of a policy that
    the directory audit log tells of, and tells the end of, counts to the second, also where nothing was read.

    **Why.** Who types a code that somebody sent him signs that somebody in. MFA does not help: the victim does it.

    **How to re-perform it by hand.** Conditional Access: an enabled policy with *Block*, all applications, and *device
    code flow* among its authentication flows (or a block of everything); expand its exclusions. In the sign-in log
    filter on authentication protocol *device code*.

    **What it cannot see.** A policy that requires a compliant device also stops most of these sign-ins. It is not
    counted, since Microsoft does not promise it.
    """
    return """
        select held.scope, held.member, held.label, during(held, promised),
               held.requirement = 'device_code_blocked' and held.population = 'everyone' as applies,
               case when held.open_least > promised.most_people then true
                    when held.open_most <= promised.most_people then false end as violated,
               ended.member is not null as witnessed,
               'the device code flow is open, ' || held.because
                 || case when began.member is null then ''
                         else '; ' || began.label || ' became ' || coalesce(began.state, 'something unknown')
                           || coalesce(' by ' || began.actor, '') end as because
        from entra_coverage as held
        join commitment_device_code_flow as promised on overlaps(held, promised)
        left join entra_policy_state as began
          on began.scope = held.scope and began.valid_from = held.valid_from and began.seen = 'audit log'
        left join entra_policy_state as ended
          on ended.scope = began.scope and ended.member = began.member
         and ended.valid_from = held.valid_to and ended.seen = 'audit log'
    """
