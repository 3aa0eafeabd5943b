"""Changes made to the test tenant are in its audit log, with both sides."""

import json

import pytest

from clouds.asking import Asking
from observant_clouds.microsoft import (
    Service,
    Tenant,
)

CA = "/v1.0/identity/conditionalAccess/policies"


@pytest.fixture
def tenant():
    return Tenant()


@pytest.fixture
def asking(tenant):
    return Asking(Service(tenant))


def audits(asking, **conditions):
    text = " and ".join(f"{name} eq '{value}'" for name, value in conditions.items())
    return asking.value("/v1.0/auditLogs/directoryAudits" + (f"?$filter={text}" if text else ""))


def test_changes_before_the_opening_are_not_logged(tenant, asking):
    tenant.user("ada")
    tenant.open("ada")
    tenant.group("staff", ["ada"])

    assert ["Add member to group", "Add group"] == [each["activityDisplayName"] for each in audits(asking)]
    assert {"ada"} == {each["initiatedBy"]["user"]["displayName"].lower() for each in audits(asking)}


def test_a_policy_disabled_and_enabled_again_is_only_in_the_log(tenant, asking):
    tenant.conditional_access("Block legacy authentication", grant=["block"], clients=["exchangeActiveSync", "other"])
    before = asking.value(CA)
    tenant.open()
    tenant.shift(days=1)
    tenant.change_policy("Block legacy authentication", state="disabled")
    tenant.shift(days=2)
    tenant.change_policy("Block legacy authentication", state="enabled")

    events = audits(asking, loggedByService="Conditional Access")
    edits = [event["targetResources"][0]["modifiedProperties"][0] for event in events]
    states = [tuple(json.loads(edit[side])["state"] for side in ("oldValue", "newValue")) for edit in edits]

    assert ["2026-01-04T06:00:00Z", "2026-01-02T06:00:00Z"] == [event["activityDateTime"] for event in events]
    assert [("disabled", "enabled"), ("enabled", "disabled")] == states
    after = asking.value(CA)
    assert [{**before[0], "modifiedDateTime": "2026-01-04T06:00:00Z"}] == after


def test_memberships_roles_and_secrets_leave_both_sides(tenant, asking):
    tenant.user("ada")
    tenant.application("deploy")
    group = tenant.group("exclusions", ["ada"])
    tenant.open()
    tenant.remove_member("exclusions", "ada")
    tenant.role("ada", "Global Administrator")
    key = tenant.secret("deploy")
    tenant.remove_credential("deploy", key)

    def edits(activity):
        event = next(each for each in audits(asking) if each["activityDisplayName"].strip() == activity)
        properties = event["targetResources"][0]["modifiedProperties"]
        return {each["displayName"]: (each["oldValue"], each["newValue"]) for each in properties}

    assert (json.dumps(group), None) == edits("Remove member from group")["Group.ObjectID"]
    assert (None, '"Global Administrator"') == edits("Add member to role")["Role.DisplayName"]
    newest_first = [
        event["targetResources"][0]["modifiedProperties"][0]
        for event in audits(asking)
        if event["activityDisplayName"].startswith("Update application")
    ]
    assert [(True, False), (False, True)] == [
        (key in each["oldValue"], key in each["newValue"]) for each in newest_first
    ]


@pytest.mark.parametrize(("licence", "days"), [("none", 7), ("P1", 30), ("P2", 30)])
def test_the_directory_forgets(tenant, asking, licence, days):
    tenant.licence = licence
    tenant.open()
    tenant.user("ada")
    tenant.shift(days=days)
    assert 1 == len(audits(asking))

    tenant.shift(seconds=1)
    assert [] == audits(asking)
