from observant.checks.check import check


@check("entra-account-owner", criteria=("CC6.1", "CC6.2"), judges="entra_identity", concerns="accounts of the tenant")
def account_owner() -> str:
    """Every account of the tenant belongs to a person, or is declared with an owner.

    **What it judges.** Every member and guest: whether a declared rule links the account to one person of the list of
    people, or the accounts file declares it as shared, of a service, for emergencies or as a guest, with an owner who
    is on the list. Nothing is linked by likeness; two people who fit are no link.

    **Why.** Nobody is asked to remove an account that nobody owns, and nobody notices who uses it.

    **How to re-perform it by hand.** Go through `GET /users` and find for each account the person or the line of the
    accounts file.

    **What it cannot see.** Whether the person who is named really uses the account.
    """
    return """
        select identity.scope, identity.member, identity.label, during(identity), true as applies,
               identity.kind = 'unlinked' as violated, identity.rule as because
        from entra_identity as identity
    """
