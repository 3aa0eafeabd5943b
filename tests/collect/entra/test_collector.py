"""What is read of one tenant, and what happens when something cannot be read."""

from datetime import timedelta

import pytest

from collect.microsoft.tenants import SUBSCRIPTION, TENANT_LOGS, Reached, furnish, gaps, named, unread
from observant.collect.entra import COLLECTIONS, collect_tenant
from observant.collect.entra.groups import HIDDEN
from observant.collect.microsoft.clouds import CLOUDS
from observant.collect.unread import Unread
from observant.evidence.canonical import canonical
from observant.evidence.snapshot import GapReason, Reconciliation
from observant_clouds.microsoft import Bucket, Window


@pytest.fixture
def reached():
    made = Reached()
    furnish(made.tenant)
    return made


def read(reached, **more):
    return collect_tenant(reached.session(), reached.tenant.tenant_id, reached.time.now, **more)


def configuration(snapshot, name, urn):
    return next(each.configuration for each in named(snapshot, name).entities if each.urn == urn)


def contents(snapshot):
    """What somebody configured; moments of reading aside."""
    return {
        one.name: [(entity.urn, entity.configuration) for entity in one.entities]
        for one in snapshot.collections
        if one.name not in TENANT_LOGS
    }


def test_everything_is_read_and_counted(reached):
    snapshot = read(reached)

    assert {} == gaps(snapshot)
    assert TENANT_LOGS == unread(snapshot).keys()  # what was before the first read
    assert list(COLLECTIONS) == [one.name for one in snapshot.collections]
    assert (f"entra:{reached.tenant.tenant_id}", "api") == (snapshot.scope, snapshot.origin)
    assert reached.service.tokens.client_id in snapshot.supplied_by
    assert [Reconciliation("/users/$count", 4, 4)] == named(snapshot, "entra.users").reconciled
    assert all(one.expected == one.actual for each in snapshot.collections for one in each.reconciled)


def test_everything_can_be_stored(reached):
    for collection in read(reached).collections:
        for entity in collection.entities:
            canonical(entity.configuration)
            canonical(entity.usage or {})


def test_signing_in_changes_only_use(reached):
    before = read(reached)
    reached.tenant.sign_in("bob", None)
    reached.tenant.program_sign_in("robot", None)
    after = read(reached)
    bob = reached.tenant.id_of("bob", "users")

    assert contents(before) == contents(after)
    used = {one.urn: one.usage for one in named(after, "entra.user_activity").entities}
    assert used[bob]["signInActivity"]["lastSuccessfulSignInDateTime"]
    assert {"signInActivity": None} == used[reached.tenant.id_of("eve", "users")]
    assert "signInActivity" not in configuration(after, "entra.users", bob)


def test_application_permissions_are_named(reached):
    tenant = reached.tenant
    tenant.application_permission("robot", "RoleManagement.ReadWrite.Directory")
    forgotten = tenant.application_permission("robot", "Gone.Read.All")
    graph = tenant.find("servicePrincipals", "Microsoft Graph")
    graph["appRoles"] = [role for role in graph["appRoles"] if role["value"] != "Gone.Read.All"]
    granted = {one.urn: one.configuration for one in named(read(reached), "entra.app_permissions").entities}

    assert {"RoleManagement.ReadWrite.Directory", "User.Read.All", None} == {
        one.get("appRoleValue") for one in granted.values()
    }
    assert {tenant.id_of("robot", "servicePrincipals")} == {one["principalId"] for one in granted.values()}
    assert "appRoleValue" not in granted[forgotten]


def test_members_are_read_level_by_level_of_groups_that_matter(reached):
    members = {
        one.urn: one.configuration.get("members") for one in named(read(reached), "entra.group_members").entities
    }
    ids = {name: reached.tenant.id_of(name) for name in ("inner", "outer", "admins", "ada", "bob", "eve")}

    assert (
        sorted([{"id": ids["inner"], "type": "group"}, {"id": ids["eve"], "type": "user"}], key=lambda one: one["id"])
        == members[ids["outer"]]
    )
    assert [{"id": ids["bob"], "type": "user"}] == members[ids["inner"]]
    assert [{"id": ids["ada"], "type": "user"}] == members[ids["admins"]]
    assert reached.tenant.id_of("nobody-asks") not in members
    assert reached.tenant.id_of("cloud-owners") not in members


def test_groups_that_subscriptions_refer_to_are_read_too(reached):
    group = reached.tenant.id_of("cloud-owners")
    snapshot = read(reached, also_groups=frozenset({group}))

    assert [{"id": reached.tenant.id_of("eve"), "type": "user"}] == configuration(
        snapshot, "entra.group_members", group
    )["members"]


def test_a_cycle_of_groups_ends(reached):
    reached.tenant.member("inner", "outer")

    assert {} == gaps(read(reached))


def test_groups_that_pim_lets_into_others_are_followed(reached):
    """`admins` holds a role; members of `outer` may activate being in it, and those of `inner` being in `outer`."""
    reached.tenant.group_eligible("admins", "outer")
    reached.tenant.group_eligible("outer", "inner")
    reached.tenant.group_eligible("inner", "admins")  # in a circle
    snapshot = read(reached)
    ids = {reached.tenant.id_of(name) for name in ("admins", "outer", "inner")}

    assert ids == {
        one.configuration["groupId"] for one in named(snapshot, "entra.group_eligibility_instances").entities
    }
    assert ids == {one.configuration["scopeId"] for one in named(snapshot, "entra.group_policies").entities}
    assert ids == {one.urn for one in named(snapshot, "entra.group_owners").entities}


def test_hidden_membership_is_not_an_empty_group(reached):
    group = reached.tenant.id_of("secret-society")
    assert 1 == len(configuration(read(reached), "entra.group_members", group)["members"])

    reached.service.permissions.discard(HIDDEN)
    hidden = configuration(read(reached), "entra.group_members", group)

    assert ("denied", True) == (hidden["Unread"]["reason"], HIDDEN in hidden["Unread"]["detail"])
    assert "members" not in hidden


def test_a_deleted_group_that_a_policy_still_names_is_unread(reached):
    group = reached.tenant.id_of("outer")
    reached.tenant.remove_group("outer")
    snapshot = read(reached)

    assert "failed" == configuration(snapshot, "entra.group_members", group)["Unread"]["reason"]
    assert "Request_ResourceNotFound" in configuration(snapshot, "entra.group_members", group)["Unread"]["detail"]
    assert {} == gaps(snapshot)


def test_applications_have_their_credentials_and_owners(reached):
    robot = named(read(reached), "entra.applications").entities[0].configuration

    assert [{"id": reached.tenant.id_of("bob"), "type": "user"}] == robot["owners"]
    assert ["repo:x"] == [one["subject"] for one in robot["federatedIdentityCredentials"]]
    assert (1, 1) == (len(robot["passwordCredentials"]), len(robot["keyCredentials"]))


def test_more_owners_than_a_listing_shows_are_all_read(reached):
    for number in range(25):
        reached.tenant.user(f"owner-{number}")
        reached.tenant.owner("robot", f"owner-{number}")
    reached.tenant.remove_owner("robot", "bob")

    assert 25 == len(named(read(reached), "entra.applications").entities[0].configuration["owners"])


def test_privileged_roles_are_those_that_beta_says(reached):
    roles = [one.configuration for one in named(read(reached), "entra.role_definitions").entities]
    reached.traffic.fault("/roleManagement/directory/roleDefinitions", containing="/beta/")
    without = [one.configuration for one in named(read(reached), "entra.role_definitions").entities]

    assert {"Global Administrator", "User Administrator"} <= {
        one["displayName"] for one in roles if one["isPrivileged"] is True
    }
    assert len(roles) == len(without)
    assert not [one for one in without if "isPrivileged" in one]


def test_reviews_with_their_decisions(reached):
    snapshot = read(reached)
    review = named(snapshot, "entra.access_reviews").entities[0]
    decision = named(snapshot, "entra.access_review_decisions").entities[0].configuration

    assert review.urn == review.configuration["instance"]["id"] == decision["instanceId"]
    assert review.configuration["definition"]["id"] == decision["definitionId"]
    assert "Approve" == decision["decision"]


def test_where_logs_go_and_how_long_they_stay(reached):
    found = {one.configuration["kind"]: one for one in named(read(reached), "entra.log_destinations").entities}
    workspace, storage = found["workspace"].configuration, found["storage"].configuration

    assert {"workspace", "storage"} == found.keys()
    assert found["storage"].urn == storage["id"].lower()
    assert 400 == next(
        one["properties"]["totalRetentionInDays"] for one in workspace["tables"] if one["name"] == "AuditLogs"
    )
    assert (
        500
        == storage["lifecycle"]["properties"]["policy"]["rules"][0]["definition"]["actions"]["baseBlob"]["delete"][
            "daysAfterModificationGreaterThan"
        ]
    )
    assert "Locked" == storage["containers"][0]["immutabilityPolicy"]["properties"]["state"]


def test_a_destination_that_cannot_be_read_says_so(reached):
    elsewhere = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/x/providers"
    hub = f"{elsewhere}/Microsoft.EventHub/namespaces/n/authorizationRules/r"
    lost = f"{elsewhere}/Microsoft.OperationalInsights/workspaces/gone"
    reached.tenant.log_setting("away", workspace=lost, event_hub=hub)
    snapshot = read(reached)

    assert {lost.lower()} == unread(snapshot)["entra.log_destinations"]
    assert {"id": hub, "kind": "event_hub"} == configuration(snapshot, "entra.log_destinations", hub.lower())


def test_the_tree_of_management_groups(reached):
    reached.tenant.management_group("landing")
    reached.tenant.management_group("prod", parent="landing")
    groups = {one.urn: one.configuration for one in named(read(reached), "entra.management_groups").entities}

    assert {reached.tenant.tenant_id, "landing", "prod"} == groups.keys()
    assert groups["prod"]["parent"] == groups["landing"]["id"]
    assert "/subscriptions" in [one["type"] for one in groups[reached.tenant.tenant_id]["children"]]


# --- what is not licensed, not allowed, not there ----------------------------------------------------------------


def test_without_a_premium_licence_the_rest_is_read(reached):
    reached.tenant.licence = "none"
    snapshot = read(reached)
    found = gaps(snapshot)

    assert "not_attempted" == found.pop("entra.access_review_decisions")  # which reviews ran is not known
    assert {"unlicensed"} == set(found.values())
    assert {
        "entra.user_activity",
        "entra.role_assignment_instances",
        "entra.role_eligibility_instances",
        "entra.group_assignment_instances",
        "entra.access_reviews",
        "entra.registration_details",
    } <= found.keys()
    assert 4 == len(named(snapshot, "entra.users").entities)
    assert named(snapshot, "entra.role_assignments").entities


def test_a_missing_permission_is_exactly_its_gap(reached):
    reached.service.permissions.discard("AuditLog.Read.All")
    found = gaps(read(reached))

    assert (
        dict.fromkeys(
            (
                "entra.user_activity",
                "entra.registration_details",
                "entra.service_principal_activity",
                "entra.directory_audits",
                "entra.directory_audits_window",
            ),
            "denied",
        )
        == found
    )


def test_what_a_national_cloud_does_not_offer_is_a_gap_that_says_so(reached):
    def token(scope, claims):
        return reached.token(scope.replace(here.graph, there.graph).replace(here.arm, there.arm), claims)

    here, there = CLOUDS["us-government"], CLOUDS["global"]
    session = reached.session()
    session.endpoints, session._tokens = here, token
    reached.traffic.fault("/reports/servicePrincipalSignInActivities", status=404, code="UnknownError")
    snapshot = collect_tenant(session, reached.tenant.tenant_id, reached.time.now)

    assert {"entra.service_principal_activity": "failed"} == gaps(snapshot)
    detail = named(snapshot, "entra.service_principal_activity").gap.detail
    assert detail.startswith("this report is not offered in national clouds (")


def test_without_reader_at_the_top_the_log_of_the_tenant_is_missing(reached):
    root = f"/providers/Microsoft.Management/managementGroups/{reached.tenant.tenant_id}"
    reached.service.reads = [root, "/providers/microsoft.aadiam"]

    assert dict.fromkeys(("entra.activity_log", "entra.activity_log_window"), "denied") == gaps(read(reached))


def test_without_reader_at_the_log_settings_only_they_are_missing(reached):
    reached.service.reads = ["/"]

    assert {"entra.log_settings": "denied", "entra.log_destinations": "not_attempted"} == gaps(read(reached))


def test_without_a_token_everything_is_a_gap(reached):
    def refuse(scope, claims):
        raise Unread(GapReason.DENIED, "login: ClientAuthenticationError: AADSTS700016", "ClientAuthenticationError")

    reached.token = refuse
    snapshot = read(reached)

    assert {"denied"} == {one.gap.reason.value for one in snapshot.collections}
    assert list(COLLECTIONS) == [one.name for one in snapshot.collections]
    assert "" == snapshot.supplied_by


def test_credentials_of_another_tenant_are_not_taken(reached):
    snapshot = collect_tenant(reached.session(), "00000000-0000-0000-0000-000000000001", reached.time.now)

    assert {"failed"} == {one.gap.reason.value for one in snapshot.collections}
    assert "entra:00000000-0000-0000-0000-000000000001" == snapshot.scope


def test_tokens_that_are_revoked_on_the_way_are_renewed(reached):
    session, told = reached.session(), []

    def progress(line):
        told.append(line)
        if line.startswith("entra.groups"):
            reached.time.at += 60
            reached.service.tokens.revoke()

    snapshot = collect_tenant(session, reached.tenant.tenant_id, reached.time.now, progress)

    assert {} == gaps(snapshot)
    assert len(COLLECTIONS) == len(told)
    assert [True] == [
        one.parameters["challenged"]
        for one in snapshot.requests
        if one.operation == "login:token" and "challenged" in one.parameters
    ]


def test_every_request_is_logged_and_no_secret(reached):
    snapshot = read(reached)
    logged = [one for one in snapshot.requests if one.operation != "login:token"]

    assert reached.traffic.requests.total() == len(logged)
    assert all(64 == len(one.body_sha256) and one.request_id and one.server_date for one in logged)
    kept = repr(snapshot)
    issued = [reached.service.tokens.client_secret, reached.service.tokens.issue()[:40], "Bearer"]
    assert not [one for one in issued if one in kept]


# --- limits ------------------------------------------------------------------------------------------------------


def test_documented_limits_are_never_reached(reached):
    quiet = read(reached)
    reached.traffic.forget()
    reached.traffic.real_limits()
    paced = read(reached)

    assert [] == [call for call in reached.traffic.calls if call.status == 429]
    assert contents(quiet) == contents(paced)
    assert {} == gaps(paced)


def test_throttling_loses_nothing(reached):
    quiet = read(reached)
    reached.traffic.throttle("directory", Bucket(6, 0.5))
    reached.traffic.throttle("conditional-access", Window(1, 7.0, says_when=False))
    throttled = read(reached)

    assert sum(one.retries for one in throttled.requests) > 5
    assert {} == gaps(throttled)
    assert contents(quiet) == contents(throttled)


# --- counts ------------------------------------------------------------------------------------------------------


def test_a_count_that_lags_is_taken_again(reached):
    counted = iter([9, 9])
    session = reached.session()
    number = session.number
    session.number = lambda operation, *rest: next(counted, None) or number(operation, *rest)
    users = named(collect_tenant(session, reached.tenant.tenant_id, reached.time.now), "entra.users")

    assert [Reconciliation("/users/$count", 4, 4)] == users.reconciled
    assert [5.0, 15.0] == [pause for pause in reached.time.pauses if pause in (5.0, 15.0, 40.0)]


def test_a_listing_shorter_than_the_count_is_truncation(reached):
    session = reached.session()
    number = session.number
    session.number = lambda operation, *rest: number(operation, *rest) + (operation.path == "/users/$count")
    snapshot = collect_tenant(session, reached.tenant.tenant_id, reached.time.now)

    assert {"entra.users": "truncated", "entra.user_activity": "truncated"} == gaps(snapshot)
    assert "listed 4, /users/$count counts 5" == named(snapshot, "entra.users").gap.detail


# --- the audit log -----------------------------------------------------------------------------------------------


def window(snapshot):
    return named(snapshot, "entra.directory_audits_window").entities[0].usage


def test_events_are_read_as_far_back_as_they_are_kept(reached):
    start = reached.time.now()
    reached.tenant.member("inner", "ada")
    reached.time.at += 86_400
    snapshot = read(reached)

    assert "Add member to group" in [
        one.configuration.get("activityDisplayName") for one in named(snapshot, "entra.directory_audits").entities
    ]
    assert 29 == window(snapshot)["kept_days"]
    assert {f"lost:{window(snapshot)['from']}"} == unread(snapshot)["entra.directory_audits"]
    assert start < reached.time.now()


@pytest.mark.parametrize(("licence", "days"), [("P1", 29), ("none", 6)])
def test_how_long_events_are_kept_follows_from_the_licence(reached, licence, days):
    reached.tenant.licence = licence

    assert days == window(read(reached))["kept_days"]


def test_reads_overlap_and_lose_nothing(reached):
    last = reached.time.now()
    reached.time.at += timedelta(days=5).total_seconds()
    snapshot = read(reached, last_read=lambda _: last)

    assert {} == unread(snapshot)
    assert (last - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ") == window(snapshot)["from"]


def test_who_elevated_their_access_is_in_the_log_of_the_tenant_itself(reached):
    reached.tenant.activity("elevateAccess/action", "/providers/Microsoft.Authorization", by="ada")
    reached.tenant.azure_assignment("bob", "Reader", SUBSCRIPTION)
    reached.time.at += 3600
    events = [one.configuration for one in named(read(reached), "entra.activity_log").entities]

    assert ["Microsoft.Authorization/elevateAccess/action"] == [
        one["operationName"]["value"] for one in events if "Unread" not in one
    ]


def test_what_fell_out_between_two_reads_is_said(reached):
    last = reached.time.now()
    reached.time.at += timedelta(days=40).total_seconds()
    snapshot = read(reached, last_read=lambda _: last)
    assert {"entra.directory_audits"} == unread(snapshot).keys()  # Azure keeps its events longer
    lost = next(one for one in named(snapshot, "entra.directory_audits").entities if "Unread" in one.configuration)

    assert last.strftime("%Y-%m-%dT%H:%M:%SZ") == lost.configuration["from"]
    assert window(snapshot)["from"] == lost.configuration["to"]
    assert "truncated" == lost.configuration["Unread"]["reason"]
