"""Promises about people: joining and leaving."""

from observant.model.commitment import a_duration, a_number, promise

KINDS = (
    promise(
        "leaver_removal",
        "access is removed when somebody leaves",
        within=a_duration("longest time from the end of the last day, counted by the clock", required=False),
        business_days=a_number("or: how many worked days after the last one, until the end of the day"),
    ),
)
