from observant.checks.check import check


@check(
    "entra-emergency-account-strength",
    criteria=("CC6.1",),
    judges="entra_named_coverage",
    concerns="emergency accounts",
)
def emergency_account_strength() -> str:
    """Emergency accounts have a strong method to sign in.

    **What it judges.** Every account the commitment `emergency_accounts` names: a passkey, FIDO2 key, certificate,
    Windows Hello or platform credential is registered for it.

    **Why.** The account is excluded from the policies, and holds the highest role. A password in an envelope must not
    be all that protects it.

    **How to re-perform it by hand.** `GET /reports/authenticationMethods/userRegistrationDetails/{id}` and read
    `methodsRegistered`.

    **What it cannot see.** Whether the key lies where the policy says. Weaker methods beside the strong one are not
    held against it here.
    """
    return """
        select held.scope, held.member, held.label, during(held, registered, promised),
               case when promised.documented then held.requirement = 'mfa' and held.emergency end as applies,
               not regexp_matches(lower(registered.methods), 'fido|passkey|certificate|windowshello|secureenclave')
                 as violated,
               'registered are only ' || registered.methods as because
        from entra_named_coverage as held
        join entra_registration as registered
          on registered.scope = held.scope and registered.member = held.person and overlaps(held, registered)
        join commitment_emergency_accounts as promised on overlaps(held, promised) and overlaps(registered, promised)
    """
