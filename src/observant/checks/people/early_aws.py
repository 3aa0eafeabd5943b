from observant.checks.alike import early
from observant.checks.check import check


@check("people-early-aws", criteria=("CC6.2",), judges="people_aws_access", concerns="people with a first day")
def early_aws() -> str:
    """Nobody has a working IAM user before their first day.

    **What it judges.** Everybody on the list of people: whether an IAM user that is linked to them works before the
    beginning of their first day, in the company's zone.

    **Why.** Access before employment was granted on nobody's responsibility: contract and approval come first.

    **How to re-perform it by hand.** Compare the start date of each person with the creation of their users, and with
    the credential reports of the days before.

    **What it cannot see.** The time before the person first stood on the list, and before the first snapshot.
    """
    return early("people_aws_access")
