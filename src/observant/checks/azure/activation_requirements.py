from observant.checks.alike import ACTIVATED_TOO_EASILY, ASKED_OF_ACTIVATION
from observant.checks.check import check


@check(
    "azure-activation-requirements",
    criteria=("CC6.1", "CC6.3"),
    judges="azure_activation_gate",
    concerns="rules of activation",
)
def activation_requirements() -> str:
    """Activating a far-reaching Azure role asks for what the written policy says.

    **What it judges.** The PIM rules that somebody eligible passes on the way to a role that writes everything or
    assigns roles, on a subscription which the commitment `production_access` declares to be production, or above it,
    against the commitment `role_activation`, the same as for directory roles: approval, multi-factor authentication, a
    justification, a ticket. Where a group holds the role for good, the rules of becoming its member or owner are the
    ones passed. An authentication context counts as multi-factor authentication.

    **Why.** An Owner of production whom nobody approves and whom nothing is asked is a standing Owner with one more
    click. Azure has rules of its own for each role at each scope, and the defaults ask for no approval.

    **How to re-perform it by hand.** `GET
    {scope}/providers/Microsoft.Authorization/roleManagementPolicyAssignments?api-version=2020-10-01` with the scope of
    the eligibility: in `effectiveRules` of the role, `Approval_EndUser_Assignment`, `Enablement_EndUser_Assignment` and
    `AuthenticationContext_EndUser_Assignment`.

    **What it cannot see.** Whether a Conditional Access policy stands behind the authentication context. Roles that are
    given on resource groups and resources only.
    """
    return f"""
        select gate.scope, gate.member, gate.label, during(gate, place, production, promised),
               case when production.documented
                    then regexp_matches(place.called, '(?m)' || production.production) end as applies,
               {ACTIVATED_TOO_EASILY} as violated,
               {ASKED_OF_ACTIVATION} as because
        from azure_activation_gate as gate
        join azure_subscription_called as place on place.scope = gate.scope and overlaps(gate, place)
        join commitment_production_access as production
          on overlaps(gate, production) and overlaps(place, production)
        join commitment_role_activation as promised
          on overlaps(gate, promised) and overlaps(place, promised) and overlaps(production, promised)
    """  # noqa: S608 (our own text)
