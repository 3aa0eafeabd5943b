"""Promises about Azure subscriptions."""

from observant.model.commitment import a_duration, a_flag, patterns, promise

KINDS = (
    promise(
        "production_access",
        "service principals have no far-reaching role in production",
        production=patterns("what makes a subscription production: `id:`, `name:`, `group:`, `tag:name=value`"),
        allowed=patterns("names or ids of service principals that may", required=False),
        resource_groups=a_flag("roles on resource groups and resources count too"),
    ),
    promise(
        "production_people",
        "people have far-reaching roles in production only while they need them",
        allowed=patterns("names or ids of people who may hold one for good", required=False),
    ),
    promise(
        "activity_log_retention",
        "activity logs of subscriptions are kept",
        categories=patterns("log categories, such as `Administrative`"),
        retention=a_duration("how long they are kept"),
        protected=a_flag("nobody may be able to delete them earlier"),
        attested=patterns(
            "ids of event hubs of which somebody attests that what reads them keeps logs as long", required=False
        ),
    ),
    promise(
        "activity_log_forwarding",
        "activity logs of subscriptions are forwarded to where they are watched",
        categories=patterns("log categories, such as `Administrative`"),
        destinations=patterns("ARM ids of the workspace or event hub of the SIEM, `*` allowed"),
    ),
)
