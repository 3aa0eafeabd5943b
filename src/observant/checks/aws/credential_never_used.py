from observant.checks.check import check


@check(
    "aws-credential-never-used", criteria=("CC6.1", "CC6.2"), judges="aws_credential", concerns="users of the report"
)
def credential_never_used() -> str:
    """Credentials that were never used are removed in the documented time.

    **What it judges.** The console password and both access keys of every IAM user, against the commitment
    `never_used_credential`. Root's credentials have checks of their own.

    **Why.** A credential that was handed out and never used was not needed, and it may be lying in an inbox.

    **How to re-perform it by hand.** Passwords: `password_enabled` is `true` and `password_last_used` is `N/A` or
    `no_information`; count from `password_last_changed`. Keys: active and `access_key_N_last_used_date` is `N/A`; count
    from `access_key_N_last_rotated`.

    **What it cannot see.** Uses before AWS began to record them (October 2014 for passwords, April 2015 for keys).
    """
    return """
        select holder.scope, holder.member, holder.label, during(holder, used, promised),
               not holder.is_root and holder.password_enabled as applies,
               case when promised.documented and used.password_last_used > timestamp '1970-01-01'
                    then timestamp '9999-12-31'
                    when used.password_last_used = timestamp '1970-01-01'
                    then holder.password_changed_at + promised.max_unused end as violated_from,
               'password never used since ' || cast(holder.password_changed_at as varchar) as because
        from aws_credential as holder
        join aws_credential_usage as used
          on used.scope = holder.scope and used.member = holder.member and overlaps(holder, used)
        join commitment_never_used_credential as promised
          on overlaps(holder, promised) and overlaps(used, promised)
        union all
        select holder.scope, holder.member, holder.label, during(key, used, holder, promised),
               not holder.is_root and key.active,
               case when promised.documented and used.last_used > timestamp '1970-01-01'
                    then timestamp '9999-12-31'
                    when used.last_used = timestamp '1970-01-01' then key.created_at + promised.max_unused end,
               'access key ' || cast(key.slot as varchar) || ' never used since ' || cast(key.created_at as varchar)
        from aws_access_key as key
        join aws_access_key_usage as used
          on used.scope = key.scope and used.owner = key.owner and used.slot = key.slot and overlaps(key, used)
        join aws_credential as holder
          on holder.scope = key.scope and holder.member = key.owner
         and overlaps(key, holder) and overlaps(used, holder)
        join commitment_never_used_credential as promised
          on overlaps(key, promised) and overlaps(used, promised) and overlaps(holder, promised)
    """
