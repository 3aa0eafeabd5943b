from observant.checks.check import check


@check("aws-cloudtrail-validation", criteria=("CC7.2", "CC7.3"), judges="aws_trail_coverage", concerns="accounts")
def cloudtrail_validation() -> str:
    """The trail that records everything signs its log files.

    **What it judges.** Every account: one trail that records all management events of every region also has log file
    validation switched on.

    **Why.** A log that can be edited unnoticed proves nothing about the time before it was read.

    **How to re-perform it by hand.** `aws cloudtrail describe-trails`: `LogFileValidationEnabled` of that trail;
    `aws cloudtrail validate-logs` checks the files themselves.

    **What it cannot see.** Whether the digest files are intact.
    """
    return """
        select account.scope, account.member, account.label, during(account), true as applies,
               not account.validated as violated, account.validated_because as because
        from aws_trail_coverage as account
    """
