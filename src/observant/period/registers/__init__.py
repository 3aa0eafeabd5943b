"""Lists that an auditor asks for by name, over a period and all clouds."""

from observant.period.registers.access import ACTIVATIONS, CONDITIONAL_ACCESS, PRIVILEGED_ACCESS
from observant.period.registers.accounts import ACTIVITY, GUESTS
from observant.period.registers.changes import CHANGES, GRANTS, REMOVALS
from observant.period.registers.credentials import CREDENTIAL_EXPIRY, LAST_ROTATION
from observant.period.registers.policies import SENSITIVE_ACCESS, WRITTEN_ACCESS
from observant.period.registers.register import Register, rows_of, unread
from observant.period.registers.tickets import CHANGE_TICKETS, GRANT_TICKETS, REMOVAL_TICKETS, TICKETS

REGISTERS: dict[str, Register] = {
    one.name: one
    for one in (
        ACTIVATIONS,
        ACTIVITY,
        CHANGES,
        CHANGE_TICKETS,
        CONDITIONAL_ACCESS,
        CREDENTIAL_EXPIRY,
        GRANTS,
        GRANT_TICKETS,
        GUESTS,
        LAST_ROTATION,
        PRIVILEGED_ACCESS,
        REMOVALS,
        REMOVAL_TICKETS,
        SENSITIVE_ACCESS,
        TICKETS,
        WRITTEN_ACCESS,
    )
}

__all__ = ["REGISTERS", "Register", "rows_of", "unread"]
