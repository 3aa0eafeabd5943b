from observant.checks.check import check


@check("aws-role-trust", criteria=("CC6.1", "CC6.6"), judges="aws_role_outsider", concerns="roles and whom they let in")
def role_trust() -> str:
    """Roles trust only documented accounts outside.

    **What it judges.** Every role and each outside account (or `anyone`) that its trust policy lets in, conditions
    included. The own organization and the other collected accounts are inside. The commitment `trusted_accounts` says
    who else may be.

    **Why.** A trust policy is a door for a whole other company, and it stays open after the contract ends.

    **How to re-perform it by hand.** `aws iam list-roles`: in each `AssumeRolePolicyDocument` look for account numbers
    that are not yours and for `*`, and read the conditions. A condition that everybody meets is none.

    **What it cannot see.** What the other account does with it. Identity providers: `aws-role-open-federation`.
    """
    return """
        select door.scope, door.member, door.label, during(door, promised),
               door.kind is null or door.kind = 'account' as applies,
               case when door.reach = 'none' then false
                    when door.reach is null then null
                    else door.reach = 'public' or not coalesce(regexp_matches(door.outsider, promised.allowed), false)
               end as violated,
               door.because as because
        from aws_role_outsider as door
        join commitment_trusted_accounts as promised on overlaps(door, promised)
    """
