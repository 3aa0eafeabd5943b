from observant.checks.check import check


@check(
    "organization-scp-trails",
    criteria=("CC6.1", "CC7.2"),
    judges="organization_account_guard",
    concerns="accounts of the organization",
)
def scp_trails() -> str:
    """Nobody in an account can switch its trails off.

    **What it judges.** Every active account: its service control policies deny `cloudtrail:StopLogging`, `DeleteTrail`,
    `UpdateTrail` and `PutEventSelectors` on any trail to its users, roles and root user. Where only trails of certain
    names are protected the answer is unknown: whether the trail that records is one of them is not known here.
    The management account is not judged: service control policies never restrict it.

    **Why.** The first step of covering tracks is to stop the recording.

    **How to re-perform it by hand.** For the account and every unit above it up to the root,
    `aws organizations list-policies-for-target --filter SERVICE_CONTROL_POLICY` and `describe-policy`; or try it with
    `aws iam simulate-custom-policy`. What counts is what the statements deny, not their names.

    **What it cannot see.** People and roles that a policy spares by name. Trails of the organization, which
    members cannot touch anyway.
    """
    return """
        select account.scope, account.member, account.label, during(account),
               account.status = 'ACTIVE' and not account.management as applies,
               not account.trails_denied as violated,
               account.trails_because as because
        from organization_account_guard as account
    """
