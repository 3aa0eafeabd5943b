"""Registers of policies: what is granted beside what is written, both ways, and who may take sensitive data out."""

from observant.period.registers.register import Register

WRITTEN_ACCESS = Register(
    name="written-access",
    title="What principals may do beside what is written",
    columns=(
        *("scope", "principal", "name", "beyond", "request_beyond", "unused", "request_unused", "held_from", "held_to"),
        "evidence_record",
    ),
    notes="""
        one row for each IAM user and role that a sentence of the commitment access_statements is about
        beyond is yes where its policies allow a request that the sentences do not; request_beyond is such a request
        unused is yes where the sentences promise a request that its policies do not allow: a promise to take back
        not known is said with its reason; held_to is empty for what outlasted the period
    """,
    sql="""
        select scope, member as principal, label as name,
               case when beyond then 'yes' when not beyond then 'no' else 'not known' end as beyond,
               beyond_because as request_beyond,
               case when unused then 'yes' when not unused then 'no' else 'not known' end as unused,
               unused_because as request_unused, greatest(valid_from, $start) as held_from,
               case when valid_to < $end then valid_to end as held_to, record as evidence_record
        from aws_access_statement where named and valid_from < $end and valid_to > $start
        order by scope, name, principal, held_from
    """,
)

SENSITIVE_ACCESS = Register(
    name="sensitive-access",
    title="Who may take sensitive data out",
    columns=("scope", "principal", "name", "may", "request", "held_from", "held_to", "evidence_record"),
    notes="""
        one row for each IAM user and role that may read what the commitment sensitive_data calls sensitive, or let
        others read it, named as a reader or not; request is one that shows it
        who could not be decided about is listed as not known; held_to is empty for what outlasted the period
    """,
    sql="""
        select scope, member as principal, label as name, case when reaches then 'yes' else 'not known' end as may,
               because as request, greatest(valid_from, $start) as held_from,
               case when valid_to < $end then valid_to end as held_to, record as evidence_record
        from aws_sensitive_reach where reaches is not false and valid_from < $end and valid_to > $start
        order by scope, name, principal, held_from
    """,
)
