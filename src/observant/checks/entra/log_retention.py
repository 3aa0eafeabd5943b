from observant.checks.check import check


@check(
    "entra-log-retention",
    criteria=("CC7.2", "CC7.3"),
    judges="entra_log_coverage",
    concerns="categories of the tenant's log",
)
def log_retention() -> str:
    """Sign-in and audit logs are kept as long as documented.

    **What it judges.** Each category of the tenant's log that the commitment `log_retention` names: that it is sent
    to a destination which keeps it for the documented time. A workspace keeps what the total retention of the
    category's table says. A storage account keeps a container until the first lifecycle rule deletes it, or as long
    as a locked immutability policy holds. The longest of several destinations counts.

    **Why.** Entra itself keeps these logs for 7 or 30 days. An intrusion that is noticed after that is noticed
    without them.

    **How to re-perform it by hand.** `GET /providers/microsoft.aadiam/diagnosticSettings`: enabled categories and
    their targets. `GET {workspace}/tables`: `totalRetentionInDays`, where -1 means that of the workspace. `GET
    {account}/managementPolicies/default`: rules that delete, with a prefix that touches `insights-logs-…`. `GET
    {container}/immutabilityPolicies/default`: only `Locked` counts. The `retentionPolicy` of the setting itself means
    nothing any more.

    **What it cannot see.** What becomes of logs sent to an event hub: unknown, unless the commitment names the hub as
    attested. Whether every record arrived.
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
        from entra_log_coverage as cover
        join commitment_log_retention as promised on overlaps(cover, promised)
    """
