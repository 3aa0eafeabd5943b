"""Promises about how access is changed: tickets, approvals, and who may do what of it."""

from observant.model.commitment import a_duration, a_flag, a_number, patterns, promise

KINDS = (
    promise(
        "change_tickets",
        "every change of access has a ticket or a pull request",
        exempt=patterns("changes that need none, as `EVENT ACTOR`, such as `ChangePassword *`", required=False),
    ),
    promise(
        "change_approval",
        "changes of access are approved before they are made",
        emergency_within=a_duration(
            "longest time after an emergency change until it is approved; without it no change may wait",
            required=False,
        ),
    ),
    promise(
        "change_separation",
        "who asks for a change, who approves it and who makes it are different people",
        requester_and_approver=a_flag("who asked may not approve"),
        approver_and_implementer=a_flag("who approved may not make the change"),
        requester_and_implementer=a_flag("who asked may not make the change"),
    ),
    promise(
        "pull_request_approval",
        "pull requests are merged after others approved them",
        approvals=a_number("how many others must approve; one when not given"),
    ),
    promise(
        "ticket_implementation",
        "what was approved is done",
        within=a_duration("longest time from the approval of a change to the change, or to the end of its ticket"),
    ),
    promise("grant_approval", "access is given to people after it was approved"),
    promise("removal_tickets", "every removal of a person's access has a ticket"),
)
