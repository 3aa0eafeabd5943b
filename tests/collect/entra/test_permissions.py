"""What an administrator grants is made from the declarations, is current, and is the least that the paths need."""

import json
import re
from pathlib import Path

import pytest

from observant.collect.azure import collector as azure
from observant.collect.entra import collector as entra
from observant.collect.entra.permissions import PARTS, actions, rendered_permissions, rendered_role

REPOSITORY = Path(__file__).parents[3]
GRAPH_DATA = REPOSITORY.parent / "shared" / "data" / "graph"

MORE_THAN_THE_LEAST = {
    # User.ReadBasic.All shows neither accountEnabled nor userType.
    "/users": "User.Read.All",
    "/users (signInActivity)": "AuditLog.Read.All",
    # The basic permissions do not show what a group is for; this one is needed for its owners anyway.
    "/groups": "GroupMember.Read.All",
    "/groups/{id}/members": "GroupMember.Read.All",
    # The published list names a permission of device management.
    "/organization": "Organization.Read.All",
    # Directory roles ask for this; the published list names the one that covers Cloud PCs and others as well.
    "/policies/roleManagementPolicyAssignments": "RoleManagement.Read.Directory",
    "/policies/roleManagementPolicyAssignments (groups)": "RoleManagementPolicy.Read.AzureADGroup",
}
"""Path -> what is asked for although the published list names something smaller or odd, and why."""


def operations():
    return {one for part in PARTS for one in part.declaration.operations}


def test_the_shipped_pages_are_current():
    assert rendered_permissions() == (REPOSITORY / "docs/entra-permissions.json").read_text()
    assert rendered_role() == (REPOSITORY / "docs/azure-role.json").read_text()


def test_everything_only_reads():
    graph = [one["permission"] for one in json.loads(rendered_permissions())["application"]]

    assert [] == [one for one in graph if ".Read." not in one]
    assert [] == [one for one in actions() if not one.endswith("/read")]


def test_no_collection_is_declared_twice():
    for parts in (entra.PARTS, azure.PARTS):
        declared = [name for part in parts for name in part.declaration.collections]
        assert sorted(set(declared)) == sorted(declared)


def published(version):
    name = "openapi-subset.json" if version == "v1.0" else "openapi-subset-beta.json"
    if not (GRAPH_DATA / name).exists():
        pytest.skip(f"{GRAPH_DATA / name} is not here")
    paths = json.loads((GRAPH_DATA / name).read_text())["paths"]
    return {
        re.sub(r"\{[^}]*\}", "{}", path): item["get"].get("x-least-privileged-application-permissions", [])
        for path, item in paths.items()
        if "get" in item
    }


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_each_request_asks_for_the_least(version):
    least = published(version)
    wrong = {}
    for one in operations():
        if one.arm or one.version != version or one.path.endswith("/$count"):
            continue
        known = least[re.sub(r"\{[^}]*\}", "{}", one.path)]
        label = one.name.partition(":")[2]
        if known and one.permission not in known and MORE_THAN_THE_LEAST.get(label) != one.permission:
            wrong[one.name] = (one.permission, known)

    assert {} == wrong


def test_the_exceptions_are_needed():
    least, labels = published("v1.0"), {one.name.partition(":")[2] for one in operations()}
    unneeded = [
        label
        for label, permission in MORE_THAN_THE_LEAST.items()
        if label not in labels or permission in least[re.sub(r"\{[^}]*\}", "{}", label.partition(" ")[0])]
    ]

    assert [] == unneeded
