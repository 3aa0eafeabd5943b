"""Registers of accounts: who was active when, and what is known of each guest."""

from observant.period.registers.register import Register

ACTIVITY = Register(
    name="activity",
    title="Last activity of every account",
    columns=(
        *("scope", "account", "name", "kind", "created_at", "enabled_at_the_end", "seen_from", "seen_until"),
        *("last_activity", "activity", "idle_days", "evidence_record"),
    ),
    notes="""
        one row for each IAM user, user and guest that existed at any time in the period; the root user is not listed
        last_activity is a sign-in or the use of a key, as the provider reports it, at the latest the end of the period
        activity is known, never (then idle_days count from creation), or not known
        seen_until is empty for accounts that outlasted the period
    """,
    sql="""
        with account as (
          select holder.scope, holder.member, holder.label, 'IAM user' as kind, holder.created_at,
                 holder.password_enabled or holder.key_1_active or holder.key_2_active as enabled, used.last_used,
                 greatest(holder.valid_from, used.valid_from) as valid_from,
                 least(holder.valid_to, used.valid_to) as valid_to, greatest(holder.record, used.record) as record
          from aws_credential as holder left join aws_credential_usage as used
            on used.scope = holder.scope and used.member = holder.member
           and used.valid_from < holder.valid_to and holder.valid_from < used.valid_to
          where not holder.is_root
          union all
          select person.scope, person.member, coalesce(person.upn, person.label),
                 case when person.user_type = 'Guest' or person.invited then 'guest' else 'user' end,
                 person.created_at, person.enabled, used.last_successful_sign_in,
                 greatest(person.valid_from, used.valid_from), least(person.valid_to, used.valid_to),
                 greatest(person.record, used.record)
          from entra_user as person left join entra_user_activity as used
            on used.scope = person.scope and used.member = person.member
           and used.valid_from < person.valid_to and person.valid_from < used.valid_to
        ), known as (
          select scope, member, arg_max(label, valid_from) as name, arg_max(kind, valid_from) as kind,
                 min(created_at) as created_at, arg_max(enabled, valid_from) as enabled,
                 min(valid_from) as first_seen, max(valid_to) as last_seen, max(record) as record,
                 max(case when last_used < $end then last_used when last_used >= $end then $end end) as last_used,
                 bool_or(last_used is null) as unclear
          from account where valid_from < $end and valid_to > $start group by scope, member
        )
        select scope, member as account, name, kind, created_at,
               enabled and last_seen >= $end as enabled_at_the_end, greatest(first_seen, $start) as seen_from,
               case when last_seen < $end then last_seen end as seen_until,
               case when last_used > timestamp '1970-01-01' then last_used end as last_activity,
               case when last_used > timestamp '1970-01-01' then 'known' when unclear then 'not known'
                    else 'never' end as activity,
               case when last_used > timestamp '1970-01-01' or not unclear
                    then date_diff('day', case when last_used > timestamp '1970-01-01' then last_used
                                               else created_at end, least(last_seen, $end)) end as idle_days,
               record as evidence_record
        from known order by scope, name, account
    """,
)

GUESTS = Register(
    name="guests",
    title="Every guest, with last sign-in and last review",
    columns=(
        *("scope", "guest", "name", "created_at", "invitation", "enabled_at_the_end", "last_sign_in", "last_review"),
        *("decision", "reviewed_by", "review_in_period", "seen_from", "seen_until", "evidence_record"),
    ),
    notes="""
        one row for each guest, and other account that came by invitation, that existed at any time in the period
        review_in_period: yes when somebody decided about the guest in it, in an access review that was completed
        review_in_period: no is a finding; not known where decisions could not be read
        last_sign_in is the last successful one; empty when there is none, or none that is known
    """,
    sql="""
        with guest as (
          select person.scope, person.member, coalesce(person.upn, person.label) as name, person.created_at,
                 person.external_state, person.enabled, used.last_successful_sign_in as signed_in,
                 seen.last_review, seen.decision, seen.reviewed_by, seen.unseen,
                 greatest(person.valid_from, used.valid_from, seen.valid_from) as valid_from,
                 least(person.valid_to, used.valid_to, seen.valid_to) as valid_to,
                 greatest(person.record, used.record, seen.record) as record
          from entra_user as person
          left join entra_user_activity as used
            on used.scope = person.scope and used.member = person.member
           and used.valid_from < person.valid_to and person.valid_from < used.valid_to
          left join entra_reviewed_guest as seen
            on seen.scope = person.scope and seen.member = person.member
           and seen.valid_from < least(person.valid_to, used.valid_to)
           and greatest(person.valid_from, used.valid_from) < seen.valid_to
          where person.user_type = 'Guest' or person.invited
        ), known as (
          select scope, member, arg_max(name, valid_from) as name, min(created_at) as created_at,
                 arg_max(external_state, valid_from) as invitation, arg_max(enabled, valid_from) as enabled,
                 max(case when signed_in < $end then signed_in when signed_in >= $end then $end end) as signed_in,
                 max(last_review) filter (last_review < $end) as last_review,
                 arg_max(decision, last_review) filter (last_review < $end) as decision,
                 arg_max(reviewed_by, last_review) filter (last_review < $end) as reviewed_by,
                 bool_or(coalesce(unseen, true)) as unseen, min(valid_from) as first_seen,
                 max(valid_to) as last_seen, max(record) as record
          from guest where valid_from < $end and valid_to > $start group by scope, member
        )
        select known.scope, known.member as guest, known.name, created_at, invitation,
               enabled and last_seen >= $end as enabled_at_the_end,
               case when signed_in > timestamp '1970-01-01' then signed_in end as last_sign_in, last_review, decision,
               coalesce(reviewer.name, reviewed_by) as reviewed_by,
               case when last_review >= $start then 'yes' when unseen then 'not known' else 'no' end
                 as review_in_period,
               greatest(first_seen, $start) as seen_from,
               case when last_seen < $end then last_seen end as seen_until, record as evidence_record
        from known left join (
          select scope, member, arg_max(coalesce(upn, label), valid_from) as name from entra_user group by scope, member
        ) as reviewer on reviewer.scope = known.scope and reviewer.member = known.reviewed_by
        order by known.scope, known.name, guest
    """,
)
