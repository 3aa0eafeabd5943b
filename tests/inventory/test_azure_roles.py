"""What a role definition allows, worked out from its actions."""

from typing import Any

import pytest

from observant.inventory.azure.subscription import level_of
from observant.inventory.projection import TABLES

PATH = "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/ABC"
CONTRIBUTOR = ["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"]


def powers(*permissions: dict[str, Any]) -> tuple[Any, ...]:
    facet = {"properties": {"roleName": "x", "type": "CustomRole", "permissions": list(permissions)}}
    (one,) = TABLES["azure_role"].readings[0].rows(PATH.lower(), facet)
    return one.values[3:]


@pytest.mark.parametrize(
    ("actions", "excluded", "expected"),
    [
        (["*"], [], (True, True)),
        (["*"], CONTRIBUTOR, (True, False)),
        (["*/write"], [], (True, True)),
        (["*/read"], [], (False, False)),
        (["*/read", "Microsoft.Authorization/*"], [], (False, True)),
        (["microsoft.authorization/roleassignments/WRITE"], [], (False, True)),
        (["Microsoft.Authorization/*/write"], ["Microsoft.Authorization/roleAssignments/*"], (False, False)),
        (["Microsoft.Compute/*"], [], (False, False)),
    ],
)
def test_powers_of_a_role(actions: list[str], excluded: list[str], expected: tuple[bool, bool]) -> None:
    assert expected == powers({"actions": actions, "notActions": excluded})


def test_permissions_are_alternatives() -> None:
    """What one of them excludes another may allow."""
    assert (True, True) == powers(
        {"actions": ["*"], "notActions": CONTRIBUTOR}, {"actions": ["Microsoft.Authorization/*"]}
    )


def test_a_role_without_its_permissions_is_not_known() -> None:
    (one,) = TABLES["azure_role"].readings[0].rows(PATH.lower(), {"properties": {"roleName": "x"}})

    assert ("abc", None, None) == (one.values[0], *one.values[3:])


@pytest.mark.parametrize(
    ("scope", "level"),
    [
        ("/", "root"),
        ("/providers/Microsoft.Management/managementGroups/mg", "management group"),
        ("/subscriptions/1", "subscription"),
        ("/subscriptions/1/resourceGroups/rg", "below"),
    ],
)
def test_where_an_assignment_sits(scope: str, level: str) -> None:
    assert level == level_of(scope)
