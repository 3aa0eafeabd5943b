"""What is read of an organization, what a refusal hides, and what it costs."""

import pytest

from collect.conftest import gaps, named
from observant.collect.organization import COLLECTIONS, collect_organization
from observant.errors import UsageError
from observant.evidence.snapshot import Snapshot
from observant_clouds.aws import statement

SHOP, VAULT = "222233334444", "333344445555"


@pytest.fixture
def organization(aws):
    built = aws.organization()
    built.prod = built.unit("prod")
    built.deep = built.unit("deep", built.prod)
    built.account(SHOP, "shop", built.deep)
    built.account(VAULT, "vault")
    built.guard = built.policy("guard", statement("cloudtrail:StopLogging", effect="Deny"))
    built.attach(built.guard, built.prod)
    built.policy("shelf", statement("organizations:LeaveOrganization", effect="Deny"))
    aws.account().aws_policy("AdministratorAccess", statement("*"))
    built.admins = built.permission_set("Admins", session="PT8H", managed=["AdministratorAccess"])
    built.narrow = built.permission_set(
        "Narrow",
        customer=["reading"],
        inline=statement("s3:Get*"),
        boundary={"ManagedPolicyArn": "arn:aws:iam::aws:policy/PowerUserAccess"},
    )
    built.platform = built.group("platform", ["ada", "bob"])
    built.group("readers", ["eve"])
    built.assign(built.admins, SHOP, group=built.platform)
    built.assign(built.narrow, SHOP, person="eve")
    built.delegate(VAULT, "cloudtrail.amazonaws.com")
    return built


def taken(aws, session) -> Snapshot:
    return collect_organization(session, aws.now)


def entities(snapshot, name):
    return {one.configuration.get("Id", one.urn): one.configuration for one in named(snapshot, name).entities}


def test_an_organization_is_read_whole(aws, session, organization):
    snapshot = taken(aws, session)

    assert {} == gaps(snapshot)
    assert f"organization:{organization.id}" == snapshot.scope
    assert list(COLLECTIONS) == [one.name for one in snapshot.collections]


def test_the_tree_names_every_parent(aws, session, organization):
    nodes = entities(taken(aws, session), "organizations.nodes")

    assert organization.deep == nodes[SHOP]["ParentId"]
    assert organization.prod == nodes[organization.deep]["ParentId"]
    assert organization.root == nodes[organization.prod]["ParentId"]
    assert {"ROOT": 1, "ORGANIZATIONAL_UNIT": 2, "ACCOUNT": 3} == {
        kind: sum(one["Kind"] == kind for one in nodes.values()) for kind in ("ROOT", "ORGANIZATIONAL_UNIT", "ACCOUNT")
    }


def test_accounts_are_compared_with_the_flat_list(aws, session, organization):
    for number in range(45):
        organization.account(f"{440000000000 + number}", parent=organization.prod)

    (compared,) = named(taken(aws, session), "organizations.nodes").reconciled

    assert (48, 48) == (compared.expected, compared.actual)


def test_a_hidden_unit_hides_what_is_in_it_and_nothing_else(aws, session, organization):
    aws.traffic.fault("organizations:ListAccountsForParent", code="AccessDeniedException", containing=organization.deep)

    snapshot = taken(aws, session)
    nodes = entities(snapshot, "organizations.nodes")

    assert {} == gaps(snapshot)
    assert "denied" == nodes[SHOP]["ParentId"]["Unread"]["reason"]
    assert organization.root == nodes[VAULT]["ParentId"]
    hidden = [one for one in nodes.values() if "Unread" in one]
    assert [("ACCOUNT", organization.deep)] == [(one["Kind"], one["ParentId"]) for one in hidden]
    assert 2 == named(snapshot, "organizations.nodes").reconciled[0].actual


def test_policies_come_with_content_and_targets(aws, session, organization):
    snapshot = taken(aws, session)
    policies, targets = (entities(snapshot, f"organizations.{name}") for name in ("policies", "policy_targets"))

    assert {"FullAWSAccess", "guard", "shelf"} == {one["Name"] for one in policies.values()}
    assert "StopLogging" in policies[organization.guard]["Content"]
    assert [organization.prod] == [one["TargetId"] for one in targets[organization.guard]["Targets"]]
    assert [[]] == [one["Targets"] for one in targets.values() if one["Name"] == "shelf"]


def test_a_hidden_policy_is_not_an_empty_one(aws, session, organization):
    aws.traffic.fault("organizations:DescribePolicy", code="AccessDeniedException", containing=organization.guard)
    aws.traffic.fault("organizations:ListTargetsForPolicy", code="AccessDeniedException", containing=organization.guard)

    snapshot = taken(aws, session)

    for name in ("policies", "policy_targets"):
        one = entities(snapshot, f"organizations.{name}")[organization.guard]
        assert "denied" == one["Unread"]["reason"]
        assert not {"Content", "Targets"} & set(one)


def test_a_kind_that_cannot_be_listed_is_told(aws, session, organization):
    organization.enable("TAG_POLICY")
    aws.traffic.fault("organizations:ListPolicies", code="AccessDeniedException", containing="TAG_POLICY")

    snapshot = taken(aws, session)

    assert {} == gaps(snapshot)
    for name in ("policies", "policy_targets"):
        assert "denied" == entities(snapshot, f"organizations.{name}")["TAG_POLICY#every"]["Unread"]["reason"]


def test_permission_sets_come_with_all_their_policies(aws, session, organization):
    sets = {
        one.configuration["Name"]: one.configuration
        for one in named(taken(aws, session), "sso.permission_sets").entities
    }

    assert "PT8H" == sets["Admins"]["SessionDuration"]
    assert ["arn:aws:iam::aws:policy/AdministratorAccess"] == [one["Arn"] for one in sets["Admins"]["ManagedPolicies"]]
    assert None is sets["Admins"]["PermissionsBoundary"]
    assert "s3:Get*" in sets["Narrow"]["InlinePolicy"]
    assert [{"Name": "reading", "Path": "/"}] == sets["Narrow"]["CustomerManagedPolicies"]
    assert {"ManagedPolicyArn": "arn:aws:iam::aws:policy/PowerUserAccess"} == sets["Narrow"]["PermissionsBoundary"]


@pytest.mark.parametrize(
    ("operation", "field"),
    [
        ("ListManagedPoliciesInPermissionSet", "ManagedPolicies"),
        ("GetInlinePolicyForPermissionSet", "InlinePolicy"),
        ("GetPermissionsBoundaryForPermissionSet", "PermissionsBoundary"),
    ],
)
def test_a_refused_part_of_a_permission_set_says_so_in_its_place(aws, session, organization, operation, field):
    aws.traffic.fault(f"sso-admin:{operation}", code="AccessDeniedException")

    snapshot = taken(aws, session)

    assert {} == gaps(snapshot)
    for one in named(snapshot, "sso.permission_sets").entities:
        assert "denied" == one.configuration[field]["Unread"]["reason"]


def test_assignments_of_groups_and_people(aws, session, organization):
    snapshot = taken(aws, session)

    assert {("GROUP", organization.platform, SHOP), ("USER", organization.person("eve"), SHOP)} == {
        (one.configuration["PrincipalType"], one.configuration["PrincipalId"], one.configuration["AccountId"])
        for one in named(snapshot, "sso.assignments").entities
    }
    assert {organization.person("ada"), organization.person("bob")} == {
        one.configuration["MemberId"]["UserId"] for one in named(snapshot, "identitystore.memberships").entities
    }


def test_identity_center_is_found_in_its_region(aws, session, organization):
    organization.state.identity_center = "eu-central-1"
    organization.permission_set("Elsewhere")

    snapshot = taken(aws, session)

    assert ["eu-central-1"] == [one.configuration["Region"] for one in named(snapshot, "sso.instances").entities]
    assert ["Elsewhere"] == [one.configuration["Name"] for one in named(snapshot, "sso.permission_sets").entities]


def test_without_identity_center_there_is_none(aws, session, organization):
    organization.state.identity_center = ""

    snapshot = taken(aws, session)

    assert {} == gaps(snapshot)
    assert [] == named(snapshot, "sso.instances").entities + named(snapshot, "sso.permission_sets").entities


def test_a_region_that_refuses_may_hold_identity_center(aws, session, organization):
    organization.state.identity_center = ""
    aws.traffic.fault("sso-admin:ListInstances", code="AccessDeniedException", after=1, times=1)

    found = gaps(taken(aws, session))

    assert "denied" == found["sso.instances"]
    assert {"not_attempted"} == {
        reason
        for name, reason in found.items()
        if name.startswith(("sso.", "identitystore.")) and name != "sso.instances"
    }


def test_private_facts_are_not_kept(aws, session, organization):
    organization.person("ada")

    users = named(taken(aws, session), "identitystore.users").entities

    assert {"ada", "bob", "eve"} == {one.configuration["UserName"] for one in users}
    assert not any({"PhoneNumbers", "Addresses"} & set(one.configuration) for one in users)


def test_root_access_is_read(aws, session, organization):
    organization.state.root_features = ["RootCredentialsManagement"]
    assert ["RootCredentialsManagement"] == _root_access(taken(aws, session))["EnabledFeatures"]

    organization.state.root_features = None
    assert {"EnabledFeatures": [], "TrustedAccess": False} == _root_access(taken(aws, session))


def _root_access(snapshot):
    return named(snapshot, "organizations.root_access").entities[0].configuration


def test_an_account_outside_of_any_organization_is_said_to_be(aws, session):
    aws.account()

    with pytest.raises(UsageError, match="does not say which organization"):
        taken(aws, session)


def test_it_takes_few_calls(aws, session, organization):
    taken(aws, session)

    by_service = {}
    for action, count in aws.traffic.requests.items():
        by_service[action.partition(":")[0]] = by_service.get(action.partition(":")[0], 0) + count
    # 3 nodes with children x 2, ListRoots, ListAccounts, DescribeOrganization; 1 kind, 3 policies x 2; 1 delegate x 2
    assert 3 * 2 + 3 + 1 + 3 * 2 + 2 == by_service["organizations"]
    # 1 instance, 1 list, 2 sets x 5, 2 provisioned, 2 assignments
    assert 1 + 1 + 2 * 5 + 2 + 2 == by_service["sso-admin"]
    # users, groups, members of the one group that is assigned
    assert 3 == by_service["identitystore"]
