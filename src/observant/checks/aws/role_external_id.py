from observant.checks.check import check


@check(
    "aws-role-external-id",
    criteria=("CC6.1", "CC6.6"),
    judges="aws_role_outsider",
    concerns="roles and whom they let in",
)
def role_external_id() -> str:
    """Outside accounts must show an external id to assume a role.

    **What it judges.** Every role that lets in an outside account: nobody of another account gets in without
    `sts:ExternalId`.

    **Why.** A vendor that serves many customers can be talked into using its access to one of them for another. The
    external id is what keeps them apart. https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html

    **How to re-perform it by hand.** `aws iam get-role`: the statement that names the account needs a condition
    `StringEquals` on `sts:ExternalId`.

    **What it cannot see.** Whether the id is the vendor's choice and different for each of its customers. Accounts of
    your own that are neither collected nor in the organization count as outside.
    """
    return """
        select door.scope, door.member, door.label, during(door), door.kind = 'account' as applies,
               not door.external_id as violated, 'no external id is asked for; ' || door.because as because
        from aws_role_outsider as door
        where door.reach is not null and door.reach <> 'none'
        union all
        select door.scope, door.member, door.label, during(door), door.reach is null, cast(null as boolean),
               door.because
        from aws_role_outsider as door
        where door.reach is null or door.reach = 'none'
    """
