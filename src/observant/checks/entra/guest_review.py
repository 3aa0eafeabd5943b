from observant.checks.check import check


@check("entra-guest-review", criteria=("CC6.2", "CC6.3"), judges="entra_reviewed_guest", concerns="guests")
def guest_review() -> str:
    """The access of every guest was reviewed in the documented time.

    **What it judges.** Every guest and every other account that came by invitation, against the commitment
    `guest_review`: somebody decided (approve or deny) about it in an access review that was completed. Until the
    first review the creation of the account counts.

    **Why.** A review definition shows an intention. A decision about this guest, by somebody, on a day, is the record
    that the auditor asks for.

    **How to re-perform it by hand.** `GET /identityGovernance/accessReviews/definitions`, `/instances` with status
    `Completed` or `Applied`, and `/decisions`: the latest `reviewedDateTime` of each principal whose `decision` is
    `Approve` or `Deny`.

    **What it cannot see.** Reviews held elsewhere. Which of several accesses of the guest was decided about.
    Decisions that were deleted before a snapshot showed them.
    """
    return """
        select guest.scope, guest.member, guest.label, during(guest, promised), true as applies,
               case when guest.unseen then case when coalesce(guest.last_review, guest.created_at) + promised.every
                                                     >= guest.valid_to
                                                then coalesce(guest.last_review, guest.created_at) + promised.every end
                    else coalesce(guest.last_review, guest.created_at) + promised.every end as violated_from,
               case when guest.last_review is null then 'never reviewed'
                    else 'last reviewed ' || cast(guest.last_review as varchar) || ': ' || guest.decision end
                 || ', the documented time is ' || promised.every_in_words as because
        from entra_reviewed_guest as guest
        join commitment_guest_review as promised on overlaps(guest, promised)
    """
