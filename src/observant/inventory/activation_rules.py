"""The rules of Privileged Identity Management: what activating a role or a membership asks for, and for how long.

A policy is a list of rules with fixed ids, for example `Expiration_EndUser_Assignment` for how long an activation may
last: https://learn.microsoft.com/en-us/graph/identity-governance-pim-rules-overview. Resource Manager answers the same
rules for roles of Azure. A rule that is not in the list says nothing, so its columns are NULL.
"""

import json
import re
from typing import Any

from observant.evidence.snapshot import Json
from observant.inventory.table import Value, flag_of, text_of

_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:\d+(?:\.\d+)?S)?)?")
_MINUTES = (366 * 1440, 31 * 1440, 7 * 1440, 1440, 60, 1)


def minutes(written: object) -> int | None:
    """Minutes of an ISO 8601 duration such as `PT8H`; years and months count as the longest of their kind."""
    match = _DURATION.fullmatch(written) if isinstance(written, str) else None
    if match is None or not any(match.groups()):
        return None
    return sum(int(count or 0) * size for count, size in zip(match.groups(), _MINUTES, strict=True))


Rules = dict[str, Json]
"""The rules of one policy by their fixed ids."""


def by_id(rules: object) -> Rules:
    """The rules of a list; what is none is left out."""
    return {rule["id"]: rule for rule in dicts(rules) if isinstance(rule.get("id"), str)}


def _asks(rule: Json, name: str) -> bool | None:
    enabled = rule.get("enabledRules")
    return name in enabled if isinstance(enabled, list) else None


def approval(rule: Json) -> tuple[bool | None, list[tuple[str, str]] | None]:
    """(approval required, approvers as (kind, id)); a kind without an id, such as the requestor's manager, has ''."""
    setting = rule.get("setting")
    if not isinstance(setting, dict):
        return None, None
    stages = setting.get("approvalStages")
    if not isinstance(stages, list):
        return flag_of(setting.get("isApprovalRequired")), None
    listed = [each for stage in dicts(stages) for each in dicts(stage.get("primaryApprovers"))]
    return flag_of(setting.get("isApprovalRequired")), sorted({_approver(each) for each in listed})


def dicts(value: Any) -> list[Json]:  # noqa: ANN401
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


_ARM_KINDS = {"user": "singleUser", "group": "groupMembers"}


def _approver(approver: Json) -> tuple[str, str]:
    """Graph names the kind in `@odata.type`, Resource Manager in `userType`."""
    kind = (text_of(approver.get("@odata.type")) or "").rpartition(".")[2]
    kind = kind or _ARM_KINDS.get(str(approver.get("userType")).lower(), "other")
    named = {"singleUser": ("userId", "id"), "groupMembers": ("groupId", "id")}.get(kind, ())
    return kind, next((id_ for name in named if (id_ := text_of(approver.get(name)))), "")


def _days(rule: Json) -> int | None:
    span = minutes(rule.get("maximumDuration"))
    return None if span is None else span // 1440


def rule_values(rules: Rules) -> tuple[Value, ...]:
    """The columns of RULE_COLUMNS."""
    activation = rules.get("Expiration_EndUser_Assignment", {})
    asked = rules.get("Enablement_EndUser_Assignment", {})
    context = rules.get("AuthenticationContext_EndUser_Assignment", {})
    eligible, assigned = rules.get("Expiration_Admin_Eligibility", {}), rules.get("Expiration_Admin_Assignment", {})
    required, approvers = approval(rules.get("Approval_EndUser_Assignment", {}))
    return (
        minutes(activation.get("maximumDuration")),
        _asks(asked, "MultiFactorAuthentication"),
        text_of(context.get("claimValue")) or "" if context.get("isEnabled") is True else _no_context(context),
        _asks(asked, "Justification"),
        _asks(asked, "Ticketing"),
        required,
        None if approvers is None else json.dumps([{"kind": kind, "id": id_} for kind, id_ in approvers]),
        flag_of(eligible.get("isExpirationRequired")),
        _days(eligible),
        flag_of(assigned.get("isExpirationRequired")),
        _days(assigned),
    )


def _no_context(context: Json) -> str | None:
    return "" if context.get("isEnabled") is False else None


RULE_COLUMNS = {
    "activation_max_minutes": "BIGINT",
    "activation_requires_mfa": "BOOLEAN",
    "activation_context": "VARCHAR",
    "activation_requires_justification": "BOOLEAN",
    "activation_requires_ticket": "BOOLEAN",
    "activation_requires_approval": "BOOLEAN",
    "approvers": "VARCHAR",
    "eligibility_expires": "BOOLEAN",
    "eligibility_max_days": "BIGINT",
    "assignment_expires": "BOOLEAN",
    "assignment_max_days": "BIGINT",
}
RULES_ABOUT = (
    "`activation_context` is the authentication context that an activation asks for, '' when none; `approvers` is a "
    "JSON list of kind and id. A `…_expires` that is false allows what has no end."
)
