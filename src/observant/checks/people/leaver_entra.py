from observant.checks.alike import leaves
from observant.checks.check import check


@check(
    "people-leaver-entra", criteria=("CC6.2", "CC6.3"), judges="people_entra_access", concerns="people with a last day"
)
def leaver_entra() -> str:
    """Who left has no working access to Entra and Azure after the documented time.

    **What it judges.** Everybody with a last day, against the commitment `leaver_removal`, as `people-leaver-aws` does.
    Working are: an enabled account of the tenant that is linked to the person, a guest's included; and a secret or
    certificate of an application whose owner the person was while it was there, until it is removed or ends. The end of
    an account is exact where the directory's audit log has it, and else the first snapshot that shows it.

    **Why.** Disabling the account is the part that is done. Who wrote a secret down signs in as the application, for as
    long as the secret lasts.

    **How to re-perform it by hand.** Take the leavers of the period from the HR export. Find their accounts in `GET
    /users` and the events `Disable account` and `Delete user` in the audit log. Find the applications that they owned
    in earlier snapshots, and compare the ids of credentials then and now.

    **What it cannot see.** Accounts that no rule links to the person: `entra-account-owner` lists them. Tokens that
    were issued before, for an hour as a rule. Secrets that were shown to somebody who never was an owner.
    """
    return leaves("people_entra_access")
