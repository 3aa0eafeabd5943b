"""Assignments of Identity Center expanded to people: every way, from when to when, and what nobody showed."""

from datetime import UTC, datetime, timedelta

import pytest

from observant.collect.aws import AwsSession
from observant.collect.organization import collect_organization
from observant.model.verdict import Verdict
from observant_clouds.aws import cloud, statement
from worlds.workbench import Workbench, policy

START = datetime(2025, 6, 2, 6, tzinfo=UTC)
SHOP = "222233334444"


@pytest.fixture
def aws():
    with cloud(start=START) as running:
        yield running


@pytest.fixture
def organization(aws):
    made = aws.organization()
    made.account(SHOP)
    return made


@pytest.fixture
def bench(tmp_path):
    return Workbench(tmp_path, START)


def read(aws, bench):
    bench.record(collect_organization(AwsSession(aws.session()), aws.now))


def judged(bench, **promised):
    return bench.evaluate(policy(START.date(), **promised))


def told(evaluation):
    """Label -> verdict now, and why."""
    return {
        one.label: (one.verdict, one.because)
        for one in evaluation.now()
        if one.check == "organization-account-administrator" and one.member
    }


def test_every_way_of_every_person_and_when_it_ended(aws, organization, bench):
    admins = organization.permission_set("Admins", inline=statement("*"))
    readers = organization.permission_set("Readers", inline=statement("s3:Get*"), customer=["own"])
    team, guests = organization.group("team", ["ada", "bob"]), organization.group("guests", ["bob"])
    for group in (team, guests):
        organization.assign(admins, SHOP, group=group)
    organization.assign(readers, SHOP, person="eve")
    organization.group("elsewhere", ["eve"])
    read(aws, bench)
    organization.leave(team, "bob")
    aws.shift(hours=20)
    read(aws, bench)

    evaluation = judged(bench, account_administrators={"allowed": [f"ada {SHOP}"]})

    assert {
        f"ada with Admins in account {SHOP}, group team": Verdict.PASS,
        f"bob with Admins in account {SHOP}, group guests": Verdict.FAIL,
        f"eve with Readers in account {SHOP}, by name": Verdict.PASS,
    } == {label: verdict for label, (verdict, _) in told(evaluation).items()}
    ended = evaluation.query("select valid_to from organization_person_access where label like 'bob%team'")
    assert [(START.replace(tzinfo=None) + timedelta(hours=20),)] == ended


def test_a_permission_set_that_grows_makes_administrators_of_its_people(aws, organization, bench):
    growing = organization.permission_set("Growing", inline=statement("s3:Get*"))
    organization.assign(growing, SHOP, group=organization.group("team", ["ada"]))
    read(aws, bench)
    organization.find_permission_set(
        growing
    ).inline_policy = '{"Statement": {"Effect":"Allow","Action":"*","Resource":"*"}}'
    aws.shift(hours=20)
    read(aws, bench)

    ((verdict, because),) = told(judged(bench, account_administrators=None)).values()

    assert Verdict.FAIL == verdict
    assert "through group team; statement 1 allows every action on every resource" == because


@pytest.mark.parametrize(
    ("action", "verdict"),
    [
        ("identitystore:ListGroupMemberships", Verdict.UNKNOWN),
        ("sso-admin:ListAccountAssignments", Verdict.UNKNOWN),
        ("sso-admin:GetInlinePolicyForPermissionSet", Verdict.UNKNOWN),
        ("", Verdict.FAIL),
    ],
)
def test_what_was_not_shown_is_not_known(aws, organization, bench, action, verdict):
    admins = organization.permission_set("Admins", inline=statement("*"))
    organization.assign(admins, SHOP, group=organization.group("team", ["ada"]))
    if action:
        aws.traffic.fault(action, code="AccessDeniedException")
    read(aws, bench)

    assert [verdict] == [found for found, _ in told(judged(bench)).values()]


def test_who_was_deleted_from_the_store_is_nobody(aws, organization, bench):
    admins = organization.permission_set("Admins", inline=statement("*"))
    organization.assign(admins, SHOP, person="gone")
    del organization._store.users[organization.person("gone")]
    read(aws, bench)

    ((verdict, _),) = told(judged(bench)).values()

    assert Verdict.PASS == verdict
