from observant.checks.check import check


@check("aws-change-ticket", criteria=("CC8.1",), judges="aws_change_trace", concerns="changes of access")
def change_ticket() -> str:
    """Every change of access has a ticket or a pull request.

    **What it judges.** Every event of CloudTrail that changed access, from that second on, until a ticket is found for
    it, or a human links or explains it (`observant changes link`), which is a record. A ticket is found by an id in the
    session's tags, source identity or name; by the commit or pull request that they name; by the last pull request
    merged into the repository whose workflow made the change; or because it names what was changed, was open then, and
    is of the person who made the change. `observant changes match` shows the rule and its strength for each. What
    the commitment `change_tickets` exempts, and what AWS does by itself, is not concerned. The log of each account is a
    member too: while nobody reads it, what was changed is unknown.

    **Why.** A change that nobody asked for is either a mistake or an attack, and the two look alike.

    **How to re-perform it by hand.** Take the events of the period that change access from CloudTrail, and look for the
    ticket of each: the list of those without one comes first in `observant changes match`.

    **What it cannot see.** Whether the ticket allows what was done. Changes that the log does not have.
    """
    return """
        select trace.scope, trace.member, trace.label, during(trace),
               coalesce(trace.actor_kind, '') <> 'service'
                 and not coalesce(regexp_matches(trace.event || ' ' || trace.actor, promised.exempt), false) as applies,
               case when not promised.documented or trace.act = 'unread' then null
                    when trace.act = 'read' or trace.linked or trace.explained then false
                    else not trace.linked end as violated,
               case when trace.act = 'unread' then 'the log of changes was not read'
                    when trace.act = 'read' then 'the log of changes was read'
                    when trace.linked then trace.ticket || ': ' || trace.rule
                    when trace.explained then 'explained by ' || trace.explanation
                    when trace.linked is null then 'trackers were not read since, or who is who is not known'
                    else 'by ' || trace.actor || ', without a ticket'
                         || coalesce('; possibly ' || trace.possible, '') end as because
        from aws_change_trace as trace
        join commitment_change_tickets as promised
          on promised.valid_from <= coalesce(trace.happened_at, trace.valid_from)
         and coalesce(trace.happened_at, trace.valid_from) < promised.valid_to
    """
