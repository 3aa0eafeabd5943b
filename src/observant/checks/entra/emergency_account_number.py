from observant.checks.check import check


@check("entra-emergency-account-number", criteria=("CC6.1", "CC6.3"), judges="entra_coverage", concerns="tenants")
def emergency_account_number() -> str:
    """Emergency accounts exist, and are as few as documented.

    **What it judges.** How many enabled accounts the patterns of the commitment `emergency_accounts` match, against its
    `least` and `most`.

    **Why.** Without an account outside of the policies one mistake locks everybody out. With many, the exception is
    the rule: they are excluded from what protects all others.

    **How to re-perform it by hand.** List the enabled users whose name or id the commitment names.

    **What it cannot see.** Whether anybody can still sign in with them: that has to be tried.
    """
    return """
        select held.scope, held.member, held.label, during(held, promised),
               held.requirement = 'mfa' and held.population = 'emergency accounts' as applies,
               case when promised.documented then
                 coalesce(held.people_most < promised.least, false)
                 or coalesce(held.people_least > promised.most, false)
               end as violated,
               cast(held.people_most as varchar) || ' emergency accounts, documented '
                 || coalesce('at least ' || cast(promised.least as varchar) || ' ', '')
                 || coalesce('at most ' || cast(promised.most as varchar), '') as because
        from entra_coverage as held
        join commitment_emergency_accounts as promised on overlaps(held, promised)
    """
