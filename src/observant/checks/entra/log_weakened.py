from observant.checks.check import check


@check(
    "entra-log-weakened",
    criteria=("CC7.1", "CC7.2"),
    judges="entra_log_coverage",
    concerns="categories of the tenant's log",
)
def log_weakened() -> str:
    """No log setting was removed or weakened.

    **What it judges.** Each change, from one snapshot to the next, after which a category that the commitment
    `log_retention` names no longer goes to a destination it went to, or is kept for less time. The verdict fails for
    the 24 hours from each such change on. A destination that is replaced by another one counts: somebody should be able
    to say why.

    **Why.** Switching off the log comes before what should not be seen in it. And lowering the retention of a table
    deletes only after 30 days: seen in time, it can be undone without loss.

    **How to re-perform it by hand.** Compare `GET /providers/microsoft.aadiam/diagnosticSettings`, and the retention at
    the destinations, of two stored snapshots.

    **What it cannot see.** What was changed and changed back between two snapshots: see `entra-log-setting-removed`.
    """
    return """
        select cover.scope, cover.member, cover.label, during(cover, promised),
               regexp_matches(cover.category, promised.categories) as applies,
               case when cover.earlier_days is null then timestamp '9999-12-31'
                    when cover.kept_days < cover.earlier_days and not cover.unclear then cover.valid_from
                    when cover.removed <> '' and not cover.unread then cover.valid_from
                    when cover.kept_days < cover.earlier_days or cover.unread then null
                    else timestamp '9999-12-31' end as violated_from,
               case when cover.kept_days < cover.earlier_days or cover.removed <> ''
                    then cover.valid_from + interval '1 day' else timestamp '9999-12-31' end as violated_to,
               'before: ' || cast(cover.earlier_days as varchar) || ' days in '
                 || replace(cover.earlier_sinks, chr(10), ', ')
                 || case when cover.removed = '' then ''
                         else '; no longer sent to ' || replace(cover.removed, chr(10), ', ') end
                 || '; after: ' || cover.because as because
        from entra_log_coverage as cover
        join commitment_log_retention as promised on overlaps(cover, promised)
    """
