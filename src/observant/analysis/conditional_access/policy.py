"""One Conditional Access policy, read from its document: state, people, sign-ins, grants."""

from typing import Any

import msgspec

from observant.analysis.conditional_access.conditions import Conditions, conditions_of
from observant.analysis.conditional_access.grants import Grants, Strengths, grants_of
from observant.analysis.conditional_access.subjects import Subjects, subjects_of

_STATES = {"enabled": True, "disabled": False, "enabledforreportingbutnotenforced": False}


class Policy(msgspec.Struct, frozen=True):
    """A policy as far as it was understood."""

    id: str
    name: str
    enforced: bool | None
    """False also for report-only; None for a state this code does not know."""
    report_only: bool
    subjects: Subjects
    conditions: Conditions
    grants: Grants


def policy_of(document: Any, strengths: Strengths) -> Policy:  # noqa: ANN401 (as Graph or the audit log has it)
    """Read a `conditionalAccessPolicy`. Never raises: what has an unexpected shape is not understood, and says so."""
    given = document if isinstance(document, dict) else {}
    state = given.get("state")
    lowered = state.lower() if isinstance(state, str) else ""
    conditions = given.get("conditions")
    id_, name = given.get("id"), given.get("displayName")
    return Policy(
        id=id_ if isinstance(id_, str) else "",
        name=name if isinstance(name, str) and name else str(id_),
        enforced=_STATES.get(lowered),
        report_only=lowered == "enabledforreportingbutnotenforced",
        subjects=subjects_of(conditions.get("users") if isinstance(conditions, dict) else None),
        conditions=conditions_of(conditions),
        grants=grants_of(given.get("grantControls"), strengths),
    )
