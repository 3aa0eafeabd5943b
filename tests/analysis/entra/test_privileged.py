"""Ways to a directory role, over time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from observant.analysis.derive import derive
from observant.checks.commitments import load
from observant.inventory.projection import TABLES, Inventory
from observant.model.kinds import KINDS
from observant.model.time import FOREVER
from worlds.directory import DIRECTORY_READERS, GLOBAL_ADMINISTRATOR, USER_ADMINISTRATOR, Directory
from worlds.workbench import Workbench

START = datetime(2025, 6, 2, 6, tzinfo=UTC)
END = datetime(2025, 7, 1, tzinfo=UTC)
COLLECTIONS = frozenset(name for table in TABLES.values() if table.source == "entra" for name in table.collections)
Change = Callable[[Directory], object]


def derived(folder: Path, columns: str, *days: Change) -> list[tuple[Any, ...]]:
    """Rows of `entra_privileged_holder` after one reading a day, each after its change."""
    bench, directory, inventory = Workbench(folder, START), Directory(), Inventory.open(None)
    for day, change in enumerate(days):
        change(directory)
        bench.record(directory.read(START + timedelta(days=day), COLLECTIONS))
    inventory.advance(bench.log)
    load(inventory.connection, [], set(KINDS))
    derive(inventory.connection)
    return inventory.connection.execute(f"SELECT {columns} FROM entra_privileged_holder ORDER BY ALL").fetchall()


def held(folder: Path, *days: Change) -> list[tuple[Any, ...]]:
    return derived(folder, "principal, holding, path", *days)


def test_directly(tmp_path: Path) -> None:
    def build(directory: Directory) -> None:
        for name in ("ada", "bob", "eve", "max"):
            directory.user(name)
        directory.assign("ada", GLOBAL_ADMINISTRATOR)
        directory.assign("bob", GLOBAL_ADMINISTRATOR, activated=True, endDateTime="2025-06-02T08:00:00Z")
        directory.eligible("eve", GLOBAL_ADMINISTRATOR)
        directory.assign("max", DIRECTORY_READERS)

    assert [("ada", "standing", None), ("bob", "activated", None), ("eve", "eligible", None)] == held(tmp_path, build)


def test_somebody_the_directory_does_not_list(tmp_path: Path) -> None:
    found = derived(
        tmp_path, "principal, principal_kind, holding", lambda directory: directory.assign("x", GLOBAL_ADMINISTRATOR)
    )

    assert [("x", None, "standing")] == found


def test_through_groups(tmp_path: Path) -> None:
    def build(directory: Directory) -> None:
        for name in ("ada", "bob", "eve", "max", "kim"):
            directory.user(name)
        directory.service_principal("robot")
        directory.group("admins", "ada", "bob", "servicePrincipal:robot", owners=("max",))
        directory.group("inner", "kim")
        directory.in_group("activated", "admins", "bob", endDateTime="2025-06-02T08:00:00Z")
        directory.in_group("eligible", "admins", "eve")
        directory.in_group("eligible", "admins", "inner")
        directory.assign("admins", GLOBAL_ADMINISTRATOR)

    assert [
        ("ada", "standing", "admins"),
        ("bob", "activated", "admins"),
        ("eve", "eligible", "admins"),
        ("kim", "eligible", "admins > inner"),
        ("max", "owner", "admins"),
        ("robot", "standing", "admins"),
    ] == held(tmp_path, build)


def test_a_group_that_is_eligible_makes_its_members_eligible(tmp_path: Path) -> None:
    def build(directory: Directory) -> None:
        directory.user("ada")
        directory.group("admins", "ada")
        directory.eligible("admins", GLOBAL_ADMINISTRATOR)

    assert [("ada", "eligible", "admins")] == held(tmp_path, build)


@pytest.mark.timeout(60)
def test_cycles_end(tmp_path: Path) -> None:
    def build(directory: Directory) -> None:
        directory.user("ada")
        for name in ("a", "b", "c", "d"):
            directory.group(name)
        for one in ("a", "b", "c", "d"):
            for other in ("a", "b", "c", "d"):
                directory.in_group("eligible", one, other)  # each in each, and in itself
        directory.in_group("eligible", "d", "ada")
        directory.assign("a", GLOBAL_ADMINISTRATOR)

    assert [("ada", "eligible", "a > d")] == held(tmp_path, build)


def test_a_group_that_may_not_be_read_is_somebody(tmp_path: Path) -> None:
    def build(directory: Directory) -> None:
        directory.user("ada")
        directory.group("admins", "ada", "group:hidden", "group:never-asked")
        directory.group("hidden")
        directory.hide_members("hidden")
        directory.keep("entra.groups", "never-asked", {"displayName": "never-asked"})
        directory.assign("admins", GLOBAL_ADMINISTRATOR)

    assert [
        ("ada", "standing", "admins"),
        (None, None, "admins > hidden"),
        (None, None, "admins > never-asked"),
    ] == held(tmp_path, build)


def test_ways_open_and_close_with_each_of_their_parts(tmp_path: Path) -> None:
    def first(directory: Directory) -> None:
        directory.user("ada")
        directory.group("admins", "ada")
        directory.assign("admins", USER_ADMINISTRATOR)

    def gone(directory: Directory) -> None:
        directory.group("admins")

    def back_for_a_while(directory: Directory) -> None:
        directory.group("admins", "ada")
        directory.in_group("activated", "admins", "ada", endDateTime="2025-06-04T14:00:00Z")

    def for_good(directory: Directory) -> None:
        del directory.found["entra.group_assignment_instances"]

    found = derived(tmp_path, "valid_from, valid_to, holding", first, gone, back_for_a_while, for_good)
    day = [START.replace(tzinfo=None) + timedelta(days=n) for n in range(4)]
    assert [
        (day[0], day[1], "standing"),
        (day[2], day[3], "activated"),
        (day[3], FOREVER.replace(tzinfo=None), "standing"),
    ] == found


def test_a_way_is_as_long_as_its_shortest_part(tmp_path: Path) -> None:
    def build(directory: Directory) -> None:
        directory.user("ada")
        directory.group("admins", "ada")
        directory.in_group("assigned", "admins", "ada", endDateTime="2025-07-01T00:00:00Z")
        directory.assign("admins", GLOBAL_ADMINISTRATOR)

    assert [(False, END.replace(tzinfo=None))] == derived(tmp_path, "permanent, end_at", build)


def test_a_new_name_does_not_change_what_was(tmp_path: Path) -> None:
    def first(directory: Directory) -> None:
        directory.user("ada")
        directory.assign("ada", GLOBAL_ADMINISTRATOR)

    def renamed(directory: Directory) -> None:
        directory.user("ada", userPrincipalName="breakglass@example.com")

    assert ["ada@example.com", "breakglass@example.com"] == [
        name for _, name in derived(tmp_path, "valid_from, principal_name", first, renamed)
    ]


def test_scopes_and_custom_roles(tmp_path: Path) -> None:
    def build(directory: Directory) -> None:
        directory.user("ada")
        directory.assign("ada", USER_ADMINISTRATOR, directoryScopeId="/administrativeUnits/1")
        directory.keep("entra.role_definitions", "own", {"displayName": "Own", "isBuiltIn": False, "templateId": "own"})
        directory.assign("ada", "own")
        directory.assign("ada", "deleted")

    assert [
        ("Own", None, "/"),
        ("User Administrator", True, "/administrativeUnits/1"),
        (None, None, "/"),
    ] == derived(tmp_path, "role_name, privileged, directory_scope", build)
