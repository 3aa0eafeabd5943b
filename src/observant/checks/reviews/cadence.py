from observant.checks.check import check


@check("access-review-cadence", criteria=("CC6.2", "CC6.3"), judges="access_review_evidence", concerns="scopes")
def access_review_cadence() -> str:
    """Who has access is reviewed and signed for on the documented schedule.

    **What it judges.** The time between two closed access reviews of each scope, against the commitment
    `access_review_cadence`. A review counts on the day it was closed, which takes a decision about every item and the
    signature of every reviewer. A review that was signed elsewhere and imported counts on its effective date; its
    record says where it comes from and when it was imported. Scopes that the commitment does not name are not
    applicable.

    **Why.** Access that nobody looks at only grows. The review is the one control that sees what every other one let
    through, and auditors ask for every one of the period.

    **How to re-perform it by hand.** List the records `review-closed` and `review-imported` of the log, and look for
    two neighbours of one scope further apart than the documented time plus its grace. The first one is due that long
    after the commitment came into force, or after the scope was first read if that is later.

    **What it cannot see.** How carefully people looked: the artifact counts decisions that were made in bulk. Reviews
    that somebody keeps elsewhere and that were not imported. A scope of which nothing was ever read is unknown.
    """
    return """
        select kept.scope, kept.member, kept.label, during(kept, promised),
               regexp_matches(kept.scope, promised.scopes) as applies,
               case when kept.complete
                    then greatest(kept.valid_from, promised.valid_from) + promised.every + promised.grace
               end as violated_from,
               'no closed access review in the documented ' || promised.every_in_words as because
        from access_review_evidence as kept
        join commitment_access_review_cadence as promised on overlaps(kept, promised)
    """
