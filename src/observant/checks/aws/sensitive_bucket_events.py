from observant.checks.check import check


@check("aws-sensitive-bucket-events", criteria=("CC7.2", "CC7.3"), judges="aws_bucket_recording", concerns="buckets")
def sensitive_bucket_events() -> str:
    """Every read and write in sensitive buckets is recorded.

    **What it judges.** Every bucket whose name fits the commitment `sensitive_buckets` in force at that moment: all
    reads (unless `reads_are_exempt`) and all writes of all its objects are recorded as data events by a trail or an
    event data store that is active and covers the bucket's region.

    **Why.** Management events say who changed the bucket. Who took the data out of it is in the data events alone.

    **How to re-perform it by hand.** `aws cloudtrail get-event-selectors` of every trail that records: classic
    `DataResources` of type `AWS::S3::Object` with the value `arn:aws:s3` or `arn:aws:s3:::BUCKET/` and `ReadWriteType`
    `All`; or an advanced selector on `eventCategory` `Data` and `resources.type` `AWS::S3::Object`, with
    `resources.ARN` absent or beginning with the bucket, and nothing else that leaves objects, names or callers out.

    **What it cannot see.** Buckets that are sensitive and not named so. Selectors that complete each other.
    """
    return """
        select bucket.scope, bucket.member, bucket.label, during(bucket, promised),
               regexp_matches(bucket.name, promised.buckets) as applies,
               not (bucket.writes and (bucket.reads or coalesce(promised.reads_are_exempt, false))) as violated,
               bucket.because as because
        from aws_bucket_recording as bucket
        join commitment_sensitive_buckets as promised on overlaps(bucket, promised)
    """
