from observant.checks.check import check


@check(
    "aws-role-open-federation",
    criteria=("CC6.1", "CC6.6"),
    judges="aws_role_outsider",
    concerns="roles and whom they let in",
)
def role_open_federation() -> str:
    """Roles for an identity provider name who of its users may assume them.

    **What it judges.** Every role that trusts an identity provider (OpenID Connect or SAML): a token of a stranger at
    the same provider is refused. For OpenID Connect that takes a test of the subject that leaves its owner no choice.

    **Why.** On a provider that everybody uses, a role without such a test is open to everybody: any repository's
    pipeline, any app's user.

    **How to re-perform it by hand.** In the trust policy of each role with a `Federated` principal look for a condition
    on `…:sub` without IfExists and without a wildcard before the owner's name.

    **What it cannot see.** Whom the provider gives which subject.
    """
    return """
        select door.scope, door.member, door.label, during(door),
               door.kind = 'provider' or door.reach is null as applies, door.reach = 'public' as violated,
               'any token of the provider is accepted; ' || door.because as because
        from aws_role_outsider as door
        where door.kind is not null or door.reach is null
        union all
        select door.scope, door.member, door.label, during(door), false, false, door.because
        from aws_role_outsider as door
        where door.kind is null and door.reach is not null
    """
