"""Promises about the evidence itself."""

from observant.model.commitment import a_duration, promise

KINDS = (
    promise(
        "snapshot_cadence",
        "access configuration is recorded on a schedule",
        every=a_duration("longest time between two complete snapshots"),
        grace=a_duration("lateness that still counts as on time"),
    ),
    promise(
        "key_age_report_cadence",
        "a dated key-age report is stored on a schedule",
        every=a_duration("longest time between two stored reports"),
        grace=a_duration("lateness that still counts as on time"),
    ),
    promise(
        "credential_expiry_report_cadence",
        "a dated export of when the credentials of applications end is stored on a schedule",
        every=a_duration("longest time between two stored exports"),
        grace=a_duration("lateness that still counts as on time"),
    ),
)
