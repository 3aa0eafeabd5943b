"""An organization as tables: what AWS said, and NULL for what it did not."""

from datetime import UTC, datetime

import pytest

from observant.collect.aws import AwsSession
from observant.collect.organization import collect_organization
from observant.inventory.projection import Inventory
from observant_clouds.aws import cloud, statement
from worlds.workbench import Workbench

START = datetime(2025, 6, 2, 6, tzinfo=UTC)
MANAGEMENT, SHOP = "111122223333", "222233334444"


@pytest.fixture
def aws():
    with cloud(start=START) as running:
        yield running


@pytest.fixture
def tables(aws, tmp_path):
    def read(*faults):
        for action, containing in faults:
            aws.traffic.fault(action, code="AccessDeniedException", containing=containing)
        bench = Workbench(tmp_path, START)
        bench.record(collect_organization(AwsSession(aws.session()), aws.now))
        inventory = Inventory.open(None)
        inventory.advance(bench.log)
        return lambda query: inventory.connection.execute(query).fetchall()

    return read


def test_the_tree_can_be_climbed(aws, tables):
    organization = aws.organization()
    prod = organization.unit("prod")
    organization.account(SHOP, "shop", prod)
    ask = tables()

    assert [("account", prod, SHOP, "ACTIVE", False)] == ask(
        f"select kind, parent, account, status, management from organization_node where member = '{SHOP}'"
    )
    assert [("root", "", None, None, False)] == ask(
        "select kind, parent, account, status, management from organization_node where kind = 'root'"
    )
    assert [(MANAGEMENT,)] == ask("select member from organization_node where management")
    assert [(organization.id, MANAGEMENT, True)] == ask(
        "select member, management_account, all_features from organization"
    )


def test_a_hidden_unit_is_a_row_and_its_accounts_have_no_known_parent(aws, tables):
    organization = aws.organization()
    prod = organization.unit("prod")
    organization.account(SHOP, "shop", prod)
    ask = tables(("organizations:ListAccountsForParent", prod))

    assert [(None,)] == ask(f"select parent from organization_node where member = '{SHOP}'")
    assert [(prod,)] == ask("select parent from organization_node where kind is null")


def test_policies_targets_and_kinds(aws, tables):
    organization = aws.organization()
    guard = organization.policy("guard", statement("cloudtrail:*", effect="Deny"))
    organization.attach(guard, organization.root)
    ask = tables()

    assert [(guard, "scp", False)] == ask(
        "select member, kind, aws_managed from organization_policy where document like '%cloudtrail%'"
    )
    assert [(organization.root,)] == ask(f"select target from organization_policy_target where policy = '{guard}'")
    assert [(organization.root, "scp", True)] == ask("select root, kind, enabled from organization_policy_kind")


def test_hidden_content_and_targets_are_null(aws, tables):
    guard = aws.organization().policy("guard", statement("cloudtrail:*", effect="Deny"))
    ask = tables(("organizations:DescribePolicy", guard), ("organizations:ListTargetsForPolicy", guard))

    assert [("scp", None)] == ask(f"select kind, document from organization_policy where member = '{guard}'")
    assert [("scp", None)] == ask(
        f"select policy_kind, target from organization_policy_target where policy = '{guard}'"
    )


def test_a_hidden_kind_is_one_row_of_each(aws, tables):
    aws.organization()
    ask = tables(("organizations:ListPolicies", ""))

    assert [("scp", None)] == ask("select kind, document from organization_policy")
    assert [(None, "scp", None)] == ask("select policy, policy_kind, target from organization_policy_target")


def test_permission_sets_assignments_and_people(aws, tables):
    organization = aws.organization()
    organization.account(SHOP)
    admins = organization.permission_set("Admins", session="PT8H30M", managed=["AdministratorAccess"])
    organization.assign(admins, SHOP, group=organization.group("platform", ["ada"]))
    organization.assign(admins, SHOP, person="eve")
    ask = tables()

    assert [("Admins", 30600)] == ask("select name, session_seconds from organization_permission_set")
    assert [("managed", "arn:aws:iam::aws:policy/AdministratorAccess", None)] == ask(
        "select policy_kind, policy, document from organization_permission_set_policy"
    )
    assert [("ada",)] == ask("""
        select person.user_name from organization_assignment as given
        join organization_membership as joined on joined.group_id = given.principal
        join organization_person as person on person.member = joined.person
        where given.principal_kind = 'group'
    """)
    assert [("eve", "eve@example.com")] == ask("""
        select person.user_name, person.email from organization_assignment as given
        join organization_person as person on person.member = given.principal where given.principal_kind = 'user'
    """)


def test_hidden_parts_of_a_permission_set_are_rows_without_a_policy(aws, tables):
    aws.organization().permission_set("Admins")
    ask = tables(("sso-admin:ListManagedPoliciesInPermissionSet", ""))

    assert [("managed", None)] == ask("select policy_kind, policy from organization_permission_set_policy")


def test_hidden_assignments_are_a_row_without_a_principal(aws, tables):
    organization = aws.organization()
    organization.account(SHOP)
    organization.assign(organization.permission_set("Admins"), SHOP, person="eve")
    ask = tables(("sso-admin:ListAccountAssignments", ""))

    assert [(SHOP, None, None)] == ask("select account, principal, principal_kind from organization_assignment")
