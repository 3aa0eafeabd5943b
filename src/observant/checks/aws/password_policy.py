from observant.checks.check import check


@check("aws-password-policy", criteria=("CC6.1",), judges="aws_password_policy", concerns="password policies")
def password_policy() -> str:
    """The account password policy is at least as strong as documented.

    **What it judges.** Each account's password policy against the commitment `password_policy` in force at that moment.
    An account without a password policy of its own requires nothing that was promised, and fails.

    **Why.** What the written policy promises about passwords holds for IAM users only where the account enforces it.

    **How to re-perform it by hand.** `aws iam get-account-password-policy` beside the clause: length and reuse at least
    as documented, expiry (if documented) set and not longer, each required kind of character required.

    **What it cannot see.** Passwords set before the policy was tightened stay as they are until they are changed.
    """
    return """
        select policy.scope, policy.member, policy.label, during(policy, promised), true as applies,
               case when promised.documented then
                 not policy.policy_exists
                 or (promised.minimum_length is not null and policy.minimum_length < promised.minimum_length)
                 or (promised.reuse_prevention is not null
                     and policy.reuse_prevention < promised.reuse_prevention)
                 or (promised.max_age is not null
                     and (policy.max_age_days = 0 or policy.max_age_days * interval '1 day' > promised.max_age))
                 or (promised.require_uppercase is true and not policy.require_uppercase)
                 or (promised.require_lowercase is true and not policy.require_lowercase)
                 or (promised.require_numbers is true and not policy.require_numbers)
                 or (promised.require_symbols is true and not policy.require_symbols)
               end as violated,
               case when not policy.policy_exists then 'the account has no password policy'
                    else 'weaker than documented: length '
                      || coalesce(cast(policy.minimum_length as varchar), 'unknown')
                      || ', reuse prevention ' || coalesce(cast(policy.reuse_prevention as varchar), 'unknown')
                      || ', expiry in days ' || coalesce(cast(policy.max_age_days as varchar), 'unknown') end as because
        from aws_password_policy as policy
        join commitment_password_policy as promised on overlaps(policy, promised)
    """
