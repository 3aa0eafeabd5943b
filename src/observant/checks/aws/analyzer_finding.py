from observant.checks.check import check


@check(
    "aws-analyzer-finding",
    criteria=("CC6.1", "CC6.3", "CC7.1"),
    judges="aws_analyzer_finding",
    concerns="open findings of Access Analyzer",
)
def analyzer_finding() -> str:
    """Findings of Access Analyzer are resolved or archived in the documented time.

    **What it judges.** Every open finding, of external and of unused access, against the commitment `analyzer_findings`
    in force at that moment. The time counts from when AWS first reported the finding. Once archived or resolved it is
    open no more.

    **Why.** A door to the outside that somebody looked at and wanted is archived with a rule; one that stays open on
    the list is one that nobody looked at. Access that is granted and never used is what least privilege is about.

    **How to re-perform it by hand.** `aws accessanalyzer list-findings-v2 --analyzer-arn …` with
    `--filter '{"status": {"eq": ["ACTIVE"]}}'`: add the documented time to `createdAt`.

    **What it cannot see.** Accounts and regions without an analyzer: [aws-analyzer-enabled](aws-analyzer-enabled.md)
    says where one looks. Why a finding was archived. More open findings of one analyzer than are read leave all of them
    unknown.
    """
    return """
        select finding.scope, finding.member, finding.label, during(finding, promised), true as applies,
               finding.created_at + promised.max_open as violated_from,
               coalesce(finding.kind, 'a finding that was not shown') || ', open since '
                 || coalesce(cast(finding.created_at as varchar), 'an unknown time') || ', longer than the documented '
                 || promised.max_open_in_words as because
        from aws_analyzer_finding as finding
        join commitment_analyzer_findings as promised on overlaps(finding, promised)
    """
