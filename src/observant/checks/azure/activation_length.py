from observant.checks.alike import ACTIVATED_TOO_LONG, LONGEST_ACTIVATION
from observant.checks.check import check


@check(
    "azure-activation-length",
    criteria=("CC6.1", "CC6.3"),
    judges="azure_activation_gate",
    concerns="rules of activation",
)
def activation_length() -> str:
    """An activation of a far-reaching Azure role can last no longer than documented.

    **What it judges.** The longest activation that the PIM rules allow, of every far-reaching role that somebody may
    activate on a subscription which the commitment `production_access` declares to be production, or above it, and of
    every group that holds such a role and that somebody may activate membership of; against the commitment
    `role_activation`, the same as for directory roles.

    **Why.** The time limit is what makes access just in time: a limit of a day is a working day of standing access,
    every day.

    **How to re-perform it by hand.** `GET
    {scope}/providers/Microsoft.Authorization/roleManagementPolicyAssignments?api-version=2020-10-01` with the scope of
    the eligibility: in `effectiveRules` of the role, `Expiration_EndUser_Assignment`, `maximumDuration` (ISO 8601, such
    as `PT8H`).

    **What it cannot see.** How long activations really were. Roles that are given on resource groups and resources
    only.
    """
    return f"""
        select gate.scope, gate.member, gate.label, during(gate, place, production, promised),
               case when production.documented
                    then regexp_matches(place.called, '(?m)' || production.production) end as applies,
               {ACTIVATED_TOO_LONG} as violated,
               {LONGEST_ACTIVATION} as because
        from azure_activation_gate as gate
        join azure_subscription_called as place on place.scope = gate.scope and overlaps(gate, place)
        join commitment_production_access as production
          on overlaps(gate, production) and overlaps(place, production)
        join commitment_role_activation as promised
          on overlaps(gate, promised) and overlaps(place, promised) and overlaps(production, promised)
    """  # noqa: S608 (our own text)
