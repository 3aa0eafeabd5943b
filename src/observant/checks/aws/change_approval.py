from observant.checks.check import check


@check(
    "aws-change-approval", criteria=("CC8.1",), judges="aws_change_trace", concerns="changes of access with a ticket"
)
def change_approval() -> str:
    """Changes of access are approved before they are made, and emergency changes soon after.

    **What it judges.** Every change for which a ticket or pull request was found, against the commitment
    `change_approval`. A planned change was approved before the second in which it was made. A ticket of a kind that the
    workspace maps to `emergency` may be approved within `emergency_within` after the change; from then on it is late,
    until the approval came. Of a pull request the last review of each reviewer before the merge counts, and its
    author's own does not. What `change_tickets` exempts is not concerned.

    **Why.** An approval afterwards is a note about something that cannot be prevented any more.

    **How to re-perform it by hand.** For each change take its ticket from `observant changes match`, and compare the
    time of the first approval in the tracker with the time of the event in CloudTrail.

    **What it cannot see.** Approvals given elsewhere, such as in a chat. A change of two persons' minds: an approval
    that was withdrawn later still was one, except in a pull request.
    """
    return """
        select trace.scope, trace.member, trace.label, during(trace),
               coalesce(trace.linked, true) and coalesce(trace.actor_kind, '') <> 'service'
                 and not coalesce(regexp_matches(trace.event || ' ' || trace.actor, needed.exempt), false) as applies,
               case when not promised.documented or trace.act = 'unread' then null
                    when trace.act = 'read' then timestamp '9999-12-31'
                    when trace.linked is null then null
                    when trace.approved then timestamp '9999-12-31'
                    when not trace.approved and trace.emergency
                    then trace.happened_at + coalesce(promised.emergency_within, interval '0 days')
                    when not trace.approved and not trace.emergency then trace.happened_at
               end as violated_from,
               case when trace.act = 'unread' then 'the log of changes was not read'
                    when trace.act = 'read' then 'the log of changes was read'
                    when trace.linked is null then 'not known yet if there is a ticket'
                    when trace.approved is null then trace.ticket || ': its approvals are not known'
                    else trace.ticket || case when trace.emergency then ' (emergency)' else '' end
                         || case when trace.approved_at is null then ', never approved'
                                 else ', approved ' || cast(trace.approved_at as varchar) end
                         || ', made ' || cast(trace.happened_at as varchar) end as because
        from aws_change_trace as trace
        join commitment_change_approval as promised
          on promised.valid_from <= coalesce(trace.happened_at, trace.valid_from)
         and coalesce(trace.happened_at, trace.valid_from) < promised.valid_to
        join commitment_change_tickets as needed
          on needed.valid_from <= coalesce(trace.happened_at, trace.valid_from)
         and coalesce(trace.happened_at, trace.valid_from) < needed.valid_to
    """
