from observant.checks.alike import leaves
from observant.checks.check import check


@check(
    "people-leaver-organization",
    criteria=("CC6.2", "CC6.3"),
    judges="people_organization_access",
    concerns="people with a last day",
)
def leaver_organization() -> str:
    """Who left reaches no AWS account through Identity Center after the documented time.

    **What it judges.** Everybody with a last day, against the commitment `leaver_removal`, as `people-leaver-aws` does.
    Working is a user of Identity Center that is linked to the person, is enabled, and reaches an account through a
    group or by name.

    **Why.** Identity Center is one login to every account: what is forgotten here is forgotten everywhere.

    **How to re-perform it by hand.** Take the leavers of the period from the HR export, look each up with `aws
    identitystore list-users`, and their groups and assignments with `list-group-memberships-for-member` and `sso-admin
    list-account-assignments-for-principal`.

    **What it cannot see.** Users that no rule links to the person: `organization-account-owner` lists them. Sessions
    that were begun before, which last as long as the permission set says.
    """
    return leaves("people_organization_access")
