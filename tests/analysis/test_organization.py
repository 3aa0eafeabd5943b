"""What follows from an organization's tables, over time and with parts that nobody showed."""

from datetime import UTC, datetime, timedelta

import pytest

from observant.analysis.slices import Answer, Version, joined, slices
from observant.collect.aws import AwsSession, collect_account
from observant.collect.organization import collect_organization
from observant.model.verdict import Verdict
from observant_clouds.aws import cloud, statement
from worlds.workbench import Workbench, policy

START = datetime(2025, 6, 2, 6, tzinfo=UTC)
MANAGEMENT, SHOP = "111122223333", "222233334444"
LEAVE = statement("organizations:LeaveOrganization", effect="Deny")


@pytest.fixture
def aws():
    with cloud(start=START) as running:
        yield running


@pytest.fixture
def bench(tmp_path):
    return Workbench(tmp_path, START)


def read(aws, bench):
    bench.record(collect_organization(AwsSession(aws.session()), aws.now))


def verdicts(bench, check):
    evaluation = bench.evaluate(policy(START.date()))
    return {one.member or "everybody": one.verdict for one in evaluation.now() if one.check == check}


def reach(aws, bench, guard):
    read(aws, bench)
    return verdicts(bench, "organization-policy-reach")[guard]


def test_a_policy_on_a_unit_reaches_the_accounts_below_its_units(aws, bench):
    organization = aws.organization()
    prod = organization.unit("prod")
    organization.account(SHOP, "shop", organization.unit("deep", prod))
    guard = organization.policy("guard", LEAVE)
    organization.attach(guard, prod)

    assert Verdict.PASS == reach(aws, bench, guard)


@pytest.mark.parametrize("where", ["nothing", "empty unit", "management account", "closed account", "switched off"])
def test_what_reaches_nobody(aws, bench, where):
    organization = aws.organization()
    guard = organization.policy("guard", LEAVE)
    if where == "empty unit":
        organization.attach(guard, organization.unit("empty"))
    if where == "management account":
        organization.attach(guard, MANAGEMENT)
    if where == "closed account":
        organization.attach(guard, organization.account(SHOP))
        organization.close(SHOP)
    if where == "switched off":
        organization.attach(guard, organization.account(SHOP))
        organization.disable("SERVICE_CONTROL_POLICY")
        organization.enable("RESOURCE_CONTROL_POLICY")
    read(aws, bench)

    found = verdicts(bench, "organization-policy-reach")

    assert {} == found if where == "switched off" else Verdict.FAIL == found[guard]


@pytest.mark.parametrize("action", ["organizations:ListTargetsForPolicy", "organizations:ListAccountsForParent"])
def test_what_was_not_shown_is_not_known(aws, bench, action):
    organization = aws.organization()
    prod = organization.unit("prod")
    organization.account(SHOP, "shop", prod)
    guard = organization.policy("guard", LEAVE)
    organization.attach(guard, prod)
    aws.traffic.fault(action, code="AccessDeniedException", containing=guard if "Targets" in action else prod)

    assert Verdict.UNKNOWN == reach(aws, bench, guard)


def test_a_policy_that_was_detached_fails_from_then_on(aws, bench):
    organization = aws.organization()
    organization.account(SHOP)
    guard = organization.policy("guard", LEAVE)
    organization.attach(guard, SHOP)
    read(aws, bench)
    organization.detach(guard, SHOP)
    aws.shift(hours=20)
    read(aws, bench)

    evaluation = bench.evaluate(policy(START.date()))
    (one,) = [each for each in evaluation.now() if each.check == "organization-policy-reach"]

    assert (Verdict.FAIL, START) == (one.verdict, one.interval.start)  # the less favourable bound
    assert "it is attached to nothing" == one.because


def test_an_account_nobody_collects_fails_when_the_cadence_has_passed(aws, bench):
    organization = aws.organization()
    organization.account(SHOP)
    read(aws, bench)
    bench.record(collect_account(AwsSession(aws.session()), aws.now))

    early = verdicts(bench, "organization-account-watch")
    aws.shift(hours=24)
    read(aws, bench)
    bench.record(collect_account(AwsSession(aws.session()), aws.now))
    bench.now += timedelta(hours=7)
    late = verdicts(bench, "organization-account-watch")

    assert {MANAGEMENT: Verdict.PASS, SHOP: Verdict.PASS} == early
    assert {MANAGEMENT: Verdict.PASS, SHOP: Verdict.FAIL} == late


def test_direct_assignments_hidden_ones_are_unknown(aws, bench):
    organization = aws.organization()
    organization.account(SHOP)
    organization.assign(organization.permission_set("Readers"), SHOP, person="eve")
    aws.traffic.fault("sso-admin:ListAccountAssignments", code="AccessDeniedException")
    read(aws, bench)

    assert {Verdict.UNKNOWN} == set(verdicts(bench, "organization-direct-assignment").values())


def test_a_managed_policy_that_was_not_shown_is_unknown(aws, bench):
    aws.organization().permission_set("Admins", managed=["AdministratorAccess"])
    read(
        aws, bench
    )  # the test cloud has no policy of that name: AWS would not answer NoSuchEntity, a denial reads alike

    assert {Verdict.UNKNOWN} == set(verdicts(bench, "organization-permission-set-admin").values())


def row(member, start, end, **values):
    day = START + timedelta(days=start)
    return Version("t", "s", member, member, day, START + timedelta(days=end), day, start, values)


def test_slices_hold_what_was_valid_together():
    found = [
        ((one.start - START).days, (one.end - START).days, sorted(each.member for each in one.rows("t")), one.record)
        for one in slices([row("a", 0, 4), row("b", 2, 3), row("c", 6, 7)], [])
    ]

    assert [(0, 2, ["a"], 0), (2, 3, ["a", "b"], 2), (3, 4, ["a"], 0), (6, 7, ["c"], 6)] == found


def test_neighbours_that_say_the_same_are_joined():
    def answer(start, end, value):
        first, last = START + timedelta(days=start), START + timedelta(days=end)
        return Answer("s", "m", "l", first, last, first, 0, (value,))

    found = joined([answer(0, 1, True), answer(1, 2, True), answer(2, 3, None), answer(4, 5, None)])

    assert [(2, True), (1, None), (1, None)] == [((one.valid_to - one.valid_from).days, one.values[0]) for one in found]


def test_resource_control_policies_take_away_what_an_account_grants(aws, bench):
    organization = aws.organization()
    organization.enable("RESOURCE_CONTROL_POLICY")
    prod = organization.unit("prod")
    organization.account(SHOP, "shop", prod)
    aws.account(SHOP).user("ann", inline={"secrets": statement("secretsmanager:GetSecretValue")})
    deny = statement("secretsmanager:*", effect="Deny", Principal="*")
    guard = organization.policy("guard", deny, "RESOURCE_CONTROL_POLICY")
    ann = f"arn:aws:iam::{SHOP}:user/ann"

    def exposed():
        bench.record(collect_account(AwsSession(aws.session(SHOP)), aws.now))
        read(aws, bench)
        return verdicts(bench, "aws-credential-exposure")[ann]

    assert Verdict.FAIL == exposed()
    organization.attach(guard, prod)
    aws.shift(days=1)
    assert Verdict.PASS == exposed()
