from observant.checks.check import check


@check("aws-console-mfa", criteria=("CC6.1", "CC6.6"), judges="aws_credential", concerns="users of the report")
def console_mfa() -> str:
    """Every user with a console password has registered MFA.

    **What it judges.** IAM users whose password is enabled. The root user has a check of its own.

    **Why.** A password is guessed, phished and reused; a second factor is what stands between that and the console.

    **How to re-perform it by hand.** In the credential report: rows with `password_enabled` `true` must have
    `mfa_active` `true`.

    **What it cannot see.** Whether MFA is *required*: a registered device that no policy asks for protects nothing
    against somebody who holds an access key. Registered, required and enforced are three different findings.
    """
    return """
        select holder.scope, holder.member, holder.label, during(holder),
               holder.password_enabled and not holder.is_root as applies,
               not holder.mfa_active as violated, 'console password without MFA' as because
        from aws_credential as holder
    """
