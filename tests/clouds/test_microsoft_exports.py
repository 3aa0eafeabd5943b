"""What real services answered and others exported is taken into the tenant and served back unchanged."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clouds.asking import Asking
from observant_clouds.microsoft import Service, Tenant
from observant_clouds.microsoft.state import read, written

SHARED = Path(__file__).parents[3] / "shared" / "data"

KINDS = {
    "/applications": "applications",
    "/auditLogs/directoryAudits": "directoryAudits",
    "/auditLogs/signIns": "signIns",
    "/groups": "groups",
    "/identity/conditionalAccess/namedLocations": "namedLocations",
    "/identity/conditionalAccess/policies": "conditionalAccessPolicies",
    "/identityGovernance/accessReviews/definitions": "accessReviews",
    "/roleManagement/directory/roleAssignments": "roleAssignments",
    "/roleManagement/directory/roleAssignmentScheduleInstances": "roleAssignmentScheduleInstances",
    "/roleManagement/directory/roleDefinitions": "roleDefinitions",
    "/roleManagement/directory/roleEligibilityScheduleInstances": "roleEligibilityScheduleInstances",
    "/servicePrincipals": "servicePrincipals",
    "/users": "users",
}
"""Lists of the documentation's examples, and where the tenant keeps such objects."""
MOMENTS = {"directoryAudits": "activityDateTime", "signIns": "createdDateTime"}


def shared(*parts):
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs {path}, which is not part of this repository")
    return path


def documented():
    """(path, objects) of every example that lists objects with an id."""
    for example in json.loads(shared("graph", "doc-examples-v1.json").read_text())["examples"]:
        objects = example["body"].get("value", [])
        if example["path_template"] in KINDS and objects and all("id" in each for each in objects):
            yield example["path_template"], objects


def test_the_documentations_examples_are_served_back_unchanged():
    compared = 0
    for path, objects in documented():
        kind, tenant = KINDS[path], Tenant()
        moment = MOMENTS.get(kind) or "startDateTime"
        known = [read(each[moment]) for each in objects if each.get(moment)]
        tenant.move_to(max(known, default=tenant.now))
        for each in objects:
            tenant.take(kind, {"roleAssignmentOriginId": None, **each} if kind.startswith("roleAssignmentS") else each)
        names = sorted({name for each in objects for name in each if "@" not in name})
        served = Asking(Service(tenant)).value(f"/v1.0{path}?$select={','.join(names)}")
        answered = {each["id"]: each for each in served}
        for each in objects:
            compared += 1
            given = {name: value for name, value in each.items() if "@odata.context" not in name}
            assert given == {name: answered[each["id"]].get(name) for name in given}

    assert 30 < compared


def exported_policies():
    for file in sorted(shared("azure", "ca-policies").rglob("*.json")):
        yield from _policies(json.loads(file.read_text()))


def _policies(node):
    if isinstance(node, list):
        for each in node:
            yield from _policies(each)
    elif isinstance(node, dict):
        if {"displayName", "conditions", "state"} <= set(node):
            yield node
        else:
            for each in node.values():
                yield from _policies(each)


def powershell_policies():
    """Policies as PowerShell exported them, with Graph's spelling of names and moments restored."""
    for name in ("scuba-tenant-createreport.json", "scuba-tenant-runrego.json"):
        found = json.loads(shared("azure", name).read_text())["conditional_access_policies"]
        for policy in found if isinstance(found, list) else [found]:
            yield _spelled(policy)


def _spelled(node):
    if isinstance(node, list):
        return [_spelled(each) for each in node]
    if isinstance(node, dict):
        return {key[0].lower() + key[1:]: _spelled(value) for key, value in node.items()}
    moment = re.fullmatch(r"/Date\((\d+)\)/", node) if isinstance(node, str) else None
    return node if moment is None else written(datetime.fromtimestamp(int(moment[1]) // 1000, UTC))


@pytest.mark.parametrize(("policies", "at_least"), [(exported_policies, 100), (powershell_policies, 20)])
def test_exported_policies_are_served_back_unchanged(policies, at_least):
    tenant, taken = Tenant(), {}
    for number, policy in enumerate(policies()):
        whole = {**policy, "id": tenant.guid("exported", number)}
        taken[tenant.raw_policy(whole)] = whole

    served = Asking(Service(tenant)).value("/v1.0/identity/conditionalAccess/policies")

    assert at_least < len(taken)
    assert taken == {each["id"]: each for each in served}
