"""The policy that users attach is made from the declarations, is current, and names actions that exist."""

import json
import os
from pathlib import Path

import botocore.session
import pytest

from observant.collect.aws.collector import PARTS
from observant.collect.aws.permissions import actions, rendered
from observant.collect.organization.collector import PARTS as ORGANIZATION_PARTS

REPOSITORY = Path(__file__).parents[3]
DOCS = REPOSITORY / "docs"
ALL_PARTS = (*PARTS, *ORGANIZATION_PARTS)


def catalogues():
    named = os.environ.get("OBSERVANT_IAM_CATALOGUE")
    return [Path(named)] if named else sorted((REPOSITORY / "src").rglob("iam_catalogue*.json"))


def test_the_shipped_policy_is_current():
    assert rendered() == (DOCS / "aws-permissions.json").read_text()
    assert rendered(ORGANIZATION_PARTS) == (DOCS / "aws-organization-permissions.json").read_text()


def test_every_action_only_reads():
    verbs = ("Get", "List", "Describe", "GenerateCredentialReport")

    assert [] == [action for action in actions(ALL_PARTS) if not action.partition(":")[2].startswith(verbs)]


def test_every_action_exists():
    found = catalogues()
    if not found:
        pytest.skip("no IAM catalogue here; name one in OBSERVANT_IAM_CATALOGUE")
    services = json.loads(found[0].read_text())["services"]

    missing = [one for one in actions(ALL_PARTS) if one.split(":")[1] not in services[one.split(":")[0]]["actions"]]

    assert [] == missing


def test_every_operation_exists():
    session = botocore.session.Session()
    known = {
        operation
        for service in (
            "iam",
            "cloudtrail",
            "s3",
            "sts",
            "ec2",
            "logs",
            "accessanalyzer",
            "organizations",
            "sso-admin",
            "identitystore",
        )
        for operation in session.get_service_model(service).operation_names
    }

    assert set() == {operation for part in ALL_PARTS for operation in part.declaration.operations} - known


def test_no_collection_is_declared_twice():
    declared = [name for part in ALL_PARTS for name in part.declaration.collections]

    assert sorted(set(declared)) == sorted(declared)
