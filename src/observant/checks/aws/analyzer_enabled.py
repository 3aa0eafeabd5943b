from observant.checks.check import check


@check("aws-analyzer-enabled", criteria=("CC6.1", "CC7.1"), judges="aws_analyzer_coverage", concerns="accounts")
def analyzer_enabled() -> str:
    """Access Analyzer looks for access from outside in every account.

    **What it judges.** Every account: an active analyzer of external access of its own, in the region that calls are
    sent to or in one of a trail, or an active analyzer of the organization that the account is in.

    **Why.** Nobody reads every bucket policy, key policy and trust policy after each change. AWS does, where it is
    told to.

    **How to re-perform it by hand.** `aws accessanalyzer list-analyzers --region …` in the account, and in the
    organization's management account or the one that Access Analyzer is delegated to: `type` `ACCOUNT` or
    `ORGANIZATION`, `status` `ACTIVE`.

    **What it cannot see.** Analyzers in other regions: resources there are looked at by those alone. An organization's
    analyzer in an account that nobody collects.
    """
    return """
        select account.scope, account.member, account.label, during(account), true as applies,
               not account.external as violated, account.because as because
        from aws_analyzer_coverage as account
    """
