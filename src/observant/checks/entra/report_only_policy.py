from observant.checks.check import check


@check("entra-report-only-policy", criteria=("CC5.3", "CC6.1"), judges="entra_policy_state", concerns="policies")
def report_only_policy() -> str:
    """Policies are report-only for a limited time only.

    **What it judges.** How long each Conditional Access policy has been in the state report-only, against the
    commitment `report_only_policies`. Changes between snapshots that the directory audit log tells of are counted to
    the second.

    **Why.** Report-only is for trying a policy out. Left so, it looks like protection in every list and protects
    nobody.

    **How to re-perform it by hand.** Conditional Access, policies with state *Report-only*; in the audit log of each
    the last update that changed the state.

    **What it cannot see.** Since when, for a policy that was report-only before the first snapshot: the first snapshot
    counts.
    """
    return """
        select held.scope, held.member, held.label, during(held, promised),
               held.state = 'enabledForReportingButNotEnforced' as applies,
               held.state_since + promised.max_time as violated_from,
               'report-only since ' || cast(held.state_since as varchar) || ', longer than the documented '
                 || promised.max_time_in_words as because
        from entra_policy_state as held
        join commitment_report_only_policies as promised on overlaps(held, promised)
    """
