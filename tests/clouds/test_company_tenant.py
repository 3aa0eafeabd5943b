"""The fictional company's year in its tenant is what it says, to whoever reads it through the API."""

import json
from datetime import UTC, date, datetime

import pytest

from clouds.asking import Asking
from observant_clouds import company_tenant as story
from observant_clouds.company import readings, runs_on

CA = "/v1.0/identity/conditionalAccess/policies"
PIM = "/v1.0/roleManagement/directory"


@pytest.fixture
def year():
    return story.CompanyTenant()


def lived_until(year, written):
    year.live_until(datetime.fromisoformat(written).replace(tzinfo=UTC))
    return Asking(year.service)


def exempt(asking, year):
    group = year.tenant.id_of(story.EXEMPT, "groups")
    return {each["id"] for each in asking.value(f"/v1.0/groups/{group}/members?$select=id")}


def test_fourteen_people_and_who_else_is_there(year):
    asking = lived_until(year, "2025-10-01T06:00")

    users = asking.value("/v1.0/users?$select=displayName,userType,employeeId,accountEnabled")

    assert 14 == sum(each["employeeId"] is not None for each in users)
    assert 4 == sum(each["userType"] == "Guest" for each in users)
    assert 22 == len(users)


def test_the_exclusion_group_grows_to_22_percent_and_shrinks(year):
    shares = []
    for written in ("2026-04-07T06:00", "2026-04-08T06:00", "2026-06-09T06:00", "2026-06-10T06:00"):
        asking = lived_until(year, written)
        enabled = {each["id"] for each in asking.value("/v1.0/users?$select=id&$filter=accountEnabled eq true")}
        shares.append((len(exempt(asking, year) & enabled), len(enabled)))

    assert [(1, 23), (5, 23), (5, 23), (1, 23)] == shares
    assert 22 == round(100 * 5 / 23)


def test_no_snapshot_shows_that_legacy_authentication_was_let_in(year):
    """Read every morning around the weekend, as the schedule does; what could not be read is not seen."""
    seen, unread = set(), []
    for moment in readings():
        if date(2026, 5, 10) <= moment.date() <= date(2026, 5, 22):
            year.live_until(moment)
            if year.service.traffic.fault_for(story._TOKENS, "", ""):
                unread.append(moment.date())
            else:
                seen |= {
                    each["state"] for each in Asking(year.service).value(CA) if each["displayName"] == story.LEGACY
                }

    assert {"enabled"} == seen
    assert list(story.UNREACHABLE) == unread


def test_the_audit_log_shows_that_legacy_authentication_was_let_in(year):
    asking = lived_until(year, "2026-05-18T06:00")
    since = "activityDateTime ge 2026-05-14T00:00:00Z and loggedByService eq 'Conditional Access'"

    events = asking.value(f"/v1.0/auditLogs/directoryAudits?$filter={since}")
    changes = {
        event["activityDateTime"]: json.loads(event["targetResources"][0]["modifiedProperties"][0]["newValue"])["state"]
        for event in events
    }
    legacy = asking.value("/beta/auditLogs/signIns?$filter=clientAppUsed eq 'IMAP4'")

    assert {"2026-05-15T18:20:00Z": "disabled", "2026-05-17T20:05:00Z": "enabled"} == changes
    assert tuple(changes) == tuple(each.strftime("%Y-%m-%dT%H:%M:%SZ") for each in reversed(story.LEGACY_ALLOWED))
    assert ["2026-05-17T08:47:00Z", "2026-05-16T09:12:00Z"] == [each["createdDateTime"] for each in legacy]


def test_a_standing_administrator_for_a_week(year):
    def standing(written):
        found = lived_until(year, written).value(f"{PIM}/roleAssignmentScheduleInstances?$expand=principal")
        return {each["principal"]["displayName"] for each in found if each["assignmentType"] == "Assigned"}

    assert {story.BREAK_GLASS} == standing("2026-02-09T06:00")
    assert {story.BREAK_GLASS, "Emre"} == standing("2026-02-10T06:00")
    assert {story.BREAK_GLASS, "Emre"} == standing("2026-02-16T06:00")
    assert {story.BREAK_GLASS} == standing("2026-02-17T06:00")


def test_activations_are_in_the_log_with_reason_and_approval(year):
    asking = lived_until(year, "2025-10-03T06:00")

    events = asking.value("/v1.0/auditLogs/directoryAudits?$filter=loggedByService eq 'PIM'")
    told = {
        (each["activityDisplayName"], each["resultReason"], (each["initiatedBy"]["user"] or {}).get("displayName"))
        for each in events
    }

    assert {
        ("Add member to role requested (PIM activation)", "Planned change OPS-200", "Ada"),
        ("Add member to role request approved (PIM activation)", "Planned change OPS-200", "Bjorn"),
        ("Add member to role completed (PIM activation)", "Planned change OPS-200", "Ada"),
        ("Add member to role requested (PIM activation)", "Password resets", "Chidi"),
        ("Add member to role completed (PIM activation)", "Password resets", "Chidi"),
        ("Remove member from role (PIM activation expired)", "", None),
    } == told


def test_a_secret_grows_older_than_a_year(year):
    def ages(written):
        now = datetime.fromisoformat(written).replace(tzinfo=UTC)
        applications = lived_until(year, written).value("/v1.0/applications?$select=displayName,passwordCredentials")
        held = next(each for each in applications if each["displayName"] == "invoice-export")["passwordCredentials"]
        return [(now - datetime.fromisoformat(each["startDateTime"])).days for each in held]

    assert [364] == ages("2026-04-14T06:00")
    assert [407] == ages("2026-05-27T06:00")
    assert [408, 0] == ages("2026-05-28T06:00")
    assert [2] == ages("2026-05-30T06:00")


def test_a_guest_of_a_finished_project_stays_and_is_passed_over(year):
    asking = lived_until(year, "2026-09-30T06:00")
    petra = year.tenant.id_of("petra")
    definition = asking.value("/v1.0/identityGovernance/accessReviews/definitions")[0]["id"]
    runs = f"/v1.0/identityGovernance/accessReviews/definitions/{definition}/instances"

    guest = asking.ok(f"/v1.0/users/{petra}?$select=accountEnabled,signInActivity")
    instances = asking.value(runs)
    decisions = [each for run in instances for each in asking.value(f"{runs}/{run['id']}/decisions")]

    assert guest["accountEnabled"]
    assert guest["signInActivity"]["lastSuccessfulSignInDateTime"] < "2025-11-29"
    assert ["2025-12-08", "2026-03-09", "2026-09-07"] == [each["startDateTime"][:10] for each in instances]
    assert ["NotReviewed"] * 3 == [each["decision"] for each in decisions if each["principal"]["id"] == petra]
    assert {"Approve"} == {each["decision"] for each in decisions if each["principal"]["id"] != petra}


def test_a_running_review_has_decided_nothing_yet(year):
    asking = lived_until(year, "2025-12-09T06:00")
    definition = asking.value("/v1.0/identityGovernance/accessReviews/definitions")[0]["id"]
    runs = f"/v1.0/identityGovernance/accessReviews/definitions/{definition}/instances"

    [run] = asking.value(runs)
    decisions = asking.value(f"{runs}/{run['id']}/decisions")

    assert ("InProgress", {"NotReviewed"}) == (run["status"], {each["decision"] for each in decisions})


def test_logs_are_kept_for_less_for_seven_weeks(year):
    def kept(written):
        workspace = year.tenant.find("workspaces", "harbourlight-logs")["id"]
        tables = lived_until(year, written).value(f"{workspace}/tables?api-version=2022-10-01")
        return {
            each["properties"]["totalRetentionInDays"] for each in tables if each["name"] in ("SigninLogs", "AuditLogs")
        }

    assert [{365}, {90}, {90}, {365}] == [
        kept(written) for written in ("2026-07-14T06:00", "2026-07-15T06:00", "2026-09-04T06:00", "2026-09-05T06:00")
    ]


def test_the_vendors_program_is_contributor_on_production_until_may(year):
    def holders(written):
        asking = lived_until(year, written)
        scope = year.tenant.scope(story.PRODUCTION)
        found = asking.value(f"{scope}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01")
        return {
            each["properties"]["principalId"]
            for each in found
            if each["properties"]["principalType"] == "ServicePrincipal"
        }

    before, granted = holders("2025-10-20T06:00"), holders("2025-10-21T06:00")

    assert {year.tenant.id_of("acme-migration", "servicePrincipals")} == granted - before
    assert (granted, before) == (holders("2026-05-04T06:00"), holders("2026-05-05T06:00"))


def test_a_membership_while_nothing_was_collected_is_only_in_the_log(year):
    asking = lived_until(year, "2026-04-01T06:00")
    kim = year.tenant.id_of("kim")
    events = asking.value(f"/v1.0/auditLogs/directoryAudits?$filter=targetResources/any(t:t/id eq '{kim}')")

    assert ["Remove member from group", "Add member to group"] == [each["activityDisplayName"] for each in events]
    assert not any(runs_on(date.fromisoformat(each["activityDateTime"][:10])) for each in events)


def test_the_year_is_the_same_in_every_run():
    def told():
        year = story.CompanyTenant()
        year.live_until(datetime(2026, 3, 1, 6, tzinfo=UTC))
        return year.tenant.objects

    assert told() == told()
