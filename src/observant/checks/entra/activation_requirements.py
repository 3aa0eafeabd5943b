from observant.checks.alike import ACTIVATED_TOO_EASILY, ASKED_OF_ACTIVATION
from observant.checks.check import check


@check(
    "entra-activation-requirements",
    criteria=("CC6.1", "CC6.3"),
    judges="entra_activation_gate",
    concerns="rules of activation",
)
def activation_requirements() -> str:
    """Activating a privileged role asks for what the written policy says.

    **What it judges.** The PIM rules that somebody eligible passes on the way to a privileged role, against the
    commitment `role_activation`: approval, multi-factor authentication, a justification, a ticket. Where a group
    holds the role for good, the rules of the group's membership are the ones passed, and those of the role are not
    judged. An authentication context counts as multi-factor authentication.

    **Why.** An activation that nobody approves and that asks for nothing is standing access with one more click.

    **How to re-perform it by hand.** `GET /policies/roleManagementPolicyAssignments?$filter=scopeId eq '/' and
    scopeType eq 'DirectoryRole'&$expand=policy($expand=rules)`: rules `Approval_EndUser_Assignment`,
    `Enablement_EndUser_Assignment` and `AuthenticationContext_EndUser_Assignment`. For groups the same with `scopeId
    eq '{group}' and scopeType eq 'Group'`.

    **What it cannot see.** Whether a Conditional Access policy stands behind the authentication context: see
    `entra-activation-context`. With groups that are eligible in groups each group's rules are judged for themselves,
    though one of them would do.
    """
    return f"""
        select gate.scope, gate.member, gate.label, during(gate, promised), true as applies,
               {ACTIVATED_TOO_EASILY} as violated,
               {ASKED_OF_ACTIVATION} as because
        from entra_activation_gate as gate
        join commitment_role_activation as promised on overlaps(gate, promised)
    """  # noqa: S608 (our own text)
