from observant.checks.check import check


@check("aws-log-retention", criteria=("CC7.2", "CC7.3"), judges="aws_log_destination", concerns="log destinations")
def log_retention() -> str:
    """CloudTrail's logs are kept as long as documented.

    **What it judges.** Every place that logs of CloudTrail go to and that belongs to the account: buckets, log groups
    and event data stores, against the commitment `trail_retention` in force at that moment. What counts is what deletes
    there: lifecycle rules that reach the trail's files, old versions, Object Lock, the retention of the group or store.
    Log groups may be named in `short_lived`: copies for searching, beside a place that keeps.

    **Why.** An incident is found months after it began. What was deleted by then cannot be looked up.

    **How to re-perform it by hand.** For the bucket `aws s3api get-bucket-lifecycle-configuration`,
    `get-bucket-versioning` and `get-object-lock-configuration`; `aws logs describe-log-groups`; `aws cloudtrail
    get-event-data-store`. An expiring rule hides an object of a bucket with versions; the rule for noncurrent versions
    deletes it that much later, and nothing does where there is none.

    **What it cannot see.** What people delete by hand, and copies elsewhere. A bucket or log group of another account
    is judged in that account; where nobody collects it, how long it keeps is unknown.
    """
    return """
        select kept.scope, kept.member, kept.label, during(kept, promised),
               kept.owned and not coalesce(regexp_matches(kept.member, promised.short_lived), false) as applies,
               kept.kept_days * interval '1 day' < promised.keep as violated,
               kept.kept_because || ', documented are ' || coalesce(promised.keep_in_words, 'none') as because
        from aws_log_destination as kept
        join commitment_trail_retention as promised on overlaps(kept, promised)
    """
