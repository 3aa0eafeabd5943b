from observant.checks.check import check


@check("aws-role-unused", criteria=("CC6.1", "CC6.2", "CC6.3"), judges="aws_role", concerns="roles")
def role_unused() -> str:
    """Roles that nobody assumes are removed in the documented time.

    **What it judges.** Every IAM role, against the commitment `unused_role`. Idle time counts from the last time that
    anybody or anything used the role, or from its creation when nobody did. Roles that AWS makes and manages (service
    roles under `aws-service-role/`, those of Identity Center under `aws-reserved/`) are not meant.

    **Why.** A role that nothing needs any more keeps its permissions, and whoever it trusts can still take them.

    **How to re-perform it by hand.** `aws iam get-role`: the later of `CreateDate` and `RoleLastUsed.LastUsedDate`,
    plus the documented time.

    **What it cannot see.** Uses more than 400 days ago, which AWS forgets: such a role counts as unused since its
    creation. For which services a role is used: Access Analyzer's unused access says so.
    """
    return """
        select role.scope, role.member, role.label, during(role, used, promised),
               not regexp_matches(role.member, ':role/(aws-service-role|aws-reserved)/') as applies,
               case when used.last_used > role.created_at then used.last_used
                    when used.last_used <= role.created_at then role.created_at end + promised.max_idle
                 as violated_from,
               case when used.last_used > role.created_at then 'last used ' || cast(used.last_used as varchar)
                    else 'never used since ' || cast(role.created_at as varchar) end
                 || ', idle for more than the documented ' || promised.max_idle_in_words as because
        from aws_role as role
        join aws_role_usage as used on used.scope = role.scope and used.member = role.member and overlaps(role, used)
        join commitment_unused_role as promised on overlaps(role, promised) and overlaps(used, promised)
    """
