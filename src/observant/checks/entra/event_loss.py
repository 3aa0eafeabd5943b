from observant.checks.alike import event_loss as lost
from observant.checks.check import check


@check("entra-event-loss", criteria=("CC4.1", "CC7.2"), judges="entra_tenant", concerns="tenants")
def event_loss() -> str:
    """The audit and activity logs of the tenant are read before they forget.

    **What it judges.** Whether two complete readings of the directory audit log, or of the tenant's activity log, ever
    lay further apart than the provider keeps its events (7 days of the first, 30 with a premium licence; 90 of the
    second). The verdict fails for the 24 hours from the reading that found out; the reason names the log, and the time
    of which its events are lost.

    **Why.** What changed and was changed back between two snapshots is in these logs and nowhere else. A hole in one
    cannot be filled later.

    **How to re-perform it by hand.** In the request log of each snapshot record, the filters of `GET
    /auditLogs/directoryAudits` and of `/providers/Microsoft.Insights/eventtypes/management/values`: each must begin
    before the last complete one before it ended.

    **What it cannot see.** Events that the provider never wrote, or wrote later than two days after they happened.
    """
    return lost("entra_tenant", "entra_event_loss")
