from observant.checks.alike import weakened
from observant.checks.check import check


@check(
    "entra-log-weakened",
    criteria=("CC7.1", "CC7.2"),
    judges="entra_log_coverage",
    concerns="categories of the tenant's log",
)
def log_weakened() -> str:
    """No log setting was removed or weakened.

    **What it judges.** Each change, seen from one snapshot to the next or told by an activity log, after which a
    category that the commitment `log_retention` names no longer goes to a destination it went to, or is kept for
    less time. The verdict fails for the 24 hours from each such change on. A destination that is replaced by another
    one counts: somebody should be able to say why.

    **Why.** Switching off the log comes before what should not be seen in it. And lowering the retention of a table
    deletes only after 30 days: seen in time, it can be undone without loss.

    **How to re-perform it by hand.** Compare `GET /providers/microsoft.aadiam/diagnosticSettings`, and the retention at
    the destinations, of two stored snapshots. Between them, operations `Microsoft.OperationalInsights/workspaces/write`
    and `workspaces/tables/write` in the activity log of the workspace's subscription, with `requestbody`.

    **What it cannot see.** Of what was changed and changed back between two snapshots: retention of tables and
    workspaces is seen where the activity log of the workspace's subscription is collected, diagnostic settings by
    `entra-log-setting-removed`, lifecycle rules of storage accounts not at all.
    """
    return weakened("entra_log_coverage", "commitment_log_retention")
