"""Lists that an auditor asks for by name, over a period and all clouds."""

from observant.period.registers.access import ACTIVATIONS, CONDITIONAL_ACCESS, PRIVILEGED_ACCESS
from observant.period.registers.accounts import ACTIVITY, GUESTS
from observant.period.registers.changes import CHANGES, GRANTS, REMOVALS, TICKETS
from observant.period.registers.credentials import CREDENTIAL_EXPIRY, LAST_ROTATION
from observant.period.registers.register import Register, rows_of, unread

REGISTERS: dict[str, Register] = {
    one.name: one
    for one in (
        ACTIVATIONS,
        ACTIVITY,
        CHANGES,
        CONDITIONAL_ACCESS,
        CREDENTIAL_EXPIRY,
        GRANTS,
        GUESTS,
        LAST_ROTATION,
        PRIVILEGED_ACCESS,
        REMOVALS,
        TICKETS,
    )
}

__all__ = ["REGISTERS", "Register", "rows_of", "unread"]
