from observant.checks.check import check


@check("entra-guest-invitation", criteria=("CC6.2",), judges="entra_user", concerns="users")
def guest_invitation() -> str:
    """Invitations that nobody accepts are withdrawn in the documented time.

    **What it judges.** Guests whose invitation is still open, against the commitment `guest_invitation`.

    **Why.** An open invitation is access for whoever has the mailbox when it is redeemed, and a sign that nobody
    needed it.

    **How to re-perform it by hand.** `GET
    /users?$select=externalUserState,externalUserStateChangeDateTime,createdDateTime`: `PendingAcceptance`, counted
    from the change of state, or from creation.

    **What it cannot see.** Invitations to other applications than the directory.
    """
    return """
        select person.scope, person.member, person.label, during(person, promised),
               coalesce(person.external_state, '') = 'PendingAcceptance' as applies,
               coalesce(person.external_state_changed_at, person.created_at) + promised.max_pending as violated_from,
               'invited ' || cast(coalesce(person.external_state_changed_at, person.created_at) as varchar)
                 || ' and not accepted, the documented time is ' || promised.max_pending_in_words as because
        from entra_user as person
        join commitment_guest_invitation as promised on overlaps(person, promised)
    """
