from observant.checks.check import check


@check("tickets-approved-unused", criteria=("CC8.1",), judges="tickets_ticket_use", concerns="approved tickets")
def approved_unused() -> str:
    """What was approved is done, or its ticket is cancelled.

    **What it judges.** Every approved ticket of a kind that the workspace maps to a purpose (change, emergency,
    access), against the commitment `ticket_implementation`: from the approval and the documented time on, until a
    change of access was made for it or it was cancelled. A change made with a pull request counts for the tickets that
    the pull request names.

    **Why.** An approval that lies about is used some day for something else, and a removal that was approved and never
    made is access that everybody believes to be gone.

    **How to re-perform it by hand.** Take the approved tickets of the period and look for the events of each:
    `observant changes match --tickets` lists those without any.

    **What it cannot see.** Tickets for anything else than access: map only those kinds that are about access. Changes
    that the logs do not have.
    """
    return """
        select used.scope, used.member, used.label, during(used),
               coalesce(used.purpose, '') <> 'other' and coalesce(used.approved, true)
                 and not coalesce(used.ended, false) as applies,
               case when not promised.documented or used.approved is null or used.purpose is null then null
                    when used.done then timestamp '9999-12-31'
                    when not used.done then used.approved_at + promised.within
               end as violated_from,
               coalesce(used.purpose, 'ticket') || ', approved '
                 || coalesce(cast(used.approved_at as varchar), 'at a time not known')
                 || case when used.done then ', first change ' || cast(used.done_at as varchar)
                         when not used.done then ', no change was made for it'
                         else '; whether a change was made is not known' end as because
        from tickets_ticket_use as used
        join commitment_ticket_implementation as promised
          on promised.valid_from <= coalesce(used.approved_at, used.valid_from)
         and coalesce(used.approved_at, used.valid_from) < promised.valid_to
    """
