from observant.checks.check import check


@check(
    "entra-conditional-access-exclusions", criteria=("CC6.1", "CC6.3"), judges="entra_coverage", concerns="populations"
)
def conditional_access_exclusions() -> str:
    """Few people are exempt from Conditional Access by exclusion.

    **What it judges.** How many people policies for MFA, or against legacy authentication, would cover, had they not
    been excluded: by name, through groups inside groups, by role or by guest type, and not covered by any other policy.
    Against the share and the number of the commitment `conditional_access_exclusions`, for everybody and for
    administrators by themselves. Declared emergency accounts are not counted.

    **Why.** An exclusion is made for one case and stays for many. A group that is excluded grows by people its owner
    adds, and nobody who looks at the policy sees it.

    **How to re-perform it by hand.** For each enabled policy that requires MFA, expand the excluded groups
    (`GET /groups/{id}/transitiveMembers/microsoft.graph.user`), roles and guest types; take out who is included, and
    not excluded, in another such policy; count.

    **What it cannot see.** Whether an exclusion was approved: see the review of exceptions. People a policy never
    included are not exempt but uncovered, which `entra-mfa-coverage` counts.
    """
    return """
        select held.scope, held.member, held.label, during(held, promised),
               held.requirement in ('mfa', 'legacy_blocked') and held.population in ('everyone', 'admins')
                 and held.people_most > 0 as applies,
               case when held.exempt_least > promised.most_people
                      or 100 * held.exempt_least > promised.most_percent * held.people_most then true
                    when promised.most_people is null and promised.most_percent is null then null
                    when (promised.most_people is null or held.exempt_most <= promised.most_people)
                     and (promised.most_percent is null
                          or 100 * held.exempt_most <= promised.most_percent * held.people_least) then false
               end as violated,
               cast(held.exempt_most as varchar) || ' people exempt; not covered, ' || held.because as because
        from entra_coverage as held
        join commitment_conditional_access_exclusions as promised on overlaps(held, promised)
    """
