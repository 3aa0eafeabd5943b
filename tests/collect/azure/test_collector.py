"""What is read of one subscription, and what happens when something cannot be read."""

import re
from datetime import timedelta

import pytest

from collect.microsoft.tenants import SUBSCRIPTION, Reached, furnish, gaps, named, unread
from observant.collect.azure import COLLECTIONS, collect_subscription, groups_in, unreadable, visible
from observant.collect.azure.collector import PARTS
from observant.collect.azure.logs import ACCOUNT, WORKSPACE, destinations
from observant.collect.azure.subscriptions import SUBSCRIPTION as THE_SUBSCRIPTION
from observant.collect.unread import Unread
from observant.evidence.snapshot import Gap, GapReason

OPERATIONS = sorted({one for part in PARTS for one in part.declaration.operations})


@pytest.fixture
def reached():
    made = Reached()
    furnish(made.tenant)
    return made


def subscription(reached):
    return reached.tenant.names["subscriptions", SUBSCRIPTION]


def read(reached, **more):
    return collect_subscription(reached.session(), subscription(reached), reached.time.now, **more)


def test_everything_is_read(reached):
    snapshot = read(reached)

    assert {} == gaps(snapshot)
    assert list(COLLECTIONS) == [one.name for one in snapshot.collections]
    assert f"azure:{subscription(reached)}" == snapshot.scope
    assert [subscription(reached)] == [one.urn for one in named(snapshot, "azure.subscription").entities]


def test_assignments_above_and_below_are_read_once(reached):
    scope = f"/subscriptions/{subscription(reached)}"
    reached.tenant.azure_assignment("ada", "Reader", "/")
    reached.tenant.azure_assignment("bob", "Contributor", f"{scope}/resourceGroups/Web")
    found = named(read(reached), "azure.role_assignments").entities

    assert {"/", scope, f"{scope}/resourceGroups/Web"} <= {one.configuration["properties"]["scope"] for one in found}
    assert len(found) == len({one.urn for one in found})
    assert all(one.urn == one.configuration["id"].lower() for one in found)


def test_groups_that_hold_a_role_are_named(reached):
    assert {reached.tenant.id_of("cloud-owners")} == groups_in(read(reached).collections)


def test_eligible_roles_and_their_rules(reached):
    reached.tenant.azure_eligible("eve", "Contributor", SUBSCRIPTION)
    snapshot = read(reached)

    assert 1 == len(named(snapshot, "azure.role_eligibility_instances").entities)
    assert named(snapshot, "azure.role_policies").entities


def test_the_rules_of_what_is_eligible_above_are_read_where_it_was_given(reached):
    top = reached.tenant.tenant_id
    reached.tenant.azure_eligible("eve", "Owner", top)
    snapshot = read(reached)
    above = [
        one.configuration["properties"]["roleDefinitionId"].rpartition("/")[2]
        for one in named(snapshot, "azure.role_policies").entities
        if one.configuration["properties"]["scope"].endswith(top)
    ]

    assert [reached.tenant.azure_role("Owner")["name"]] == above


def test_what_is_inherited_is_read_although_a_listing_shows_it_only_when_asked(reached):
    """The descriptions say what `atScope()` shows, and not what a listing without a filter leaves out."""
    top = reached.tenant.tenant_id
    reached.tenant.azure_eligible("eve", "Owner", top)
    reached.tenant.azure_activate("eve", "Owner", top)
    reached.tenant.deny("stack", "eve", top, ["*/delete"])
    shown = read(reached)
    reached.tenant.inherited_unasked = False

    kinds = ("role_assignments", "role_assignment_instances", "role_eligibility_instances", "deny_assignments")
    for name in (f"azure.{kind}" for kind in kinds):
        assert named(shown, name).entities
        assert {one.urn for one in named(shown, name).entities} == {
            one.urn for one in named(read(reached), name).entities
        }


def test_a_tenant_without_the_licence_has_no_pim(reached):
    reached.tenant.licence = "P1"

    assert dict.fromkeys(("azure.role_assignment_instances", "azure.role_eligibility_instances"), "unlicensed") == gaps(
        read(reached)
    )


def test_only_events_about_roles_and_logging_are_kept(reached):
    reached.tenant.azure_assignment("bob", "Reader", SUBSCRIPTION)
    reached.tenant.remove_log_setting("activity", at=SUBSCRIPTION)
    reached.time.at += 3600
    snapshot = read(reached)
    operations = {
        one.configuration["operationName"]["value"]
        for one in named(snapshot, "azure.activity_log").entities
        if "operationName" in one.configuration
    }

    assert {
        "Microsoft.Authorization/roleAssignments/write",
        "Microsoft.Insights/diagnosticSettings/delete",
    } == operations
    assert 89 == named(snapshot, "azure.activity_log_window").entities[0].usage["kept_days"]


def test_events_that_fell_out_are_said(reached):
    last = reached.time.now()
    reached.time.at += timedelta(days=30).total_seconds()

    assert {} == unread(read(reached, last_read=lambda _: last))
    reached.time.at += timedelta(days=70).total_seconds()
    assert {"azure.activity_log"} == unread(read(reached, last_read=lambda _: last)).keys()


def test_destinations_are_one_whatever_their_case():
    first, second = "/subscriptions/A/x/Workspaces/Logs", "/subscriptions/a/X/workspaces/logs"
    settings = [{"properties": {"workspaceId": first}}, {"properties": {"workspaceId": second, "logs": []}}]

    assert {first: "workspace"} == destinations(settings)
    assert {} == destinations([{}, {"properties": None}, {"properties": {"workspaceId": None, "storageAccountId": 3}}])


# --- which subscriptions there are -------------------------------------------------------------------------------


def test_what_is_visible_and_what_only_the_tree_names(reached):
    reached.tenant.subscription("hidden")
    hidden = reached.tenant.names["subscriptions", "hidden"]
    session = reached.session()
    items = session.get

    def without_hidden(operation, url, about, headers=None):
        answer = items(operation, url, about, headers)
        if operation.path == "/subscriptions":
            answer["value"] = [one for one in answer["value"] if one["subscriptionId"] != hidden]
        return answer

    session.get = without_hidden

    assert ([subscription(reached)], [hidden]) == visible(session, reached.time.now, reached.tenant.tenant_id)


def test_without_the_tree_what_is_visible_is_what_there_is(reached):
    reached.traffic.fault("/providers/Microsoft.Management/*", code="AuthorizationFailed")

    assert ([subscription(reached)], []) == visible(reached.session(), reached.time.now, reached.tenant.tenant_id)


def test_a_list_of_subscriptions_that_cannot_be_read_is_told(reached):
    reached.traffic.fault("/subscriptions")

    with pytest.raises(Unread):
        visible(reached.session(), reached.time.now, reached.tenant.tenant_id)


def test_a_subscription_that_is_not_there_is_all_gaps(reached):
    gone = "00000000-0000-0000-0000-000000000009"
    snapshot = collect_subscription(reached.session(), gone, reached.time.now)

    assert {"azure.subscription", "azure.role_assignments", "azure.log_settings"} <= gaps(snapshot).keys()
    assert f"azure:{gone}" == snapshot.scope


def test_an_unreadable_subscription_says_why(reached):
    gap = Gap(GapReason.DENIED, "not visible")
    snapshot = unreadable(reached.session(), "x", reached.time.now, gap)

    assert {gap} == {one.gap for one in snapshot.collections}


# --- faults ------------------------------------------------------------------------------------------------------

PATHS = {WORKSPACE: "*/workspaces/logs", ACCOUNT: "*/storageAccounts/archive"}


@pytest.fixture(scope="module")
def whole():
    made = Reached()
    furnish(made.tenant)
    return read(made)


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one != THE_SUBSCRIPTION], ids=lambda one: one.name)
def test_a_denied_request_is_exactly_its_gaps(reached, whole, operation):
    path = PATHS.get(operation) or re.sub(r"\{[^}]*\}", "*", operation.path)
    reached.traffic.fault(path, code="AuthorizationFailed")
    snapshot = read(reached)
    own = {name for part in PARTS if operation in part.declaration.operations for name in part.declaration.collections}
    found, holes = gaps(snapshot), unread(snapshot).keys() - {"azure.activity_log"}

    assert found.keys() | holes <= own | {"azure.log_destinations"}
    used = any(one.operation == operation.name for one in snapshot.requests)
    assert not used or (found.keys() | holes) & own
    for one in whole.collections:
        if one.name not in found.keys() | holes | {"azure.activity_log", "azure.activity_log_window"}:
            assert one.entities == named(snapshot, one.name).entities


def test_documented_limits_are_never_reached(reached):
    reached.traffic.real_limits()
    session = reached.session()
    for _ in range(20):
        collect_subscription(session, subscription(reached), reached.time.now)

    assert [] == [call for call in reached.traffic.calls if call.status == 429]
