from observant.checks.check import check


@check(
    "aws-administrators",
    criteria=("CC6.1", "CC6.3"),
    judges="aws_principal_access",
    concerns="IAM users and roles",
)
def administrators() -> str:
    """Only documented principals are administrators in effect.

    **What it judges.** Every IAM user and role that may do everything, or may give itself everything: by its own
    policies and those of its groups together, within its permissions boundary and the organization's service control
    policies. Unrestricted rights over IAM are enough. Principals that the commitment `administrators` names may.

    **Why.** Full access put together from several policies, or one policy away, is full access. Whoever looks at each
    policy by itself does not see it.

    **How to re-perform it by hand.** `observant explain PRINCIPAL iam:PutUserPolicy PRINCIPAL` (for a role
    iam:PutRolePolicy) shows, layer by layer, who may write its own rights; the reason of a failure names the statement.
    AWS's policy simulator answers the same question in the console.

    **What it cannot see.** Rights that policies of resources give. Service control policies where the organization is
    not collected: they only take away, so a failure then says so and remains. A condition narrows when somebody is an
    administrator, not whether: it counts, and is named.
    """
    return """
        select access.scope, access.member, access.label, during(access, promised), true as applies,
               access.administrator
                 and not coalesce(regexp_matches(access.member, promised.allowed), false) as violated,
               access.administrator_because as because
        from aws_principal_access as access
        join commitment_administrators as promised on overlaps(access, promised)
    """
