from observant.checks.check import check


@check("entra-mfa-coverage", criteria=("CC6.1", "CC6.2", "CC6.6"), judges="entra_coverage", concerns="populations")
def mfa_coverage() -> str:
    """Conditional Access holds the documented share of people to MFA at every sign-in.

    **What it judges.** Members, guests and administrators, each as one population: the share of enabled accounts for
    which policies that require MFA, all together, fill every sign-in of modern clients, against the commitment
    `mfa_coverage`. Exclusions are followed through nested groups, roles and guest types; report-only policies enforce
    nothing; `mfa OR compliant device` does not require MFA. Declared emergency accounts are not counted as missing.
    Service accounts have a check of their own. Security defaults ask ordinary users for MFA only when Microsoft finds
    it necessary: that is conditional, unless the commitment says that it is enough. A change of a policy that the
    directory audit log tells of, and tells the end of, counts to the second, also where nothing was read in between.

    **Why.** One policy for all users looks complete however many people its exclusions take out. What protects is who
    is left, person by person.

    **How to re-perform it by hand.** In the Entra portal open Conditional Access, *What If*, and try a sample of the
    people this check lists as not covered (`entra_coverage_person`), and of others, without conditions. Or list every
    enabled policy whose grant requires MFA with *require all*, or alone; resolve its included and excluded groups with
    `GET /groups/{id}/transitiveMembers`; take the union of included minus excluded.

    **What it cannot see.** Per-user MFA, MFA by a federated identity provider, and what an application does without
    asking Entra. Policies that depend on conditions count only where others fill the rest.
    """
    return """
        select held.scope, held.member, held.label, during(held, promised),
               held.requirement = 'mfa' and held.population in ('members', 'guests', 'admins')
                 and held.people_most > 0 as applies,
               case when promised.security_defaults and held.defaults then false
                    when 100 * held.open_least > (100 - promised.least_percent) * held.people_most then true
                    when 100 * held.open_most <= (100 - promised.least_percent) * held.people_least then false
               end as violated,
               ended.member is not null as witnessed,
               'not held to MFA at every sign-in, ' || held.because
                 || case when began.member is null then ''
                         else '; ' || began.label || ' became ' || coalesce(began.state, 'something unknown')
                           || coalesce(' by ' || began.actor, '') end as because
        from entra_coverage as held
        join commitment_mfa_coverage as promised on overlaps(held, promised)
        left join entra_policy_state as began
          on began.scope = held.scope and began.valid_from = held.valid_from and began.seen = 'audit log'
        left join entra_policy_state as ended
          on ended.scope = began.scope and ended.member = began.member
         and ended.valid_from = held.valid_to and ended.seen = 'audit log'
    """
