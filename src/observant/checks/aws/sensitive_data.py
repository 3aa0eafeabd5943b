from observant.checks.check import check


@check(
    "aws-sensitive-data",
    criteria=("CC6.1", "CC6.3"),
    judges="aws_sensitive_reach",
    concerns="IAM users and roles",
)
def sensitive_data() -> str:
    """Only documented principals may take sensitive data out.

    **What it judges.** Every IAM user and role: whether its policies and those of its groups together, within its
    permissions boundary and the organization's service control policies, allow reading anything that the commitment
    `sensitive_data` in force at that moment calls sensitive, or letting others read it (policies of buckets, secrets
    and queues, attributes of snapshots, replication). Principals that it names as readers may. The reason of a failure
    is such a request.

    **Why.** A policy that reads every bucket reads the one with the payroll, too. Whoever wrote it thought of another.

    **How to re-perform it by hand.** `observant explain PRINCIPAL s3:GetObject arn:aws:s3:::BUCKET/x`, and in the same
    way for the action and the resource of the reason. IAM Access Analyzer's CheckAccessNotGranted asks a document the
    same.

    **What it cannot see.** Rights that policies of resources give or take away: a bucket that keeps everybody out by
    its own policy is judged by what the account's policies grant. What is sensitive and not named so. Keys of KMS,
    which protect what they encrypt from whoever may not use them. A condition narrows when data may be taken, not
    whether: it counts, and is named.
    """
    return """
        select reach.scope, reach.member, reach.label, during(reach, promised), true as applies,
               reach.reaches and not regexp_matches(reach.member, promised.readers) as violated,
               reach.because as because
        from aws_sensitive_reach as reach
        join commitment_sensitive_data as promised on overlaps(reach, promised)
    """
