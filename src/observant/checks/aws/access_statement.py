from observant.checks.check import check


@check(
    "aws-access-statement",
    criteria=("CC6.1", "CC6.3"),
    judges="aws_access_statement",
    concerns="IAM users and roles",
)
def access_statement() -> str:
    """Attached policies allow nothing beyond the written statement.

    **What it judges.** Every IAM user and role that a sentence of the commitment `access_statements` is about: whether
    its policies, within boundary and service control policies, allow a request that the sentences do not. The reason
    of a failure is such a request: action, resource and condition keys.

    **Why.** Least privilege is a promise until somebody compares what is written with what is attached.

    **How to re-perform it by hand.** Put the request of the reason to AWS's policy simulator, and read the sentence.
    IAM Access Analyzer's CheckNoNewAccess compares two documents in the same way.

    **What it cannot see.** Rights that policies of resources give. Comparisons that cannot be decided (too many
    combinations of conditions, variables in denials) are unknown. What is promised but not granted is no failure: it is
    in `aws_access_statement.unused`.
    """
    return """
        select compared.scope, compared.member, compared.label, during(compared), compared.named as applies,
               compared.beyond as violated, compared.beyond_because as because
        from aws_access_statement as compared
    """
