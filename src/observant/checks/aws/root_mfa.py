from observant.checks.check import check


@check("aws-root-mfa", criteria=("CC6.1", "CC6.6"), judges="aws_account", concerns="accounts")
def root_mfa() -> str:
    """The root user signs in with MFA.

    **What it judges.** Every account, by `AccountMFAEnabled` of its account summary.

    **Why.** The root user cannot be restricted by any policy in its account; a password alone must not be enough.

    **How to re-perform it by hand.** `aws iam get-account-summary`: `AccountMFAEnabled` must be 1. Where root has
    neither a password (`AccountPasswordPresent` is 0) nor access keys (`AccountAccessKeysPresent` is 0), as with
    centrally managed root access, there is nothing to protect and the account passes.

    **What it cannot see.** The kind of device, and whether the person who holds it is the right one. A summary that
    does not mention `AccountPasswordPresent` is read as "root has a password", the state every account is born in.
    """
    return """
        select account.scope, account.member, account.label, during(account), true as applies,
               not account.root_mfa and (coalesce(account.root_password, true) or account.root_access_keys) as violated,
               'root has credentials and MFA is not active' as because
        from aws_account as account
    """
