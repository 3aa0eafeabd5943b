from observant.checks.check import check


@check(
    "aws-log-bucket-guarded",
    criteria=("CC6.1", "CC7.2", "CC7.3"),
    judges="aws_log_destination",
    concerns="log destinations",
)
def log_bucket_guarded() -> str:
    """Buckets with CloudTrail's logs are guarded against deletion.

    **What it judges.** Every bucket of the account that a trail delivers to: Object Lock with a default retention, or
    MFA delete with versions, or a bucket policy that denies `s3:DeleteObject` and `s3:DeleteObjectVersion` to everybody
    without any condition or exception.

    **Why.** Who covers their tracks deletes the log first, and an administrator of the account may delete anything that
    nothing guards.

    **How to re-perform it by hand.** `aws s3api get-object-lock-configuration`, `get-bucket-versioning` (`MFADelete`),
    `get-bucket-policy`.

    **What it cannot see.** Service control policies that guard the bucket. Who may change the policy first; governance
    mode can be lifted by whoever holds `s3:BypassGovernanceRetention`.
    """
    return """
        select kept.scope, kept.member, kept.label, during(kept), kept.owned and kept.kind = 'bucket' as applies,
               not kept.guarded as violated, kept.guarded_because as because
        from aws_log_destination as kept
    """
