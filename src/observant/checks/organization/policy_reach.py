from observant.checks.check import check


@check(
    "organization-policy-reach",
    criteria=("CC6.1", "CC6.3"),
    judges="organization_policy_reach",
    concerns="organization policies",
)
def policy_reach() -> str:
    """Every service or resource control policy restricts at least one account.

    **What it judges.** Every service control policy and resource control policy that the company wrote: some account is
    below what it is attached to, and policies of its kind are switched on there. The management account does not count
    for service control policies: they never restrict it.

    **Why.** A policy that is attached to nothing looks like a safeguard on every list of policies and protects nothing.

    **How to re-perform it by hand.** `aws organizations list-policies --filter SERVICE_CONTROL_POLICY`, for each
    `list-targets-for-policy`; for every root and organizational unit that it names, `list-accounts-for-parent` and
    `list-organizational-units-for-parent` down to the accounts. `list-roots` shows under `PolicyTypes` what is on.

    **What it cannot see.** Whether what the policy says is worth anything, and policies that are kept ready on purpose.
    """
    return """
        select policy.scope, policy.member, policy.label, during(policy), true as applies,
               not policy.restricts as violated, policy.because as because
        from organization_policy_reach as policy
    """
