from observant.checks.check import check


@check("aws-access-key-unused", criteria=("CC6.1", "CC6.2", "CC6.3"), judges="aws_access_key", concerns="access keys")
def access_key_unused() -> str:
    """Access keys nobody uses are deactivated in the documented time.

    **What it judges.** Every active access key against the commitment `unused_access_key`. Idle time counts from the
    last use, or from creation when the key was never used.

    **Why.** A key without a use is a door without a doorman: nobody would notice that somebody else walks through.

    **How to re-perform it by hand.** Take the later of `access_key_N_last_rotated` and `access_key_N_last_used_date`
    (`N/A` means never) of an active key and add the documented idle time.

    **What it cannot see.** Uses before AWS began to record them (April 2015), and what the key was used for.
    """
    return """
        select key.scope, key.member, key.label, during(key, used, promised), key.active as applies,
               case when used.last_used > key.created_at then used.last_used
                    when used.last_used <= key.created_at then key.created_at end + promised.max_idle as violated_from,
               case when used.last_used > key.created_at then 'last used ' || cast(used.last_used as varchar)
                    else 'never used since ' || cast(key.created_at as varchar) end
                 || ', idle for more than the documented ' || promised.max_idle_in_words as because
        from aws_access_key as key
        join aws_access_key_usage as used
          on used.scope = key.scope and used.owner = key.owner and used.slot = key.slot and overlaps(key, used)
        join commitment_unused_access_key as promised
          on overlaps(key, promised) and overlaps(used, promised)
    """
