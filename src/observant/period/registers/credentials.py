"""Registers of credentials: AWS access keys and what Entra applications sign in with, in one list."""

from observant.period.registers.register import Register

# A key of AWS has no end. Who only federates has nothing to rotate, and is listed all the same.
_CREDENTIALS = """
  select scope, owner as principal, replace(split_part(owner, ':', 6), 'user/', '') as name, 'access key' as kind,
         member as credential, label, created_at as made_at, cast(null as timestamp) as ends_at, active as usable,
         valid_from, valid_to, record
  from aws_access_key
  union all
  select scope, owner, coalesce(owner_name, owner), case when signing then 'signing ' || kind else kind end,
         member, label, start_at, end_at, true, valid_from, valid_to, record
  from entra_credential
"""

LAST_ROTATION = Register(
    name="last-rotation",
    title="Last rotation of every principal with credentials",
    columns=(
        *("scope", "principal", "name", "credentials", "last_rotated", "made_in_period", "held_at_the_end"),
        *("oldest_at_the_end", "oldest_age_in_days", "evidence_record"),
    ),
    notes="""
        one row for each IAM user with access keys, and each application or service principal with credentials
        last_rotated: when the newest credential was made; empty where unknown, or where there is federation only
        made_in_period counts credentials made in the period
        oldest_age_in_days is the greatest age that any credential had when it went away, or at the end of the period
    """,
    sql=f"""
        with credential as ({_CREDENTIALS}
        ), held as (
          select * from credential where valid_from < $end and valid_to > $start
        )
        select scope, principal, arg_max(name, valid_from) as name,
               string_agg(distinct kind, ', ' order by kind) as credentials,
               case when not bool_or(made_at is null and kind <> 'federated') then max(made_at) end as last_rotated,
               count(distinct credential) filter (made_at >= $start and made_at < $end) as made_in_period,
               count(distinct credential) filter (valid_to >= $end) as held_at_the_end,
               min(made_at) filter (valid_to >= $end) as oldest_at_the_end,
               max(date_diff('day', made_at, least(valid_to, $end))) as oldest_age_in_days,
               max(record) as evidence_record
        from held group by scope, principal order by scope, name, principal
    """,  # noqa: S608 (our own text)
)

CREDENTIAL_EXPIRY = Register(
    name="credential-expiry",
    title="Age and end of every credential",
    columns=(
        *("scope", "principal", "name", "kind", "credential", "made_at", "ends_at", "usable_at_the_end"),
        *("seen_from", "seen_until", "age_in_days", "days_left", "evidence_record"),
    ),
    notes="""
        one row for each credential that existed at any time in the period
        ends_at is empty for what has no end, or none that is known; seen_until is empty for what outlasted the period
        age_in_days and days_left are at seen_until, or at the end of the period; days_left below zero: it has ended
    """,
    sql=f"""
        with credential as ({_CREDENTIALS}
        ), held as (
          select scope, credential, arg_max(principal, valid_from) as principal, arg_max(name, valid_from) as name,
                 arg_max(kind, valid_from) as kind, arg_max(label, valid_from) as label, max(made_at) as made_at,
                 max(ends_at) as ends_at, arg_max(usable, valid_from) as usable, min(valid_from) as first_seen,
                 max(valid_to) as last_seen, max(record) as record
          from credential where valid_from < $end and valid_to > $start group by scope, credential
        )
        select scope, principal, name, kind, label as credential, made_at, ends_at,
               usable and last_seen >= $end as usable_at_the_end, greatest(first_seen, $start) as seen_from,
               case when last_seen < $end then last_seen end as seen_until,
               date_diff('day', made_at, least(last_seen, $end)) as age_in_days,
               date_diff('day', least(last_seen, $end), ends_at) as days_left, record as evidence_record
        from held order by scope, name, made_at, label, held.credential
    """,  # noqa: S608 (our own text)
)
