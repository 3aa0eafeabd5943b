"""Promises about people: joining and leaving."""

from observant.model.commitment import a_duration, a_number, patterns, promise

KINDS = (
    promise(
        "leaver_removal",
        "access is removed when somebody leaves",
        within=a_duration("longest time from the end of the last day, counted by the clock", required=False),
        business_days=a_number("or: how many worked days after the last one, until the end of the day"),
    ),
    promise(
        "mover_access",
        "who changes department gives up what the old one needed",
        within=a_duration("longest time from the first day in the new department"),
        common=patterns("groups, policies and roles that everybody has, such as `group staff`", required=False),
    ),
)
