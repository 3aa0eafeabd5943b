from observant.checks.check import check


@check(
    "entra-service-account-exemption",
    criteria=("CC6.1", "CC6.3"),
    judges="entra_named_coverage",
    concerns="declared service accounts",
)
def service_account_exemption() -> str:
    """Accounts that programs sign in with are not exempt from Conditional Access.

    **What it judges.** Every user account that the commitment `service_accounts` names: MFA or a block at every
    sign-in, or, where the commitment says that `confinement` is enough, at every sign-in from outside of all named
    locations.

    **Why.** A program cannot do MFA, so its account is excluded from the policy for everybody, and an account with a
    password alone is left that works from anywhere.

    **How to re-perform it by hand.** *What If* in the portal with the account, once without and once with an address in
    a named location. A policy that blocks it everywhere but in its location is what to look for.

    **What it cannot see.** Service accounts nobody declared: no mark in the directory tells them from people.
    Applications that sign in as themselves are service principals, which other checks judge.
    """
    return """
        select held.scope, held.member, held.label, during(held, promised),
               case when promised.documented then
                 held.population = 'service accounts'
                 and (held.requirement = 'mfa' and not coalesce(promised.confinement, false)
                      or held.requirement = 'confined' and coalesce(promised.confinement, false))
               end as applies,
               held.state <> 'covered' as violated,
               held.because as because
        from entra_named_coverage as held
        join commitment_service_accounts as promised on overlaps(held, promised)
    """
