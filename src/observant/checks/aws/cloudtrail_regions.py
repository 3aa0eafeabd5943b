from observant.checks.check import check


@check(
    "aws-cloudtrail-regions", criteria=("CC7.2", "CC7.3"), judges="aws_region_recording", concerns="regions of accounts"
)
def cloudtrail_regions() -> str:
    """Management events of every region are recorded, by whatever trails there are.

    **What it judges.** Every region that an account has switched on, and `global` for IAM, STS and Organizations: reads
    and writes of management events of every service are recorded by one of the account's trails or event data stores.
    Several narrow ones may do it together, each event class by one of them. Trails and event data stores of the
    organization count, the latter where the account that they are in and the organization are collected, too.

    **Why.** [aws-cloudtrail-coverage](aws-cloudtrail-coverage.md) asks for one trail that does it all; this one shows
    which region and which side is left out when there is none.

    **How to re-perform it by hand.** `aws ec2 describe-regions`; for every region `aws cloudtrail describe-trails`
    with `get-trail-status` and `get-event-selectors`, and `aws cloudtrail list-event-data-stores` with
    `get-event-data-store`. A selector that leaves out a service (`ExcludeManagementEventSources`, `NotEquals` on
    `eventSource`) does not record all of it. IAM, STS and Organizations are logged in us-east-1, by trails with
    `IncludeGlobalServiceEvents`.

    **What it cannot see.** Two selectors that complete each other by service, and whether what was recorded was kept.
    Event data stores in regions where the account has no trail and that calls are not sent to: they are not asked for.
    """
    return """
        select region.scope, region.member, region.label, during(region), true as applies,
               not (region.reads and region.writes) as violated, region.because as because
        from aws_region_recording as region
    """
