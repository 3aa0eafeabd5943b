from observant.checks.check import check


@check(
    "entra-activation-context",
    criteria=("CC6.1", "CC6.3"),
    judges="entra_activation_context",
    concerns="rules that ask for an authentication context",
)
def activation_context() -> str:
    """An authentication context that activation asks for is protected by a policy.

    **What it judges.** Every PIM rule on the way to a privileged role that asks for an authentication context, where
    the commitment `role_activation` promises multi-factor authentication: an enforced Conditional Access policy
    includes the context, everybody, and demands multi-factor authentication without conditions.

    **Why.** `entra-activation-requirements` takes the context for multi-factor authentication. A context that no policy
    includes asks for nothing: the rule looks strict, and the activation goes through.

    **How to re-perform it by hand.** In the rules of the role read `AuthenticationContext_EndUser_Assignment`,
    `claimValue`, such as `c1`. In `GET /identity/conditionalAccess/policies` look for enabled policies whose
    `conditions.applications.includeAuthenticationContextClassReferences` has it, and read their grants.

    **What it cannot see.** Whom that policy excludes. A policy that includes some people only, or holds under
    conditions, is unknown.
    """
    return """
        select asked.scope, asked.member, asked.label, during(asked, promised),
               coalesce(promised.mfa, false) or not promised.documented as applies,
               case when promised.documented then not asked.guarded end as violated,
               asked.because as because
        from entra_activation_context as asked
        join commitment_role_activation as promised on overlaps(asked, promised)
    """
