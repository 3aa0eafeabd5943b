from observant.checks.check import check


@check(
    "organization-direct-assignment",
    criteria=("CC6.2", "CC6.3"),
    judges="organization_assignment",
    concerns="assignments",
)
def direct_assignment() -> str:
    """Permission sets are assigned to groups, not to single people.

    **What it judges.** Every assignment of a permission set in an account.

    **Why.** Who is in a group follows from joining and leaving; what was given to one person by name stays until
    somebody remembers it.

    **How to re-perform it by hand.** `aws sso-admin list-account-assignments` for every account and permission set:
    `PrincipalType` must be `GROUP`.

    **What it cannot see.** Whether the group has one member.
    """
    return """
        select given.scope, given.member, given.label, during(given), true as applies,
               given.principal_kind = 'user' as violated, 'assigned to one person by name' as because
        from organization_assignment as given
    """
