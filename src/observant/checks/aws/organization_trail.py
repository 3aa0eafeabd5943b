from observant.checks.check import check


@check("aws-organization-trail", criteria=("CC7.2",), judges="aws_organization_recording", concerns="accounts")
def organization_trail() -> str:
    """A trail of the organization records every account.

    **What it judges.** Every account, where the commitment `organization_trail` is in force: a trail that belongs to
    the organization covers every region of the account, is recording, and records all management events.

    **Why.** A trail of the account itself can be stopped by its administrators; that of the organization cannot.

    **How to re-perform it by hand.** In each account `aws cloudtrail describe-trails`: one with `IsOrganizationTrail`
    and `IsMultiRegionTrail`, with `get-trail-status` and `get-event-selectors` as for
    [aws-cloudtrail-coverage](aws-cloudtrail-coverage.md).

    **What it cannot see.** Accounts that nobody collects: `organization-account-watch` names them.
    """
    return """
        select account.scope, account.member, account.label, during(account, promised),
               true as applies,
               case when promised.documented then not account.recording end as violated, account.because as because
        from aws_organization_recording as account
        join commitment_organization_trail as promised on overlaps(account, promised)
    """
