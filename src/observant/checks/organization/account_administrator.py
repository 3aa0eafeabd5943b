from observant.checks.check import check


@check(
    "organization-account-administrator",
    criteria=("CC6.1", "CC6.3"),
    judges="organization_person_access",
    concerns="ways of people into accounts",
)
def account_administrator() -> str:
    """Only documented people are administrators of AWS accounts through Identity Center.

    **What it judges.** Every way of every person into every account: an assignment of a permission set to a group of
    the identity store that the person is in, or to the person by name. It must not give every action on every resource,
    unless the commitment `account_administrators` names the person and the account. A group that nobody is in lets
    nobody in.

    **Why.** A list of permission sets and groups does not say who is an administrator where. Whoever joins the group
    tomorrow is one in every account that the group was given.

    **How to re-perform it by hand.** `aws sso-admin list-account-assignments` for each account and permission set, for
    each group `aws identitystore list-group-memberships`, for each member `aws identitystore describe-user`; read the
    policies of the permission set as for [organization-permission-set-admin](organization-permission-set-admin.md).
    The population of this check in the auditor's package is that list.

    **What it cannot see.** Customer managed policies of a permission set: the role that Identity Center makes in the
    account is judged by [aws-administrators](aws-administrators.md). Whether a person who is disabled in the identity
    store could sign in elsewhere: they count.
    """
    return """
        select access.scope, access.member, access.label, during(access, promised), true as applies,
               case when not access.administrator then false
                    when access.person is null then null
                    when access.person_name is null then false
                    else access.administrator
                         and not coalesce(
                           regexp_matches(access.person_name || ' ' || access.account, promised.allowed), false)
               end as violated,
               access.because as because
        from organization_person_access as access
        join commitment_account_administrators as promised on overlaps(access, promised)
    """
