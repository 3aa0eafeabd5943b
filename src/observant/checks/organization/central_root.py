from observant.checks.check import check


@check(
    "organization-central-root",
    criteria=("CC6.1",),
    judges="organization_root_access",
    concerns="organizations",
)
def central_root() -> str:
    """Root credentials of member accounts are managed from the management account.

    **What it judges.** The organization: central management of root credentials is switched on in IAM.

    **Why.** Where it is on, member accounts need no root password and no root key at all, and nobody can recover one
    unnoticed.

    **How to re-perform it by hand.** `aws iam list-organizations-features`: `RootCredentialsManagement` must be named.

    **What it cannot see.** Whether the credentials that existed before were removed: `aws-root-access-keys` and
    `aws-root-mfa` say so for each account.
    """
    return """
        select root_access.scope, root_access.member, root_access.label, during(root_access), true as applies,
               not root_access.credentials_managed as violated,
               'central management of root credentials is off' as because
        from organization_root_access as root_access
    """
