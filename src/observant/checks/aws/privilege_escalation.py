from observant.checks.check import check


@check(
    "aws-privilege-escalation",
    criteria=("CC6.1", "CC6.3"),
    judges="aws_principal_access",
    concerns="IAM users and roles",
)
def privilege_escalation() -> str:
    """Nobody who is no administrator can become one.

    **What it judges.** Every IAM user and role that is no administrator in effect: whether its policies together let it
    take over somebody who is, step by step along the published paths of pathfinding.cloud. A role counts as a target
    when it exists, holds more and trusts the service that it would be passed to; a user when it holds more.

    **Why.** These paths are how a small grant becomes the whole account.

    **How to re-perform it by hand.** The reason of a failure names the path, its target and the statements. Look the
    path up at https://pathfinding.cloud and the statements in the account authorization details.

    **What it cannot see.** Paths through something that runs already (a function, a stack, an instance): which role it
    has is not collected, so whoever holds such a path is unknown. Targets in other accounts.
    """
    return """
        select access.scope, access.member, access.label, during(access),
               not access.administrator as applies, access.escalates as violated, access.escalates_because as because
        from aws_principal_access as access
    """
