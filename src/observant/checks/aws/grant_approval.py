from observant.checks.check import check


@check(
    "aws-grant-approval", criteria=("CC6.2", "CC6.3"), judges="aws_change_party", concerns="grants of access to people"
)
def grant_approval() -> str:
    """Access is given to people after it was approved.

    **What it judges.** Every change that gave access to the IAM user of a person (a user, a group, a policy, a password
    or a key), against the commitment `grant_approval`: from the change on, until the approval of its ticket or a
    human's explanation. What people do to their own credentials is not concerned. Who is behind a user is what the
    rules of the list of people say.

    **Why.** A joiner's access that nobody approved is the joiner's choice.

    **How to re-perform it by hand.** For each grant in the register `grant-tickets`, compare its time with the
    approval of its ticket.

    **What it cannot see.** Access that a person gets through a role or a group that was there before.
    """
    return """
        select party.scope, party.member, party.label, during(party, trace),
               party.act = 'grant' and coalesce(party.has_subject, true) and not coalesce(party.own, false) as applies,
               case when promised.documented and party.has_subject and party.own is not null
                    then case when trace.linked then not trace.approved and not trace.explained
                              when trace.explained then false
                              else not trace.linked end end as violated,
               'to ' || coalesce(party.subject_name, 'somebody not known') || ' by ' || coalesce(trace.actor, '')
                 || case when trace.linked then ', ' || trace.ticket
                         || case when trace.approved_at is null then ', never approved'
                                 else ', approved ' || cast(trace.approved_at as varchar) end
                         when not trace.linked then ', without a ticket' else '' end as because
        from aws_change_party as party
        join aws_change_trace as trace
          on trace.scope = party.scope and trace.member = party.member and overlaps(party, trace)
        join commitment_grant_approval as promised
          on promised.valid_from <= party.valid_from and party.valid_from < promised.valid_to
    """
