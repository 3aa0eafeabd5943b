from observant.checks.alike import setting_removed
from observant.checks.check import check


@check(
    "azure-log-setting-removed",
    criteria=("CC7.1", "CC7.2"),
    judges="azure_subscription",
    concerns="subscriptions",
)
def log_setting_removed() -> str:
    """Nobody deleted a diagnostic setting of a subscription.

    **What it judges.** Each deletion of a diagnostic setting that the activity log of a subscription tells of, of the
    subscription itself or of anything in it. The verdict fails for the 24 hours from each one on.

    **Why.** A setting that is deleted in the evening and made again in the morning is in no snapshot. What happened in
    that night is in no log.

    **How to re-perform it by hand.** `GET
    /subscriptions/{id}/providers/Microsoft.Insights/eventtypes/management/values?$filter=eventTimestamp ge '…' and
    resourceProvider eq 'Microsoft.Insights'`: operation `Microsoft.Insights/diagnosticSettings/delete`, status
    `Succeeded`.

    **What it cannot see.** Deletions with the resource that a setting belonged to. Settings of the tenant,
    whose changes stand in its own activity log: see `entra-log-setting-removed`. Whether a change was agreed on.
    """
    return setting_removed("azure_subscription", "azure_log_setting_event")
