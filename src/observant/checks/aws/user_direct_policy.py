from observant.checks.check import check


@check("aws-user-direct-policy", criteria=("CC6.3",), judges="aws_user", concerns="IAM users")
def user_direct_policy() -> str:
    """Users get their permissions through groups or roles, not directly.

    **What it judges.** Every IAM user: the number of inline and of attached policies on the user itself.

    **Why.** Access that hangs on a person and not on a duty is missed when the duty changes hands.

    **How to re-perform it by hand.** `aws iam list-user-policies` and `aws iam list-attached-user-policies` for the
    user: both must be empty.

    **What it cannot see.** A permissions boundary on the user is not a grant and is not counted.
    """
    return """
        select person.scope, person.member, person.label, during(person), true as applies,
               person.inline_policies + person.attached_policies > 0 as violated,
               cast(person.inline_policies as varchar) || ' inline and ' || cast(person.attached_policies as varchar)
                 || ' attached policies directly on the user' as because
        from aws_user as person
    """
