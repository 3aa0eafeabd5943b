from observant.checks.check import check


@check(
    "aws-credential-exposure",
    criteria=("CC6.1", "CC6.3"),
    judges="aws_principal_access",
    concerns="IAM users and roles",
)
def credential_exposure() -> str:
    """Nobody but documented administrators may read credentials out of every resource.

    **What it judges.** Every IAM user and role: whether one of a short list of actions that answer with credentials
    (keys, tokens, passwords, secrets, parameters) is allowed on every resource. Principals that the commitment
    `administrators` names may.

    **Why.** A single call leaks what such an action answers, and a grant without resources covers what is made
    tomorrow.

    **How to re-perform it by hand.** `observant who-can secretsmanager:GetSecretValue '*'`, and so on for the actions
    that the reason names.

    **What it cannot see.** Grants on many resources that are not all of them, and what is in the resources.
    """
    return """
        select access.scope, access.member, access.label, during(access, promised), true as applies,
               access.exposes and not coalesce(regexp_matches(access.member, promised.allowed), false) as violated,
               access.exposes_because as because
        from aws_principal_access as access
        join commitment_administrators as promised on overlaps(access, promised)
    """
