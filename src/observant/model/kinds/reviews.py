"""Promises about access reviews."""

from observant.model.commitment import a_duration, patterns, promise

KINDS = (
    promise(
        "access_review_cadence",
        "who has access is reviewed and signed for on a schedule",
        scopes=patterns("the scopes that are reviewed, `*` allowed, such as aws:*"),
        every=a_duration("longest time between two closed reviews of a scope"),
        grace=a_duration("lateness that still counts as on time"),
    ),
    promise(
        "access_review_actions",
        "what a review decides is done in time",
        within=a_duration("longest time from the decision until the access is seen to be gone, or changed"),
    ),
)
