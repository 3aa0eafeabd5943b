from observant.checks.alike import event_loss as lost
from observant.checks.check import check


@check("azure-event-loss", criteria=("CC4.1", "CC7.2"), judges="azure_subscription", concerns="subscriptions")
def event_loss() -> str:
    """The activity log is read before it forgets.

    **What it judges.** Whether two complete readings of the activity log ever lay further apart than the provider
    keeps its events (90 days). The verdict fails for the 24 hours from the reading that found out; the
    reason names the time of which the events are lost.

    **Why.** What changed and was changed back between two snapshots is in this log and nowhere else. A hole in it
    cannot be filled later.

    **How to re-perform it by hand.** In the request log of each snapshot record, the filter of `GET
    /subscriptions/{id}/providers/Microsoft.Insights/eventtypes/management/values`: each must begin before the last
    complete one before it ended.

    **What it cannot see.** Events that the provider never wrote, or wrote later than two days after they happened.
    """
    return lost("azure_subscription", "azure_event_loss")
