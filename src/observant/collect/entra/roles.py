"""Directory roles: what there is, who holds it now, who may take it on, and what taking it on asks for."""

from collections.abc import Iterator

from observant.collect.microsoft.operation import beta, graph
from observant.collect.microsoft.paging import entities_of
from observant.collect.microsoft.reading import Declaration, Part, Reading, listing
from observant.collect.unread import Unread
from observant.evidence.snapshot import Collection

_ROLES = "/roleManagement/directory"

DEFINITIONS = graph(f"{_ROLES}/roleDefinitions", "RoleManagement.Read.Directory")
PRIVILEGES = beta(f"{_ROLES}/roleDefinitions", "RoleManagement.Read.Directory")
POLICY_ASSIGNMENTS = graph("/policies/roleManagementPolicyAssignments", "RoleManagement.Read.Directory")


def _definitions(reading: Reading) -> Iterator[Collection]:
    found = reading.items(DEFINITIONS)
    privileged = _privileged(reading)
    for role in found:
        if role.get("id") in privileged:
            role["isPrivileged"] = privileged[role["id"]]
    yield Collection("entra.role_definitions", entities_of(DEFINITIONS, found))


def _privileged(reading: Reading) -> dict[str, object]:
    """Role -> whether Microsoft calls it privileged, which only beta says; what it does not say is left out."""
    try:
        found = reading.items(PRIVILEGES, {"$select": "id,isPrivileged"})
    except Unread:
        return {}
    return {role["id"]: role["isPrivileged"] for role in found if "id" in role and "isPrivileged" in role}


ROLE_DEFINITIONS = Part(
    Declaration(("entra.role_definitions",), (DEFINITIONS, PRIVILEGES)),
    _definitions,
)

ROLE_ASSIGNMENTS = listing(
    "entra.role_assignments", graph(f"{_ROLES}/roleAssignments", "RoleManagement.Read.Directory")
)

ROLE_ASSIGNMENT_INSTANCES = listing(
    "entra.role_assignment_instances",
    graph(f"{_ROLES}/roleAssignmentScheduleInstances", "RoleAssignmentSchedule.Read.Directory"),
)

ROLE_ELIGIBILITY_INSTANCES = listing(
    "entra.role_eligibility_instances",
    graph(f"{_ROLES}/roleEligibilityScheduleInstances", "RoleEligibilitySchedule.Read.Directory"),
)

RULES = {"$expand": "policy($expand=rules)"}

ROLE_POLICIES = listing(
    "entra.role_policies",
    POLICY_ASSIGNMENTS,
    {"$filter": "scopeId eq '/' and scopeType eq 'DirectoryRole'", **RULES},
)
