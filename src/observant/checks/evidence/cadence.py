from observant.checks.check import check


@check("evidence-cadence", criteria=("CC4.1", "CC7.1"), judges="snapshot_evidence", concerns="scopes")
def evidence_cadence() -> str:
    """Access configuration is recorded on the documented schedule.

    **What it judges.** The time between two complete snapshots of each scope, against the commitment
    `snapshot_cadence`. A snapshot counts when every collection that some check reads was read completely.

    **Why.** A control is shown to have operated all year only by evidence of all year. A hole in the evidence is a
    finding whatever the configuration was.

    **How to re-perform it by hand.** List the snapshot records of the log (`observant status --json`, or the entry
    bundles themselves) and look for two neighbours further apart than the documented time plus its grace.

    **What it cannot see.** Evidence somebody keeps elsewhere. Where an attempt was made and recorded, and failed, the
    time is unknown and not failed: the reason stands beside it.
    """
    return """
        select kept.scope, kept.member, kept.label, during(kept, promised), true as applies,
               greatest(kept.valid_from, promised.valid_from) + promised.every + promised.grace as violated_from,
               'no snapshot in the documented ' || promised.every_in_words as because
        from snapshot_evidence as kept
        join commitment_snapshot_cadence as promised on overlaps(kept, promised)
        union all
        select kept.scope, kept.member, kept.label,
               greatest(kept.valid_from, promised.valid_from, kept.last_complete + promised.every + promised.grace),
               least(kept.valid_to, promised.valid_to, kept.valid_from + promised.every + promised.grace),
               kept.earliest, kept.record, true, null, 'attempted and failed: ' || kept.failure
        from snapshot_evidence as kept
        join commitment_snapshot_cadence as promised on overlaps(kept, promised)
        where not kept.complete and kept.record is not null
    """
