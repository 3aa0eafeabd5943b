from observant.checks.check import check


@check(
    "credential-expiry-report-cadence",
    criteria=("CC6.1", "CC7.1"),
    judges="credential_expiry_evidence",
    concerns="tenants",
)
def credential_expiry_report_cadence() -> str:
    """A dated export of when the credentials of applications end is stored on the documented schedule.

    **What it judges.** The time between two stored readings of the applications of each tenant, against the commitment
    `credential_expiry_report_cadence`. Each holds the beginning and the end of every secret and certificate.

    **Why.** A control is shown to have operated all year only by evidence of all year. A hole in the evidence is a
    finding whatever the configuration was.

    **How to re-perform it by hand.** List the snapshot records of the log (`observant status --json`, or the entry
    bundles themselves) and look for two neighbours further apart than the documented time plus its grace.

    **What it cannot see.** Exports somebody keeps elsewhere. Where an attempt was made and recorded, and failed, the
    time is unknown and not failed: the reason stands beside it.
    """
    return """
        select kept.scope, kept.member, kept.label, during(kept, promised), true as applies,
               greatest(kept.valid_from, promised.valid_from) + promised.every + promised.grace as violated_from,
               'no credential-expiry export in the documented ' || promised.every_in_words as because
        from credential_expiry_evidence as kept
        join commitment_credential_expiry_report_cadence as promised on overlaps(kept, promised)
        union all
        select kept.scope, kept.member, kept.label,
               greatest(kept.valid_from, promised.valid_from, kept.last_complete + promised.every + promised.grace),
               least(kept.valid_to, promised.valid_to, kept.valid_from + promised.every + promised.grace),
               kept.earliest, kept.record, true, null, 'attempted and failed: ' || kept.failure
        from credential_expiry_evidence as kept
        join commitment_credential_expiry_report_cadence as promised on overlaps(kept, promised)
        where not kept.complete and kept.record is not null
    """
