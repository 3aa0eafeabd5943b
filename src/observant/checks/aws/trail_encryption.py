from observant.checks.check import check


@check("aws-trail-encryption", criteria=("CC6.1", "CC7.2"), judges="aws_trail", concerns="trails")
def trail_encryption() -> str:
    """Trails encrypt their log files with a key of the company.

    **What it judges.** Every trail, where the commitment `trail_encryption` is in force: a KMS key is named for its log
    files.

    **Why.** With S3's own keys whoever may read the bucket reads the log. A KMS key is a second door, with a policy and
    a log of its own.

    **How to re-perform it by hand.** `aws cloudtrail describe-trails`: `KmsKeyId` of each trail.

    **What it cannot see.** The policy of the key, and whether the key is enabled: a trail whose key is not delivers
    nothing, and [aws-trail-delivery](aws-trail-delivery.md) shows that.
    """
    return """
        select trail.scope, trail.member, trail.label, during(trail, promised), true as applies,
               case when promised.documented then trail.kms_key = '' end as violated,
               'log files are encrypted with the keys of S3 only' as because
        from aws_trail as trail
        join commitment_trail_encryption as promised on overlaps(trail, promised)
    """
