from observant.checks.check import check


@check("aws-trail-delivery", criteria=("CC7.2",), judges="aws_trail_delivery", concerns="trails")
def trail_delivery() -> str:
    """Trails deliver what they record.

    **What it judges.** Every trail, at the moment of each snapshot: its last delivery was not longer ago than the
    commitment `trail_delivery` says, and the bucket did not refuse it.

    **Why.** A trail can record for months into a bucket that refuses its files: a changed policy or key is enough.

    **How to re-perform it by hand.** `aws cloudtrail get-trail-status`: `LatestDeliveryTime`, `LatestDeliveryError` and
    `LatestDigestDeliveryError`.

    **What it cannot see.** The time between two snapshots: `observant changes verify-digests` proves it from the files.
    A trail that is stopped delivers nothing and is judged by [aws-cloudtrail-coverage](aws-cloudtrail-coverage.md).
    """
    return """
        select delivery.scope, delivery.member, delivery.label, during(delivery, status, promised),
               status.is_logging as applies,
               delivery.error <> '' or delivery.valid_from - delivery.last_delivery > promised.max_silence as violated,
               case when delivery.error <> '' then 'the bucket refuses: ' || delivery.error
                    else 'last delivery at ' || coalesce(cast(delivery.last_delivery as varchar), 'an unknown time')
               end as because
        from aws_trail_delivery as delivery
        join aws_trail_status as status
          on status.scope = delivery.scope and status.member = delivery.member and overlaps(delivery, status)
        join commitment_trail_delivery as promised on overlaps(delivery, promised) and overlaps(status, promised)
    """
