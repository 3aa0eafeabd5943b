from observant.checks.check import check


@check("aws-access-key-overlap", criteria=("CC6.1",), judges="aws_credential", concerns="users of the report")
def access_key_overlap() -> str:
    """No user keeps two active access keys for longer than a rotation takes.

    **What it judges.** Every user of the credential report, against the commitment `access_key_overlap`: how long two
    keys may both be active while the one replaces the other.

    **Why.** Two keys are needed for a rotation without downtime and for nothing else. A second key that stays is a
    rotation that was never finished.

    **How to re-perform it by hand.** In the credential report, rows with `access_key_1_active` and
    `access_key_2_active` both `true`: add the documented time to the later `last_rotated`.

    **What it cannot see.** Since when both are active, if the older key was switched on again: the later creation time
    is taken, which is the less favourable reading.
    """
    return """
        select holder.scope, holder.member, holder.label, during(holder, promised), true as applies,
               case when promised.documented then timestamp '9999-12-31' end as violated_from,
               'never two keys' as because
        from aws_credential as holder
        join commitment_access_key_overlap as promised on overlaps(holder, promised)
        union all
        select holder.scope, holder.member, holder.label, during(first, second, holder, promised), true,
               case when not first.active or not second.active then timestamp '9999-12-31'
                    when first.active and second.active and first.created_at >= second.created_at
                    then first.created_at + promised.max_overlap
                    when first.active and second.active and first.created_at < second.created_at
                    then second.created_at + promised.max_overlap end,
               'two active access keys for longer than the documented ' || promised.max_overlap_in_words
        from aws_access_key as first
        join aws_access_key as second
          on second.scope = first.scope and second.owner = first.owner and first.slot = 1 and second.slot = 2
         and overlaps(first, second)
        join aws_credential as holder
          on holder.scope = first.scope and holder.member = first.owner
         and overlaps(first, holder) and overlaps(second, holder)
        join commitment_access_key_overlap as promised
          on overlaps(first, promised) and overlaps(second, promised) and overlaps(holder, promised)
    """
