from observant.checks.alike import kept_by_mover
from observant.checks.check import check


@check("people-mover-entra", criteria=("CC6.2", "CC6.3"), judges="people_entra_grant", concerns="grants of people")
def mover_entra() -> str:
    """Who changes department does not keep what was granted before: accounts of the tenant.

    **What it judges.** Each group or standing directory role of an account that is linked to a person who changed
    department: whether it was granted before and is still there when the time of the commitment `mover_access` is over.
    What its `common` names is what everybody has. The change stands in the export of people, or is seen from one export
    to the next.

    **Why.** Rights add up with every move, until somebody can both order and pay.

    **How to re-perform it by hand.** List who changed department in the period, and compare their memberships and role
    assignments in the last snapshot before the change with one after the documented time.

    **What it cannot see.** Whether the new department needs the same: grant it anew, so that somebody decided it. When
    something was granted that the first snapshot shows already; then the answer is not known.
    """
    return kept_by_mover("people_entra_grant")
