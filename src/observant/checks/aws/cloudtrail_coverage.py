from observant.checks.check import check


@check("aws-cloudtrail-coverage", criteria=("CC7.2", "CC7.3"), judges="aws_trail_coverage", concerns="accounts")
def cloudtrail_coverage() -> str:
    """CloudTrail records all management events of every region.

    **What it judges.** Every account: at least one trail covers every region, is recording, and records reads and
    writes of management events without excluding a service. Trails of the organization count.

    **Why.** What was not recorded cannot be reconstructed, and a region nobody looks at is where one hides.

    **How to re-perform it by hand.** `aws cloudtrail describe-trails`, then `get-trail-status` (`IsLogging`) and
    `get-event-selectors` for each: classic selectors with `IncludeManagementEvents`, `ReadWriteType` `All` and nothing
    in `ExcludeManagementEventSources`, or advanced selectors on `eventCategory` `Management` with no other field than
    `readOnly`, of which one takes reads and one writes.

    **What it cannot see.** Several narrower trails that cover everything between them, and whether what was recorded
    was kept.
    """
    return """
        select account.scope, account.member, account.label, during(account), true as applies,
               not account.recording as violated, account.recording_because as because
        from aws_trail_coverage as account
    """
