from observant.checks.check import check


@check(
    "aws-log-bucket-public",
    criteria=("CC6.1", "CC6.6", "CC7.2"),
    judges="aws_log_destination",
    concerns="log destinations",
)
def log_bucket_public() -> str:
    """Buckets with CloudTrail's logs are not public.

    **What it judges.** Every bucket of the account that a trail delivers to: neither its policy nor its access control
    list lets everybody in, or the bucket's public access block takes that back.

    **Why.** The log names every person, key, address and resource of the account.

    **How to re-perform it by hand.** `aws s3api get-bucket-policy-status` (`IsPublic`), `get-bucket-acl` (grants to
    `AllUsers` or `AuthenticatedUsers`), and `get-public-access-block` (`RestrictPublicBuckets`, `IgnorePublicAcls`).

    **What it cannot see.** The account's own public access block, which protects a bucket that is public by mistake.
    Other accounts that the policy names.
    """
    return """
        select kept.scope, kept.member, kept.label, during(kept), kept.owned and kept.kind = 'bucket' as applies,
               kept.public as violated, 'the bucket is public and nothing blocks it' as because
        from aws_log_destination as kept
    """
