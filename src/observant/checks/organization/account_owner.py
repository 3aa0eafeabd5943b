from observant.checks.check import check


@check(
    "organization-account-owner",
    criteria=("CC6.1", "CC6.2"),
    judges="organization_identity",
    concerns="users of Identity Center",
)
def account_owner() -> str:
    """Every user of Identity Center belongs to a person, or is declared with an owner.

    **What it judges.** Every user of the identity store: whether a declared rule links it to one person of the list of
    people, or the accounts file declares it with an owner who is on the list. Nothing is linked by likeness; two people
    who fit are no link.

    **Why.** Nobody is asked to remove an account that nobody owns, and nobody notices who uses it.

    **How to re-perform it by hand.** Go through `aws identitystore list-users` and find for each user the person or the
    line of the accounts file.

    **What it cannot see.** Whether the person who is named really uses the account.
    """
    return """
        select identity.scope, identity.member, identity.label, during(identity), true as applies,
               identity.kind = 'unlinked' as violated, identity.rule as because
        from organization_identity as identity
    """
