"""Who holds which role on a subscription: assignments at it, above it and below it, PIM, and what is denied."""

from collections.abc import Iterator, Mapping

from observant.collect.microsoft.operation import Operation, arm
from observant.collect.microsoft.paging import entities_of
from observant.collect.microsoft.reading import Declaration, Part, Reading
from observant.evidence.snapshot import Collection

_AT = "/subscriptions/{subscription}/providers/Microsoft.Authorization"


def _operation(kind: str, version: str) -> Operation:
    return arm(f"{_AT}/{kind}", f"Microsoft.Authorization/{kind}/read", version)


ROLE_ASSIGNMENTS = _operation("roleAssignments", "2022-04-01")

AT_AND_BELOW: Mapping[str, str] = {}
AT_AND_ABOVE = {"$filter": "atScope()"}


def _listings(collection: str, operation: Operation, *queries: Mapping[str, str]) -> Part:
    """One listing, or the union of several views of it; ids differ in case between views."""

    def read(reading: Reading) -> Iterator[Collection]:
        found = [one for query in queries for one in reading.items(operation, query, subscription=reading.identifier)]
        yield Collection(collection, entities_of(operation, found, lower=True))

    return Part(Declaration((collection,), (operation,)), read)


PARTS: tuple[Part, ...] = (
    _listings("azure.role_definitions", _operation("roleDefinitions", "2022-04-01"), {}),
    _listings("azure.role_assignments", ROLE_ASSIGNMENTS, AT_AND_BELOW, AT_AND_ABOVE),
    _listings(
        "azure.role_assignment_instances",
        _operation("roleAssignmentScheduleInstances", "2020-10-01"),
        AT_AND_BELOW,
        AT_AND_ABOVE,
    ),
    _listings(
        "azure.role_eligibility_instances",
        _operation("roleEligibilityScheduleInstances", "2020-10-01"),
        AT_AND_BELOW,
        AT_AND_ABOVE,
    ),
    _listings("azure.role_policies", _operation("roleManagementPolicyAssignments", "2020-10-01"), {}),
    _listings("azure.deny_assignments", _operation("denyAssignments", "2022-04-01"), AT_AND_BELOW, AT_AND_ABOVE),
)


def groups_in(collections: list[Collection]) -> set[str]:
    """Groups that hold a role, or may take one on, by any of the collections."""
    found: set[str] = set()
    for collection in collections:
        for entity in collection.entities:
            properties = entity.configuration.get("properties") or {}
            if properties.get("principalType") == "Group" and isinstance(properties.get("principalId"), str):
                found.add(properties["principalId"])
    return found
