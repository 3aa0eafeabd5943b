from observant.checks.check import check


@check(
    "azure-log-retention",
    criteria=("CC7.2", "CC7.3"),
    judges="azure_log_coverage",
    concerns="categories of activity logs",
)
def log_retention() -> str:
    """Activity logs of subscriptions are kept as long as documented.

    **What it judges.** Each category of the activity log that the commitment `activity_log_retention` names, of every
    subscription: that it is sent to a destination which keeps it for the documented time. What counts is the total
    retention of table `AzureActivity` in a workspace, and in a storage account the container
    `insights-activity-logs`: the first lifecycle rule that deletes it, or a locked immutability policy that holds
    longer.

    **Why.** Azure itself keeps the activity log for 90 days.

    **How to re-perform it by hand.** `GET /subscriptions/{id}/providers/Microsoft.Insights/diagnosticSettings`, then
    the destinations as for `entra-log-retention`.

    **What it cannot see.** What becomes of logs sent to an event hub: unknown, unless the commitment names the hub as
    attested. Diagnostic settings of a management group, and of single resources.
    """
    return """
        select cover.scope, cover.member, cover.label, during(cover, promised),
               regexp_matches(cover.category, promised.categories) as applies,
               case when not promised.documented then null
                    when timestamp '2000-01-01'
                           + case when coalesce(promised.protected, false) then cover.protected_days
                                  else cover.kept_days end * interval '1 day'
                         >= timestamp '2000-01-01' + promised.retention then false
                    when regexp_matches(cover.sinks, '(?im)' || promised.attested) then false
                    when cover.unclear then null
                    else true end as violated,
               cover.because || '; documented are ' || promised.retention_in_words as because
        from azure_log_coverage as cover
        join commitment_activity_log_retention as promised on overlaps(cover, promised)
    """
