from observant.checks.check import check


@check(
    "entra-log-forwarding", criteria=("CC7.2",), judges="entra_log_coverage", concerns="categories of the tenant's log"
)
def log_forwarding() -> str:
    """Sign-in and audit logs are forwarded to where they are watched.

    **What it judges.** Each category of the tenant's log that the commitment `log_forwarding` names: an enabled
    diagnostic setting sends it to one of the documented destinations.

    **Why.** A log that is only kept is read after the damage.

    **How to re-perform it by hand.** `GET /providers/microsoft.aadiam/diagnosticSettings`: per enabled category
    `workspaceId` and `eventHubAuthorizationRuleId`.

    **What it cannot see.** Whether what reads the destination raises an alarm.
    """
    return """
        select cover.scope, cover.member, cover.label, during(cover, promised),
               regexp_matches(cover.category, promised.categories) as applies,
               case when regexp_matches(cover.sinks, '(?im)' || promised.destinations) then false
                    when cover.unread or not promised.documented then null
                    else true end as violated,
               case when cover.sinks = '' then 'sent nowhere'
                    else 'sent to ' || replace(cover.sinks, chr(10), ', ') end as because
        from entra_log_coverage as cover
        join commitment_log_forwarding as promised on overlaps(cover, promised)
    """
