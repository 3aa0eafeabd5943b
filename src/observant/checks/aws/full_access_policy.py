from observant.checks.check import check


@check("aws-full-access-policy", criteria=("CC6.1", "CC6.3"), judges="aws_attachment", concerns="attached policies")
def full_access_policy() -> str:
    """No policy that allows every action on every resource is attached, except where documented.

    **What it judges.** Every policy on every user, group and role: inline, customer managed and AWS managed. Principals
    named by the commitment `administrators`, where one is in force, may hold such a policy.

    **Why.** Unrestricted access makes every other restriction decorative, and what was granted in an emergency tends to
    stay.

    **How to re-perform it by hand.** `aws iam get-account-authorization-details`: in the default version of each
    attached policy look for a statement with `"Effect": "Allow"`, an `Action` of wildcards only (`*`, `*:*`) and a
    `Resource` of wildcards only, also among other entries of a list. `NotAction` that does not spare all of IAM, and
    `NotResource`, allow everything but a few things and count. A condition narrows when the statement applies, not
    what it grants: it is named and counts. A document that denies everything unconditionally grants nothing.

    **What it cannot see.** Unrestricted access put together from several policies, escalation paths, permissions
    boundaries and service control policies.
    """
    return """
        select held.scope, held.member, held.label, during(held, managed, promised), true as applies,
               doc.unrestricted and not coalesce(regexp_matches(held.principal, promised.allowed), false) as violated,
               doc.because as because
        from aws_attachment as held
        join aws_managed_policy as managed
          on managed.scope = held.scope and managed.member = held.policy_arn and overlaps(held, managed)
        join aws_document as doc on doc.document = managed.document
        join commitment_administrators as promised on overlaps(held, promised) and overlaps(managed, promised)
        union all
        select held.scope, held.member, held.label, during(held, promised), true,
               doc.unrestricted and not coalesce(regexp_matches(held.principal, promised.allowed), false),
               doc.because
        from aws_attachment as held
        join aws_document as doc on doc.document = held.document
        join commitment_administrators as promised on overlaps(held, promised)
    """
