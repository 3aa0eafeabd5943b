from observant.checks.alike import ACTIVATED_TOO_LONG, LONGEST_ACTIVATION
from observant.checks.check import check


@check(
    "entra-activation-length",
    criteria=("CC6.1", "CC6.3"),
    judges="entra_activation_gate",
    concerns="rules of activation",
)
def activation_length() -> str:
    """An activation of a privileged role can last no longer than documented.

    **What it judges.** The longest activation that the PIM rules allow, of every role or group that somebody passes
    on the way to a privileged role, against the commitment `role_activation`.

    **Why.** The time limit is what makes access just in time: a limit of a day is a working day of standing access,
    every day.

    **How to re-perform it by hand.** In the rules of `GET
    /policies/roleManagementPolicyAssignments?…&$expand=policy($expand=rules)` read `Expiration_EndUser_Assignment`,
    `maximumDuration` (ISO 8601, such as `PT8H`).

    **What it cannot see.** How long activations really were: see `entra-activation-use`.
    """
    return f"""
        select gate.scope, gate.member, gate.label, during(gate, promised), true as applies,
               {ACTIVATED_TOO_LONG} as violated,
               {LONGEST_ACTIVATION} as because
        from entra_activation_gate as gate
        join commitment_role_activation as promised on overlaps(gate, promised)
    """  # noqa: S608 (our own text)
