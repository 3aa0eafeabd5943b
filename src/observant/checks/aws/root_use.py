from observant.checks.check import check


@check("aws-root-use", criteria=("CC6.1", "CC7.2"), judges="aws_root_usage", concerns="root users")
def root_use() -> str:
    """The root user is not used.

    **What it judges.** The last-used times of the root user's password and of both its access keys.

    **Why.** Work done as root is done by nobody in particular and held back by nothing. Each use is an event that
    somebody must be able to explain.

    **How to re-perform it by hand.** In each stored credential report, read `password_last_used`,
    `access_key_1_last_used_date` and `access_key_2_last_used_date` of `<root_account>`. Each new value is a use; the
    key columns count even when the password column is old. The verdict fails for the 24 hours from each use on.

    **What it cannot see.** Several uses between two snapshots show as the last one of each credential; CloudTrail knows
    them all. AWS records use with a delay of up to four hours.
    """
    return """
        select used.scope, used.member, used.label, during(used),
               true as applies,
               used.password_last_used as violated_from,
               used.password_last_used + interval '1 day' as violated_to,
               'signed in as root with the password at ' || cast(used.password_last_used as varchar) as because
        from aws_root_usage as used
        union all
        select used.scope, used.member, used.label, during(used), true,
               used.key_1_last_used, used.key_1_last_used + interval '1 day',
               'used access key 1 of root at ' || cast(used.key_1_last_used as varchar)
        from aws_root_usage as used
        union all
        select used.scope, used.member, used.label, during(used), true,
               used.key_2_last_used, used.key_2_last_used + interval '1 day',
               'used access key 2 of root at ' || cast(used.key_2_last_used as varchar)
        from aws_root_usage as used
    """
