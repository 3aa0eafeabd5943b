from observant.checks.check import check


@check("aws-trail-delivery", criteria=("CC7.2",), judges="aws_trail_silence", concerns="trails")
def trail_delivery() -> str:
    """Trails deliver what they record.

    **What it judges.** Every trail while it records: it was never silent for longer than the commitment
    `trail_delivery` says, and the bucket did not refuse its files. Silence is known from snapshots: each shows the last
    delivery before it, and when the next one shows the same, nothing was delivered in between.

    **Why.** A trail can record for months into a bucket that refuses its files: a changed policy or key is enough.

    **How to re-perform it by hand.** In each stored answer of `aws cloudtrail get-trail-status`: `LatestDeliveryTime`,
    `LatestDeliveryError` and `LatestDigestDeliveryError`; from a delivery on that two answers in a row show, add the
    documented time.

    **What it cannot see.** A silence between two snapshots that was over before the second:
    `observant changes verify-digests` names it from the files. A trail that is stopped delivers nothing:
    [aws-cloudtrail-coverage](aws-cloudtrail-coverage.md) judges that.
    """
    return """
        select delivery.scope, delivery.member, delivery.label, during(delivery, status, promised),
               status.is_logging as applies,
               case when delivery.error <> '' then timestamp '1970-01-01'
                    when delivery.confirmed_at - delivery.silent_since > promised.max_silence
                    then delivery.silent_since + promised.max_silence
                    when delivery.confirmed_at - delivery.silent_since <= promised.max_silence
                    then timestamp '9999-12-31' end as violated_from,
               case when delivery.error <> '' then 'the bucket refuses: ' || delivery.error
                    else 'last delivery at ' || coalesce(cast(delivery.last_delivery as varchar), 'an unknown time')
                         || ', nothing until ' || cast(delivery.confirmed_at as varchar)
               end as because
        from aws_trail_silence as delivery
        join aws_trail_status as status
          on status.scope = delivery.scope and status.member = delivery.member and overlaps(delivery, status)
        join commitment_trail_delivery as promised on overlaps(delivery, promised) and overlaps(status, promised)
    """
