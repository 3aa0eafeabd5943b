from observant.checks.alike import leaves
from observant.checks.check import check


@check("people-leaver-aws", criteria=("CC6.2", "CC6.3"), judges="people_aws_access", concerns="people with a last day")
def leaver_aws() -> str:
    """Who left has no working IAM user after the documented time.

    **What it judges.** Everybody with a last day, against the commitment `leaver_removal`: `within` counts by the clock
    from the end of that day, `business_days` counts worked days until the end of the last of them, in the company's
    zone and without its holidays; where both are promised the earlier one counts. Working is an IAM user with an
    enabled password or an active key that is linked to the person. The end of that is exact where CloudTrail was read,
    and else the first snapshot that shows it. Somebody who vanishes from the export without a last day is taken to have
    left when the first export without them was read.

    **Why.** An account that outlives its owner's employment is used by whoever finds the password and missed by nobody.

    **How to re-perform it by hand.** Take the leavers of the period from the HR export, add the documented time to each
    last day, and look in the first credential report after it whether a password or key of theirs still works.

    **What it cannot see.** Accounts that no rule links to the person: `aws-account-owner` lists them. Sessions that go
    on after the user was removed, for hours at most. Access by a role in another company's account.
    """
    return leaves("people_aws_access")
