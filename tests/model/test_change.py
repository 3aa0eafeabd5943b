"""The list of events that change access is complete against the action catalogue, and every exclusion has a reason."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from observant.model.change import UNRECOGNISED, Decision, aws_category, aws_decision

CATALOGUE = Path(__file__).parents[3] / "shared/data/aws/iam_catalogue.json"
LISTS = json.loads(files("observant.model").joinpath("change_events/aws.json").read_bytes())["services"]
NEEDED = {"iam", "sts", "organizations", "sso", "sso-directory", "identitystore", "rolesanywhere", "ram", "cloudtrail"}


def listed(service: str) -> tuple[list[str], list[str]]:
    """(changes, excluded) of a service, each as often as it stands there."""
    lists = LISTS.get(service, {"changes": {}, "excluded": {}})
    return (
        [name for names in lists["changes"].values() for name in names],
        [name for names in lists["excluded"].values() for name in names],
    )


@pytest.fixture(scope="module")
def catalogue() -> dict:
    if not CATALOGUE.exists():
        pytest.skip(f"{CATALOGUE} is not there: the action catalogue is not shipped")
    return json.loads(CATALOGUE.read_bytes())["services"]


def test_every_action_that_can_change_access_is_decided(catalogue):
    undecided, unknown = [], []
    for service, about in catalogue.items():
        whole = LISTS.get(service, {}).get("whole")
        wanted = {
            action
            for action, one in about["actions"].items()
            if (one["level"] not in ("Read", "List") if whole else "Permissions management" in one["level"])
        }
        changes, excluded = listed(service)
        undecided += [f"{service}:{name}" for name in wanted - {*changes, *excluded}]
        unknown += [f"{service}:{name}" for name in set(changes) - set(about["actions"])]

    assert [] == undecided
    assert [] == unknown


def test_the_services_that_access_consists_of_are_decided_whole():
    assert {name for name in NEEDED if not LISTS[name]["whole"]} == set()


def test_nothing_is_both_and_every_exclusion_has_a_reason():
    for service, lists in LISTS.items():
        changes, excluded = listed(service)
        names = [*changes, *excluded, *(name for also in lists.get("also", {}).values() for name in also)]
        assert len(names) == len(set(names)), service
        assert all(len(reason) > 4 for reason in lists["excluded"]), service


@pytest.mark.parametrize(
    ("source", "name", "read_only", "expected"),
    [
        ("iam.amazonaws.com", "AttachRolePolicy", False, "grant"),
        ("iam.amazonaws.com", "GetRole", True, None),
        ("iam.amazonaws.com", "GetRole", None, None),
        ("iam.amazonaws.com", "PassRole", False, None),
        ("iam.amazonaws.com", "BrandNewThing", False, UNRECOGNISED),
        ("iam.amazonaws.com", "BrandNewThing", None, UNRECOGNISED),
        ("iam.amazonaws.com", "BrandNewThing", True, None),
        ("iam.amazonaws.com", "DetachBrandNewThing", True, UNRECOGNISED),
        ("lambda.amazonaws.com", "AddPermission20150331v2", False, "resource policy"),
        ("lambda.amazonaws.com", "BrandNewThing", False, None),
        ("s3.amazonaws.com", "CreateServiceLinkedRole", False, "identity"),
        ("quicksight.amazonaws.com", "CreateUser", False, None),
        ("signin.amazonaws.com", "ConsoleLogin", False, None),
        ("sts.amazonaws.com", "AssumeRole", True, None),
    ],
)
def test_what_an_event_is(source, name, read_only, expected):
    assert expected == aws_category(source, name, read_only=read_only)


def test_sessions_are_told_apart():
    assert Decision.SESSION == aws_decision("sts.amazonaws.com", "AssumeRoleWithWebIdentity")
    assert Decision.COUNTED == aws_decision("sts.amazonaws.com", "GetCallerIdentity")
    assert Decision.COUNTED == aws_decision("ec2.amazonaws.com", "RunInstances")
    assert Decision.CHANGE == aws_decision("organizations.amazonaws.com", "LeaveOrganization")
