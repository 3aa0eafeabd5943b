from observant.checks.check import check


@check(
    "organization-permission-set-admin",
    criteria=("CC6.1", "CC6.3"),
    judges="organization_permission_set_policy",
    concerns="policies of permission sets",
)
def permission_set_admin() -> str:
    """No permission set gives unrestricted access, except where documented.

    **What it judges.** Every AWS managed and inline policy of every permission set of Identity Center: it does not
    allow every action on every resource. Permission sets named by the commitment `admin_permission_sets`, where one is
    in force, may hold such a policy. A permissions boundary narrows what sessions can do and is no reason to pass.

    **Why.** A permission set becomes a role in every account it is assigned to: unrestricted once is unrestricted
    everywhere.

    **How to re-perform it by hand.** `aws sso-admin list-permission-sets`, for each
    `list-managed-policies-in-permission-set` and `get-inline-policy-for-permission-set`; read the documents as for
    [aws-full-access-policy](aws-full-access-policy.md).

    **What it cannot see.** Customer managed policies: each account has its own of that name, and the role that Identity
    Center makes there is judged by [aws-full-access-policy](aws-full-access-policy.md). Access put together from
    several policies.
    """
    return """
        select held.scope, held.member, held.label, during(held, permission_set, managed, promised), true as applies,
               doc.unrestricted and not coalesce(regexp_matches(permission_set.name, promised.allowed), false)
                 as violated,
               doc.because as because
        from organization_permission_set_policy as held
        join organization_permission_set as permission_set
          on permission_set.scope = held.scope and permission_set.member = held.permission_set
         and overlaps(held, permission_set)
        join organization_managed_policy as managed
          on managed.scope = held.scope and managed.member = held.policy and overlaps(held, managed)
         and overlaps(permission_set, managed)
        join aws_document as doc on doc.document = managed.document
        join commitment_admin_permission_sets as promised
          on overlaps(held, promised) and overlaps(managed, promised) and overlaps(permission_set, promised)
        where held.policy_kind = 'managed'
        union all
        select held.scope, held.member, held.label, during(held, permission_set, promised), true,
               doc.unrestricted and not coalesce(regexp_matches(permission_set.name, promised.allowed), false),
               doc.because
        from organization_permission_set_policy as held
        join organization_permission_set as permission_set
          on permission_set.scope = held.scope and permission_set.member = held.permission_set
         and overlaps(held, permission_set)
        join aws_document as doc on doc.document = held.document
        join commitment_admin_permission_sets as promised
          on overlaps(held, promised) and overlaps(permission_set, promised)
        where held.policy_kind = 'inline'
        union all
        select held.scope, held.member, held.label, during(held), false, cast(null as boolean),
               'judged in each account, or only narrows'
        from organization_permission_set_policy as held
        where held.policy_kind in ('customer', 'boundary') and held.policy is not null
    """
