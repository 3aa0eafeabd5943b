"""Azure roles by inheritance and through groups, and what a subscription is called."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from observant.analysis.derive import derive
from observant.checks.commitments import load
from observant.inventory.projection import TABLES, Inventory
from observant.model.kinds import KINDS
from worlds.directory import Directory
from worlds.workbench import Workbench

START = datetime(2025, 6, 2, 6, tzinfo=UTC)
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
SUBSCRIPTION = "11111111-0000-4000-8000-000000000001"


def of(source: str) -> frozenset[str]:
    return frozenset(name for table in TABLES.values() if table.source == source for name in table.collections)


class Estate:
    def __init__(self) -> None:
        self.tenant, self.azure = Directory(), Directory(f"azure:{SUBSCRIPTION}")
        self.azure.keep(
            "azure.subscription", SUBSCRIPTION, {"displayName": "Shop", "tags": {"env": "prod", "a": "b  c"}}
        )
        for role, actions in ((OWNER, ["*"]), (READER, ["*/read"])):
            given = {"roleName": role[:4], "type": "BuiltInRole", "permissions": [{"actions": actions}]}
            self.azure.keep("azure.role_definitions", f"/x/roledefinitions/{role}", {"properties": given})

    def give(self, principal: str, kind: str, role: str = OWNER, scope: str = f"/subscriptions/{SUBSCRIPTION}") -> None:
        given = {"principalId": principal, "principalType": kind, "scope": scope, "roleDefinitionId": f"/x/{role}"}
        self.azure.keep("azure.role_assignments", f"{principal}-{role}-{scope}", {"properties": given})

    def management_group(self, name: str, parent: str | None, *children: str) -> None:
        below = [{"id": each, "type": "/subscriptions" if "subscriptions" in each else "x/groups"} for each in children]
        id_ = f"/providers/Microsoft.Management/managementGroups/{name}"
        above = None if parent is None else f"/providers/Microsoft.Management/managementGroups/{parent}"
        found = {"id": id_, "name": name, "displayName": name.title(), "parent": above, "children": below}
        self.tenant.keep("entra.management_groups", name, found)


def derived(folder: Path, query: str, build: Callable[[Estate], object]) -> list[tuple[Any, ...]]:
    estate, bench, inventory = Estate(), Workbench(folder, START), Inventory.open(None)
    build(estate)
    bench.record(estate.tenant.read(START, of("entra")), estate.azure.read(START, of("azure")))
    inventory.advance(bench.log)
    load(inventory.connection, [], set(KINDS))
    derive(inventory.connection)
    return inventory.connection.execute(query).fetchall()


HOLDERS = "SELECT principal, principal_kind, level, path FROM azure_role_holder ORDER BY ALL"


def test_holders(tmp_path: Path) -> None:
    def build(estate: Estate) -> None:
        estate.tenant.user("ada")
        estate.tenant.service_principal("robot")
        estate.tenant.group("admins", "ada", "group:robots")
        estate.tenant.group("robots", "servicePrincipal:robot")
        estate.give("robot", "ServicePrincipal")
        estate.give("robot", "ServicePrincipal", READER)
        estate.give("admins", "Group", scope="/providers/Microsoft.Management/managementGroups/top")
        estate.give("gone", "ServicePrincipal", scope="/")
        estate.give("elsewhere", "Group")

    assert [
        ("ada", "user", "management group", "admins"),
        ("gone", "servicePrincipal", "root", None),
        ("robot", "servicePrincipal", "management group", "admins > robots"),
        ("robot", "servicePrincipal", "subscription", None),
        (None, None, "subscription", "elsewhere"),
    ] == derived(tmp_path, HOLDERS, build)


def test_a_role_whose_definition_was_not_listed_may_be_anything(tmp_path: Path) -> None:
    query = "SELECT principal, writes_everything FROM azure_role_holder"

    assert [("robot", None)] == derived(
        tmp_path, query, lambda estate: estate.give("robot", "ServicePrincipal", "other")
    )


def test_what_a_subscription_is_called(tmp_path: Path) -> None:
    def build(estate: Estate) -> None:
        estate.management_group("root", None, "/providers/Microsoft.Management/managementGroups/Live")
        estate.management_group("Live", "root", f"/subscriptions/{SUBSCRIPTION}")

    ((called,),) = derived(tmp_path, "SELECT called FROM azure_subscription_called", build)
    assert [
        f"id:{SUBSCRIPTION}",
        "name:Shop",
        "group:live",
        "group:Live",
        "group:root",
        "group:Root",
        "tag:a=b c",
        "tag:env=prod",
    ] == called.split("\n")


def test_a_subscription_outside_of_the_tree_is_not_known(tmp_path: Path) -> None:
    query = "SELECT called FROM azure_subscription_called"

    assert [(None,)] == derived(tmp_path, query, lambda estate: estate.management_group("root", None))
