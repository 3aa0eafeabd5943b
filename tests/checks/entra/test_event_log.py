"""What only the provider's event logs tell: activations between readings, settings deleted overnight, lost events."""

from datetime import timedelta
from typing import Any

import pytest

from observant.model.interval import Interval
from observant.model.time import text
from observant.model.verdict import Verdict
from observant.period.evaluate import Evaluation, Standing
from worlds.directory import GLOBAL_ADMINISTRATOR, Directory
from worlds.judging import START, SUBSCRIPTION, judged

HOUR = timedelta(hours=1)
NOON = START + 6 * HOUR
REQUESTED = "Add member to role requested (PIM activation)"
BEGUN, APPROVED = (
    "Add member to role completed (PIM activation)",
    "Add member to role request approved (PIM activation)",
)
EXPIRED = "Remove member from role (PIM activation expired)"


def pim_of_group(
    tenant: Directory, who: str, activity: str, after: float, reason: str = "", access: str = "Member"
) -> None:
    """The same about membership in the group tier-0, or its ownership."""
    pim(tenant, who, activity, after, reason)
    event = tenant.found["entra.directory_audits"].pop(f"PIM_{who}_{activity}_{after}")[0]
    event |= {"category": "GroupManagement", "id": f"{event['id']}_{access}"}
    event["targetResources"][0] = {"type": "Role", "id": "x", "displayName": access}
    event["targetResources"].append({"type": "Group", "id": "tier-0", "displayName": "tier-0"})
    tenant.keep("entra.directory_audits", event["id"], event)


def pim(tenant: Directory, who: str, activity: str, after: float, reason: str = "", by: str = "", **more: str) -> None:
    """An event as Privileged Identity Management writes it, some hours after noon."""
    urn, by = f"PIM_{who}_{activity}_{after}", by or who
    event = {
        "id": urn,
        "loggedByService": "PIM",
        "category": "RoleManagement",
        "result": "success",
        "resultReason": reason,
        "activityDisplayName": activity,
        "activityDateTime": text(NOON + after * HOUR),
        "initiatedBy": {"user": {"id": by, "userPrincipalName": f"{by}@example.com"}},
        "targetResources": [
            {"type": "Role", "id": GLOBAL_ADMINISTRATOR, "displayName": "Global Administrator"},
            {"type": "Request", "id": "r-1"},
            {"type": "User", "id": who, "userPrincipalName": f"{who}@example.com"},
        ],
        "additionalDetails": [{"key": key, "value": value} for key, value in more.items()],
    }
    tenant.keep("entra.directory_audits", urn, event)


def quiet(tenant: Directory, subscription: Directory) -> None:
    """The first reading. What was before it was never to be read, so nothing is lost."""
    for name in ("ada", "kim", "max", "ida", "leo"):
        tenant.user(name)
    tenant.group("tier-0")
    unread = {"Unread": {"reason": "truncated", "detail": "when it was last read is not known"}}
    tenant.keep("entra.directory_audits", "lost:x", {"from": None, "to": text(START)} | unread)


def busy(tenant: Directory, subscription: Directory) -> None:
    tenant.drop("entra.directory_audits", "lost:x")
    # A good one, one without a reason after it, and one that lasts too long.
    # The reason stands with the request, and the completion is the service's own where somebody had to approve.
    for hours, reason in ((0, "Change 7"), (4, "")):
        pim(tenant, "ada", REQUESTED, hours - 0.5, reason, TicketNumber="CHG-7")
        pim(tenant, "ada", APPROVED, hours, "fine with me", by="bob")
        pim(tenant, "ada", BEGUN, hours, by="MS-PIM")
        pim(tenant, "ada", EXPIRED, hours + 2, by="MS-PIM")
    pim(tenant, "ada", BEGUN, 7, "Night", ExpirationTime=text(NOON + 17 * HOUR))
    # One that the reading itself saw, and one whose end nobody tells.
    start, end = NOON + 17 * HOUR, NOON + 20 * HOUR
    tenant.assign("kim", GLOBAL_ADMINISTRATOR, activated=True, startDateTime=text(start), endDateTime=text(end))
    pim(tenant, "kim", BEGUN, 17.1, "Change 8")
    pim(tenant, "max", BEGUN, 1, "Change 9")
    # The log has its completion alone: whether there was a reason is not known, and not held against anybody.
    pim(tenant, "max", BEGUN, 5)
    pim(tenant, "max", EXPIRED, 6, by="MS-PIM")
    # Membership in a group: one with a reason, an ownership without, one that is too long, which a reading saw.
    pim_of_group(tenant, "ida", BEGUN, 1, "Change 10")
    pim_of_group(tenant, "ida", EXPIRED, 3)
    pim_of_group(tenant, "ida", REQUESTED, 1.9, access="Owner")
    pim_of_group(tenant, "ida", BEGUN, 2, access="Owner")
    pim_of_group(tenant, "ida", EXPIRED, 4, access="Owner")
    span = {"startDateTime": text(NOON + 17 * HOUR), "endDateTime": text(NOON + 41 * HOUR)}
    tenant.in_group("activated", "tier-0", "leo", **span)
    pim_of_group(tenant, "leo", BEGUN, 17, "Change 11")
    tenant.in_group("assigned", "tier-0", "ada")
    for number, status in enumerate(("Succeeded", "Failed")):
        subscription.keep("azure.activity_log", f"e{number}", deleted(status))
        tenant.keep("entra.activity_log", f"e{number}", deleted(status, "microsoft.aadiam"))
    for directory, name in ((tenant, "entra.directory_audits"), (subscription, "azure.activity_log")):
        lost = {"from": text(START - 40 * 24 * HOUR), "to": text(START - 30 * 24 * HOUR)}
        directory.keep(
            name, f"lost:{lost['to']}", lost | {"Unread": {"reason": "truncated", "detail": "kept for 30 days"}}
        )


def deleted(status: str, provider: str = "Microsoft.Insights") -> dict[str, Any]:
    return {
        "operationName": {"value": f"{provider}/diagnosticSettings/delete"},
        "status": {"value": status},
        "eventTimestamp": text(NOON),
        "caller": "eve@example.com",
        "resourceId": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Insights/diagnosticSettings/to-siem",
    }


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return judged(tmp_path_factory.mktemp("events"), quiet, busy)


def standing(found: Evaluation, check: str, label: str = "", *verdicts: Verdict) -> list[Standing]:
    told = found.standing(Interval(START, found.as_of), set(verdicts or Verdict), check)
    return sorted(
        (one for one in told if one.member and not one.hole and one.label.startswith(label)),
        key=lambda one: one.interval.start,
    )


def test_activations_between_two_readings_are_in_the_log_alone(found: Evaluation) -> None:
    good, without, long = standing(found, "entra-activation-use", "ada")

    def hours(one: Standing) -> tuple[float, float, str]:
        return (one.interval.start - NOON) / HOUR, (one.interval.end - NOON) / HOUR, one.verdict.value

    assert [(0, 2, "pass"), (4, 6, "fail"), (7, 17, "fail")] == [hours(one) for one in (good, without, long)]
    assert "without a reason, ticket CHG-7, approved by bob@example.com" in without.because
    assert ": Night" in long.because


def test_an_activation_that_a_reading_saw_is_counted_once(found: Evaluation) -> None:
    rows = found.query("SELECT told, justification FROM entra_activation WHERE principal = 'kim'")

    assert [(False, "Change 8")] == rows


def test_an_activation_whose_end_nobody_knows_is_unknown(found: Evaluation) -> None:
    assert [Verdict.UNKNOWN, Verdict.PASS] == [one.verdict for one in standing(found, "entra-activation-use", "max")]


def test_activations_of_membership_in_a_group(found: Evaluation) -> None:
    told = [
        (one.label.partition(" from ")[0], one.verdict.value)
        for name in ("ida", "leo")
        for one in standing(found, "entra-activation-use", name)
    ]

    assert [
        ("ida@example.com: member of group tier-0", "pass"),
        ("ida@example.com: owner of group tier-0", "fail"),  # the request gives no reason
        ("leo@example.com: member of group tier-0", "fail"),  # for a day, as the reading itself saw
    ] == told
    assert [(False, "Change 11")] == found.query(
        "SELECT told, justification FROM entra_activation WHERE principal = 'leo'"
    )
    # Whom PIM lets in for good activated nothing.
    assert [] == found.query("SELECT member FROM entra_activation WHERE principal = 'ada' AND group_id IS NOT NULL")


@pytest.mark.parametrize("check", ["entra-log-setting-removed", "azure-log-setting-removed"])
def test_a_setting_that_was_deleted_and_made_again(found: Evaluation, check: str) -> None:
    (one,) = standing(found, check, "", Verdict.FAIL)

    assert (NOON, NOON + 24 * HOUR) == (one.interval.start, one.interval.end)
    assert one.because.startswith("deleted by eve@example.com: ")


@pytest.mark.parametrize("check", ["entra-event-loss", "azure-event-loss"])
def test_events_that_nobody_can_read_any_more(found: Evaluation, check: str) -> None:
    (one,) = standing(found, check, "", Verdict.FAIL)

    assert START + 24 * HOUR == one.interval.start
    assert one.because.endswith(" log: events from 2025-04-23 06:00:00 to 2025-05-03 06:00:00 were never read")
