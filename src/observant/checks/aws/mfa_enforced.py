from observant.checks.check import check


@check("aws-mfa-enforced", criteria=("CC6.1", "CC6.6"), judges="aws_principal_access", concerns="IAM users and roles")
def mfa_enforced() -> str:
    """People cannot do anything without MFA except enrol it.

    **What it judges.** IAM users whose console password is enabled: a sign-in without MFA, and where they have an
    active access key a request signed with it, is refused everything beyond enrolling MFA, by their policies or the
    organization's.

    **Why.** A registered device protects only what a policy asks it for. A condition with `Bool` instead of
    `BoolIfExists` does not see access keys at all.

    **How to re-perform it by hand.** Look for a Deny of everything but enrolment with
    `BoolIfExists aws:MultiFactorAuthPresent false` on the user, its groups or above the account, and try a call with an
    access key.

    **What it cannot see.** Service control policies where the organization is not collected: they could enforce it, so
    the verdict is then unknown, not a failure. People who sign in through a federation: it asks for MFA itself.
    """
    return """
        select access.scope, access.member, access.label, during(access, holder),
               holder.password_enabled as applies,
               not access.console_needs_mfa
                 or ((holder.key_1_active or holder.key_2_active) and not access.key_needs_mfa) as violated,
               'console: ' || access.console_because || '; access key: ' || access.key_because as because
        from aws_principal_access as access
        join aws_credential as holder
          on holder.scope = access.scope and holder.member = access.member and overlaps(access, holder)
        where access.kind = 'user'
        union all
        select access.scope, access.member, access.label, during(access), false, false, 'a role has no password'
        from aws_principal_access as access
        where access.kind <> 'user'
    """
