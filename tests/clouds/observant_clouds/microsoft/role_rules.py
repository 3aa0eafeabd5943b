"""The seventeen rules of a PIM policy, made from the few settings that matter.

https://learn.microsoft.com/graph/identity-governance-pim-rules-overview
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from observant_clouds.microsoft.state import Json

_RULE = "#microsoft.graph.unifiedRoleManagementPolicy"


@dataclass(frozen=True)
class RoleRules:
    """How a role is assigned and activated. The defaults are those of a role nobody has changed."""

    activation_hours: float = 8
    mfa: bool = True
    justification: bool = True
    ticket: bool = False
    approval: bool = False
    approvers: tuple[tuple[str | None, str], ...] = ()
    """(kind, id) of each; none means that Privileged Role and Global Administrators approve."""
    authentication_context: str | None = None
    """Such as `c1`: activation must satisfy the Conditional Access policies of this context."""
    eligibility_days: int | None = None
    """How long an eligibility may last at most; None: it may be permanent."""
    assignment_days: int | None = None
    """How long an active assignment may last at most; None: it may be permanent."""


def _target(caller: str, level: str) -> Json:
    return {
        "caller": caller,
        "operations": ["All"],
        "level": level,
        "inheritableSettings": [],
        "enforcedSettings": [],
    }


def _rule(kind: str, id_: str, caller: str, level: str, **content: Any) -> Json:
    return {"@odata.type": f"{_RULE}{kind}", "id": id_, **content, "target": _target(caller, level)}


def _expiration(id_: str, caller: str, level: str, required: bool, duration: str) -> Json:
    return _rule("ExpirationRule", id_, caller, level, isExpirationRequired=required, maximumDuration=duration)


def _hours(hours: float) -> str:
    minutes = round(hours * 60)
    return f"PT{minutes // 60}H" if minutes % 60 == 0 else f"PT{minutes}M"


def _enabled(rules: RoleRules) -> list[str]:
    wanted = (
        ("MultiFactorAuthentication", rules.mfa),
        ("Justification", rules.justification),
        ("Ticketing", rules.ticket),
    )
    return [name for name, on in wanted if on]


def _approval(rules: RoleRules) -> Json:
    approvers = [
        {"@odata.type": "#microsoft.graph.singleUser", "userId": id_}
        if kind == "users"
        else {"@odata.type": "#microsoft.graph.groupMembers", "groupId": id_}
        for kind, id_ in rules.approvers
    ]
    return {
        "isApprovalRequired": rules.approval,
        "isApprovalRequiredForExtension": False,
        "isRequestorJustificationRequired": True,
        "approvalMode": "SingleStage",
        "approvalStages": [
            {
                "approvalStageTimeOutInDays": 1,
                "isApproverJustificationRequired": True,
                "escalationTimeInMinutes": 0,
                "isEscalationEnabled": False,
                "primaryApprovers": approvers,
                "escalationApprovers": [],
            }
        ],
    }


def _notifications() -> list[Json]:
    return [
        _rule(
            "NotificationRule",
            f"Notification_{recipient}_{caller}_{level}",
            caller,
            level,
            notificationType="Email",
            recipientType=recipient,
            notificationLevel="All",
            isDefaultRecipientsEnabled=True,
            notificationRecipients=[],
        )
        for caller, level in (("Admin", "Eligibility"), ("Admin", "Assignment"), ("EndUser", "Assignment"))
        for recipient in ("Admin", "Requestor", "Approver")
    ]


@cache
def rules_of(rules: RoleRules) -> list[Json]:
    """The rules as Graph answers them under `policy.rules`. Shared, as most roles have the same: do not alter."""
    context = rules.authentication_context
    return [
        _expiration(
            "Expiration_Admin_Eligibility",
            "Admin",
            "Eligibility",
            rules.eligibility_days is not None,
            f"P{rules.eligibility_days or 365}D",
        ),
        _rule("EnablementRule", "Enablement_Admin_Eligibility", "Admin", "Eligibility", enabledRules=[]),
        _expiration(
            "Expiration_Admin_Assignment",
            "Admin",
            "Assignment",
            rules.assignment_days is not None,
            f"P{rules.assignment_days or 180}D",
        ),
        _rule("EnablementRule", "Enablement_Admin_Assignment", "Admin", "Assignment", enabledRules=["Justification"]),
        _expiration("Expiration_EndUser_Assignment", "EndUser", "Assignment", True, _hours(rules.activation_hours)),
        _rule("EnablementRule", "Enablement_EndUser_Assignment", "EndUser", "Assignment", enabledRules=_enabled(rules)),
        _rule("ApprovalRule", "Approval_EndUser_Assignment", "EndUser", "Assignment", setting=_approval(rules)),
        _rule(
            "AuthenticationContextRule",
            "AuthenticationContext_EndUser_Assignment",
            "EndUser",
            "Assignment",
            isEnabled=context is not None,
            claimValue=context or "",
        ),
        *_notifications(),
    ]
