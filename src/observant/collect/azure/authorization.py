"""Who holds which role on a subscription: assignments at it, above it and below it, PIM, and what is denied."""

from collections.abc import Iterator, Mapping

from observant.collect.microsoft.operation import Operation, arm
from observant.collect.microsoft.paging import entities_of
from observant.collect.microsoft.reading import Declaration, Part, Reading, each
from observant.collect.unread import Unread
from observant.evidence.snapshot import Collection, Entity

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


_ELIGIBLE = "azure.role_eligibility_instances"
_POLICIES = arm(
    "{scope}/providers/Microsoft.Authorization/roleManagementPolicyAssignments",
    "Microsoft.Authorization/roleManagementPolicyAssignments/read",
    "2020-10-01",
)


def _policies(reading: Reading) -> Iterator[Collection]:
    """Every policy of the subscription, and above it those of roles that somebody may activate there.

    A scope has policies of its own, and the ones that count are those of where the eligibility was given.
    """
    here = f"/subscriptions/{reading.identifier}"
    above = _eligible_above(reading, here)

    def read(scope: str) -> list[Entity]:
        found = entities_of(_POLICIES, reading.items(_POLICIES, scope=scope.rstrip("/")), lower=True)
        return [one for one in found if scope == here or _role(one) in above[scope]]

    def instead(scope: str, unread: Unread) -> Entity:
        return Entity(f"{scope.lower()} policies", {"properties": {"scope": scope}, **unread.instead})

    yield Collection("azure.role_policies", each([here, *sorted(above)], read, instead))


def _eligible_above(reading: Reading, here: str) -> dict[str, set[str]]:
    """Scope above the subscription -> roles that somebody may activate there, by the last part of their id."""
    found: dict[str, set[str]] = {}
    for entity in reading.found[_ELIGIBLE].entities:
        scope = (entity.configuration.get("properties") or {}).get("scope")
        if isinstance(scope, str) and scope.startswith("/") and not scope.lower().startswith(here.lower()):
            found.setdefault(scope.lower(), set()).add(_role(entity))
    return found


def _role(entity: Entity) -> str:
    given = (entity.configuration.get("properties") or {}).get("roleDefinitionId")
    return str(given).rpartition("/")[2].lower()


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
        _ELIGIBLE,
        _operation("roleEligibilityScheduleInstances", "2020-10-01"),
        AT_AND_BELOW,
        AT_AND_ABOVE,
    ),
    Part(Declaration(("azure.role_policies",), (_POLICIES,)), _policies),
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
