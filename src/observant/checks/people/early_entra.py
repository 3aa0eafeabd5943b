from observant.checks.alike import early
from observant.checks.check import check


@check("people-early-entra", criteria=("CC6.2",), judges="people_entra_access", concerns="people with a first day")
def early_entra() -> str:
    """Nobody has an enabled account of the tenant before their first day.

    **What it judges.** Everybody on the list of people: whether an account of the tenant that is linked to them is
    enabled before the beginning of their first day, in the company's zone.

    **Why.** Access before employment was granted on nobody's responsibility: contract and approval come first.

    **How to re-perform it by hand.** Compare the start date of each person with `createdDateTime` of their account, and
    with `Enable account` in the audit log.

    **What it cannot see.** The time before the person first stood on the list, and before the first snapshot. An
    account that is made some days before and stays disabled is none that works.
    """
    return early("people_entra_access")
