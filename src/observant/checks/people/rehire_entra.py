from observant.checks.alike import kept_for_return
from observant.checks.check import check


@check("people-rehire-entra", criteria=("CC6.2",), judges="people_entra_grant", concerns="grants of people")
def rehire_entra() -> str:
    """Who comes back does not find what they held before: accounts of the tenant.

    **What it judges.** Each group or standing directory role of an account that is linked to a person who had left and
    is employed again: whether it was granted before they left and is there on their new first day. The earlier
    employment stands in the export of people, or is seen from one export to the next.

    **Why.** Somebody decided about the access of the first employment. Nobody did about that of the second.

    **How to re-perform it by hand.** List who came back in the period, and compare their memberships and role
    assignments in the last snapshot before the earlier end with the first one after the new beginning.

    **What it cannot see.** When something was granted that the first snapshot shows already; then the answer is not
    known. That the account did not work in between is asked by `people-leaver-entra`.
    """
    return kept_for_return("people_entra_grant")
