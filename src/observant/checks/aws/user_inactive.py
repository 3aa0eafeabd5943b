from observant.checks.check import check


@check("aws-user-inactive", criteria=("CC6.2", "CC6.3"), judges="aws_credential", concerns="users of the report")
def user_inactive() -> str:
    """Users without any activity are removed in the documented time.

    **What it judges.** IAM users that still hold a working credential (an enabled password or an active key), against
    the commitment `inactive_user`. Activity is a sign-in or the use of a key; without any, creation counts. The root
    user is not meant: not being used is what is expected of it.

    **Why.** Who left or changed duties stops working before anybody files the ticket. The account that nobody uses is
    the one nobody misses when it is abused.

    **How to re-perform it by hand.** Per row of the credential report take the latest of `user_creation_time`,
    `password_last_used` and both `access_key_N_last_used_date`, and add the documented time.

    **What it cannot see.** Activity as an assumed role through federation, which does not use the IAM user.
    """
    return """
        select holder.scope, holder.member, holder.label, during(holder, used, promised),
               not holder.is_root
                 and (holder.password_enabled or holder.key_1_active or holder.key_2_active) as applies,
               case when used.last_used > holder.created_at then used.last_used
                    when used.last_used <= holder.created_at then holder.created_at end
                 + promised.max_idle as violated_from,
               case when used.last_used > holder.created_at then 'last active ' || cast(used.last_used as varchar)
                    else 'never active since ' || cast(holder.created_at as varchar) end
                 || ', inactive for more than the documented ' || promised.max_idle_in_words as because
        from aws_credential as holder
        join aws_credential_usage as used
          on used.scope = holder.scope and used.member = holder.member and overlaps(holder, used)
        join commitment_inactive_user as promised on overlaps(holder, promised) and overlaps(used, promised)
    """
