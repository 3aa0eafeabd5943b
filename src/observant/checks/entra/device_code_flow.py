from observant.checks.check import check


@check("entra-device-code-flow", criteria=("CC6.1", "CC6.6"), judges="entra_coverage", concerns="tenants")
def device_code_flow() -> str:
    """The device code flow is blocked as documented.

    **What it judges.** For how many enabled accounts no enforced policy blocks the authentication flow *device code*,
    against the commitment `device_code_flow`. Declared emergency accounts are not counted.

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
               'the device code flow is open, ' || held.because as because
        from entra_coverage as held
        join commitment_device_code_flow as promised on overlaps(held, promised)
    """
