"""Registers of changes of access with their tickets, and of tickets with their changes: one match, both ways."""

from observant.period.registers.register import Register

CLASSES = ("unlinked", "unknown", "unapproved", "late", "explained", "exempt", "emergency", "planned")
"""In the order in which somebody should look at them."""

_ORDER = " ".join(f"when '{name}' then {place}" for place, name in enumerate(CLASSES))

_COLUMNS = (
    *("made_at", "scope", "class", "event", "target", "actor", "person", "ticket", "rule", "strength", "requester"),
    *("approvers", "implementer", "approved_at", "explanation", "possible", "change", "evidence_record"),
)

_NOTES = """
    one row for each event that changed access in the period, as it stands now; unlinked ones first
    class: planned (approved before), emergency (approved within the documented time after), late, unapproved,
    unlinked, explained (by a human), exempt (by change_tickets), unknown
    rule and strength say how the ticket was found; possible are tickets that only a human can link
    person is whose user it was about; requester, approvers and implementer are as their systems name them
"""


def _changes(where: str) -> str:
    return f"""
        with told as (
          select trace.*, party.subject_name, party.requester, party.approvers, party.implementer, party.has_subject,
                 party.own,
                 case when trace.linked is null then 'unknown'
                      when not trace.linked and trace.explained then 'explained'
                      when not trace.linked
                       and coalesce(regexp_matches(trace.event || ' ' || trace.actor, needed.exempt), false)
                      then 'exempt'
                      when not trace.linked then 'unlinked'
                      when trace.approved_at <= trace.happened_at then 'planned'
                      when trace.approved_at is null and trace.approved is null then 'unknown'
                      when trace.approved_at is null then 'unapproved'
                      when trace.emergency
                       and trace.approved_at <= trace.happened_at + promised.emergency_within then 'emergency'
                      else 'late' end as class
          from aws_change_trace as trace
          join aws_change_party as party on party.scope = trace.scope and party.member = trace.member
          join commitment_change_approval as promised
            on promised.valid_from <= trace.happened_at and trace.happened_at < promised.valid_to
          join commitment_change_tickets as needed
            on needed.valid_from <= trace.happened_at and trace.happened_at < needed.valid_to
          where trace.valid_to = timestamp '9999-12-31'
            and trace.happened_at >= $start and trace.happened_at < $end and {where}
        )
        select happened_at as made_at, scope, class, event, target, actor, subject_name as person, ticket, rule,
               strength, requester, approvers, implementer, approved_at, explanation, possible, member as change,
               record as evidence_record
        from told order by case class {_ORDER} end, made_at, scope, change
    """  # noqa: S608 (our own text)


CHANGE_TICKETS = Register(
    name="change-tickets",
    title="Changes of access with their tickets",
    columns=_COLUMNS,
    notes=_NOTES,
    sql=_changes("true"),
)

GRANT_TICKETS = Register(
    name="grant-tickets",
    title="Access given to people, with the tickets",
    columns=_COLUMNS,
    notes=_NOTES,
    sql=_changes("trace.act = 'grant' and coalesce(party.has_subject, true)"),
)

REMOVAL_TICKETS = Register(
    name="removal-tickets",
    title="Access taken from people, with the tickets",
    columns=_COLUMNS,
    notes=_NOTES,
    sql=_changes("trace.act = 'removal' and coalesce(party.has_subject, true)"),
)

TICKETS = Register(
    name="tickets",
    title="Approved tickets for changes of access, with their changes",
    columns=(
        "scope",
        "ticket",
        "purpose",
        "status",
        "approved_at",
        "first_change",
        "changes",
        "found",
        "evidence_record",
    ),
    notes="""
        one row for each ticket of a mapped kind that was approved before the end of the period, and not done before it
        found: whether a change was made for it; unknown where the log of changes, or who is who, is not known
    """,
    sql="""
        select scope, label as ticket, purpose, status, approved_at, done_at as first_change, changes,
               case when done then 'yes' when done is null then 'unknown' when ended then 'cancelled'
                    else 'no' end as found,
               record as evidence_record
        from tickets_ticket_use
        where valid_to = timestamp '9999-12-31' and purpose <> 'other' and coalesce(approved, true)
          and coalesce(approved_at, valid_from) < $end and coalesce(done_at, timestamp '9999-12-31') >= $start
        order by case when done then 2 when ended then 3 when done is null then 1 else 0 end, approved_at nulls first,
                 scope, ticket
    """,
)
