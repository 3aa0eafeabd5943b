from observant.checks.alike import early
from observant.checks.check import check


@check(
    "people-early-organization",
    criteria=("CC6.2",),
    judges="people_organization_access",
    concerns="people with a first day",
)
def early_organization() -> str:
    """Nobody reaches an AWS account through Identity Center before their first day.

    **What it judges.** Everybody on the list of people: whether a user of Identity Center that is linked to them is
    enabled and reaches an account before the beginning of their first day, in the company's zone.

    **Why.** Access before employment was granted on nobody's responsibility: contract and approval come first.

    **How to re-perform it by hand.** Compare the start date of each person with the groups and assignments of their
    user in the snapshots before it.

    **What it cannot see.** The time before the person first stood on the list, and before the first snapshot.
    """
    return early("people_organization_access")
