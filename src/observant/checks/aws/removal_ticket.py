from observant.checks.check import check


@check(
    "aws-removal-ticket",
    criteria=("CC6.2", "CC6.3"),
    judges="aws_change_party",
    concerns="removals of people's access",
)
def removal_ticket() -> str:
    """Every removal of a person's access has a ticket.

    **What it judges.** Every change that took access from the IAM user of a person, against the commitment
    `removal_tickets`: from the change on, until a ticket is found for it or a human links or explains it. What people
    do to their own credentials is not concerned.

    **Why.** The ticket shows when somebody was told that a person leaves; without it nobody can say that the removal
    was in time.

    **How to re-perform it by hand.** For each removal in the register `removal-tickets`, look for its ticket.

    **What it cannot see.** Removals that never happened: `people-leaver-aws` finds those.
    """
    return """
        select party.scope, party.member, party.label, during(party, trace),
               party.act = 'removal' and coalesce(party.has_subject, true) and not coalesce(party.own, false)
                 as applies,
               case when promised.documented and party.has_subject and party.own is not null
                    then case when trace.linked or trace.explained then false else not trace.linked end
               end as violated,
               'from ' || coalesce(party.subject_name, 'somebody not known') || ' by ' || coalesce(trace.actor, '')
                 || case when trace.linked then ', ' || trace.ticket
                         when not trace.linked then ', without a ticket' else '' end as because
        from aws_change_party as party
        join aws_change_trace as trace
          on trace.scope = party.scope and trace.member = party.member and overlaps(party, trace)
        join commitment_removal_tickets as promised
          on promised.valid_from <= party.valid_from and party.valid_from < promised.valid_to
    """
