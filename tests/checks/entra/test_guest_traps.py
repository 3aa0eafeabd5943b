"""Guests who look one way and are another."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from observant.period.forecast import forecast
from worlds.directory import USER_ADMINISTRATOR, Directory, ago
from worlds.judging import START, judged, told, why

GUEST: dict[str, Any] = {"userType": "Guest", "creationType": "Invitation", "externalUserState": "Accepted"}


def guest(tenant: Directory, name: str, created: float = 300, **more: Any) -> None:
    tenant.user(name, **{**GUEST, "createdDateTime": ago(START, created), **more})


def names(found: dict[str, str]) -> dict[str, str]:
    return {label.partition("@")[0]: verdict for label, verdict in found.items()}


def test_who_is_inactive(tmp_path: Path) -> None:
    def build(tenant: Directory, _: Directory) -> None:
        guest(tenant, "recent", signed_in=ago(START, 10))
        guest(tenant, "idle", signed_in=ago(START, 100))
        guest(tenant, "late-report", signed_in=ago(START, 91))  # Microsoft may be two days late
        guest(tenant, "never")
        guest(tenant, "just-accepted", externalUserStateChangeDateTime=ago(START, 5))
        guest(tenant, "pending", externalUserState="PendingAcceptance")
        guest(tenant, "disabled", accountEnabled=False)
        guest(tenant, "b2b-member", userType="Member", signed_in=ago(START, 100))
        guest(tenant, "made-by-hand", creationType=None, externalUserState=None)
        tenant.user("member", signed_in=ago(START, 100))
        guest(tenant, "failed-attempts")
        attempts = {"lastSignInDateTime": ago(START, 1), "lastSuccessfulSignInDateTime": None}
        tenant.keep("entra.user_activity", "failed-attempts", {"id": "failed-attempts"}, {"signInActivity": attempts})
        guest(tenant, "silent")
        tenant.keep("entra.user_activity", "silent", {"id": "silent"}, {"signInActivity": {}})

    found = judged(tmp_path, build)
    assert {
        "recent": "pass",
        "idle": "fail",
        "late-report": "pass",
        "never": "fail",
        "just-accepted": "pass",
        "b2b-member": "fail",
        "made-by-hand": "fail",
        "failed-attempts": "fail",
        "silent": "unknown",
    } == names(told(found, "entra-guest-inactive"))
    assert {"member": "fail"} == names(told(found, "entra-user-inactive"))


def test_the_day_on_which_a_guest_becomes_inactive(tmp_path: Path) -> None:
    ahead = forecast(
        judged(tmp_path, lambda tenant, _: guest(tenant, "gil", signed_in=ago(START, 70))), timedelta(days=30)
    )

    (one,) = (one for one in ahead if one.check == "entra-guest-inactive")
    assert START + timedelta(days=22) == one.at
    assert one.what.startswith("guest becomes inactive on 2025-06-24 06:00:00: last signed in 2025-03-24")


def test_invitations(tmp_path: Path) -> None:
    def build(tenant: Directory, _: Directory) -> None:
        guest(tenant, "old", externalUserState="PendingAcceptance")
        changed = {"externalUserStateChangeDateTime": ago(START, 3)}
        guest(tenant, "again", externalUserState="PendingAcceptance", **changed)
        guest(tenant, "accepted")

    assert {"old": "fail", "again": "pass"} == names(told(judged(tmp_path, build), "entra-guest-invitation"))


def decide(tenant: Directory, who: str, days: float, decision: str = "Approve", status: str = "Applied") -> None:
    instance = {"status": status, "startDateTime": ago(START, days + 7), "endDateTime": ago(START, days)}
    urn = f"{who}-{status}"
    tenant.keep("entra.access_reviews", urn, {"definition": {"id": "d", "displayName": "guests"}, "instance": instance})
    tenant.keep(
        "entra.access_review_decisions",
        f"decision-{urn}",
        {
            "definitionId": "d",
            "instanceId": urn,
            "principal": {"id": who},
            "decision": decision,
            "reviewedDateTime": None if decision == "NotReviewed" else ago(START, days),
        },
    )


def test_what_counts_as_a_review(tmp_path: Path) -> None:
    def build(tenant: Directory, _: Directory) -> None:
        for name in ("approved", "denied", "long-ago", "nobody-answered", "unfinished", "never"):
            guest(tenant, name)
        guest(tenant, "fresh", created=20)
        decide(tenant, "approved", 100)
        decide(tenant, "denied", 100, "Deny")
        decide(tenant, "long-ago", 200)
        decide(tenant, "nobody-answered", 100, "NotReviewed")
        decide(tenant, "unfinished", 100, status="InProgress")

    assert {
        "approved": "pass",
        "denied": "pass",
        "long-ago": "fail",
        "nobody-answered": "fail",
        "unfinished": "fail",
        "never": "fail",
        "fresh": "pass",
    } == names(told(judged(tmp_path, build), "entra-guest-review"))


def test_a_decision_once_seen_stays_when_the_review_is_deleted(tmp_path: Path) -> None:
    def first(tenant: Directory, _: Directory) -> None:
        guest(tenant, "gil")
        decide(tenant, "gil", 100)

    def deleted(tenant: Directory, _: Directory) -> None:
        tenant.found["entra.access_reviews"].clear()
        tenant.found["entra.access_review_decisions"].clear()

    assert {"gil": "pass"} == names(told(judged(tmp_path, first, deleted), "entra-guest-review"))


def test_decisions_that_may_not_be_read_leave_it_open(tmp_path: Path) -> None:
    def build(tenant: Directory, _: Directory) -> None:
        guest(tenant, "gil")
        guest(tenant, "fresh", created=20)
        unread = {"Unread": {"reason": "denied", "detail": "403"}}
        tenant.keep("entra.access_review_decisions", "i", {"definitionId": "d", "instanceId": "i", **unread})

    found = names(told(judged(tmp_path, build), "entra-guest-review"))
    assert "unknown" == found["gil"]


def test_guests_with_roles(tmp_path: Path) -> None:
    def build(tenant: Directory, _: Directory) -> None:
        guest(tenant, "gil")
        guest(tenant, "member", userType="Member")
        tenant.user("ada")
        tenant.service_principal("robot")
        tenant.eligible("gil", USER_ADMINISTRATOR)
        for name in ("member", "ada", "robot", "not-listed"):
            tenant.assign(name, USER_ADMINISTRATOR)

    found = judged(tmp_path, build)
    assert {"gil": "fail", "member": "fail", "ada": "pass", "not-listed: User Administrator": "unknown"} == names(
        told(found, "entra-guest-privileged")
    )
    assert (
        "a guest, eligible"
        == why(found, "entra-guest-privileged", "gil@example.com: User Administrator, eligible").because
    )
