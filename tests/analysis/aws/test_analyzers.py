"""Who looks for access from outside: an account's own analyzer, its organization's, or nobody that is known."""

from datetime import UTC, datetime

import pytest

from observant.collect.aws import AwsSession, collect_account
from observant.collect.organization import collect_organization
from observant.model.verdict import Verdict
from observant_clouds.aws import cloud
from worlds.workbench import Workbench, policy

START = datetime(2025, 6, 2, 6, tzinfo=UTC)
MANAGEMENT, SHOP, STRANGER = "111122223333", "222233334444", "999988887777"


@pytest.fixture
def aws():
    with cloud(start=START) as running:
        yield running


def told(aws, folder, *accounts, organization=False):
    bench = Workbench(folder, START)
    bench.record(*(collect_account(AwsSession(aws.session(one)), aws.now) for one in accounts))
    if organization:
        bench.record(collect_organization(AwsSession(aws.session(MANAGEMENT)), aws.now))
    found = bench.evaluate(policy(START.date())).now()
    return {one.scope.partition(":")[2]: one.verdict for one in found if one.check == "aws-analyzer-enabled"}


def test_an_organizations_analyzer_counts_for_its_members_alone(aws, tmp_path):
    aws.organization(MANAGEMENT).account(SHOP)
    aws.account(MANAGEMENT).analyzer("all", "ORGANIZATION")

    assert {MANAGEMENT: Verdict.PASS, SHOP: Verdict.PASS, STRANGER: Verdict.UNKNOWN} == told(
        aws, tmp_path, MANAGEMENT, SHOP, STRANGER, organization=True
    )


OWN = {
    "200000000001": ({}, Verdict.PASS),
    "200000000002": ({"status": "DISABLED"}, Verdict.FAIL),
    "200000000003": ({"kind": "ACCOUNT_UNUSED_ACCESS"}, Verdict.FAIL),
    "200000000004": ({"kind": "SOMETHING_NEW"}, Verdict.UNKNOWN),
    "200000000005": ({"region": "ap-south-1"}, Verdict.FAIL),  # not asked there: no trail
}
"""Account -> (its analyzer, the verdict)."""


def test_an_analyzer_of_the_account_itself(aws, tmp_path):
    for number, (settings, _) in OWN.items():
        aws.account(number).analyzer("own", **settings)

    assert {number: verdict for number, (_, verdict) in OWN.items()} == told(aws, tmp_path, *OWN)


def test_a_region_that_refuses_leaves_it_open(aws, tmp_path):
    account = aws.account(SHOP)
    account.bucket("trail")
    account.trail("main", "trail", region="eu-west-1")
    aws.traffic.fault("accessanalyzer:ListAnalyzers", code="AccessDeniedException", containing="eu-west-1")

    assert {SHOP: Verdict.UNKNOWN} == told(aws, tmp_path, SHOP)
