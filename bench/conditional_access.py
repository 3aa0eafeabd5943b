"""Coverage of a large tenant: the kernel and the derived tables, against a floor and the evaluation person by person.

    uv run python bench/conditional_access.py [--users 1000000] [--policies 300] [--groups 2000] [--memberships 5000000]

A synthetic tenant is written into an inventory on disk. A fresh process then measures, in this order:

- the floor: reading the columns of ids that any evaluation must read
- the derivation: reading the inventory, evaluating five requirements for every population, writing all derived tables
- the kernel alone, on inputs that are in memory already
- the peer: the same question asked person by person with sets of ids, for a sample, extrapolated to everybody. Its
  answers are compared with ours, person by person, before any figure is printed

CPU is user and system time of the measuring process; peak memory is what it needed up to the end of the derivation.
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from observant.analysis.conditional_access import REQUIREMENTS, coverage, policy_of
from observant.analysis.conditional_access.estate import Estate
from observant.analysis.conditional_access.inputs import number_people
from observant.analysis.conditional_access.people import chosen
from observant.analysis.conditional_access.policy_state import POLICY_STATE
from observant.analysis.conditional_access.tables import COVERAGES
from observant.inventory.projection import Inventory

SCOPE = "entra:bench"
AT = "TIMESTAMP '2025-01-01 06:00:00'"
TIMES = f"{AT} AS valid_from, TIMESTAMP '9999-12-31' AS valid_to, {AT} AS earliest, 0 AS record"
SAMPLE = 2000


def id_of(kind: str, number: int) -> str:
    return f"{ord(kind):08x}-0000-4000-8000-{number:012x}"


def sql_id(kind: str, number: str) -> str:
    return f"printf('{ord(kind):08x}-0000-4000-8000-%012x', {number})"


def fill(connection: duckdb.DuckDBPyConnection, given: argparse.Namespace) -> None:
    """One snapshot of the tenant: 3 % guests, groups of many sizes, a fifth of them nested, some in circles."""
    head = f"SELECT '{SCOPE}' AS scope"
    user, group = sql_id("u", "i"), sql_id("g", "g")
    connection.execute(
        f"""
        INSERT INTO entra_user BY NAME
        {head}, {user} AS member, 'user' || i || '@example.com' AS label, {TIMES},
               'user' || i || '@example.com' AS upn, i % 50 <> 7 AS enabled,
               CASE WHEN i % 33 = 5 THEN 'Guest' ELSE 'Member' END AS user_type, i % 33 = 5 AS invited
        FROM range({given.users}) AS t(i)
        """
    )
    connection.execute(
        f"INSERT INTO entra_group BY NAME {head}, {group} AS member, 'group ' || g AS label, {TIMES} "
        f"FROM range({given.groups}) AS t(g)"
    )
    connection.execute(
        f"INSERT INTO entra_group_reading BY NAME {head}, {group} AS member, 'x' AS label, {TIMES}, true AS readable "
        f"FROM range({given.groups}) AS t(g)"
    )
    # The square makes a few groups huge and most of them small.
    connection.execute(
        f"""
        INSERT INTO entra_group_member BY NAME
        {head}, {group} || ' ' || {user} AS member, 'x' AS label, {TIMES}, {group} AS group_id, {user} AS principal,
               'user' AS principal_kind
        FROM (SELECT DISTINCT (hash(n) % 1000000 / 1000000.0) ** 2 * {given.groups} // 1 AS g,
                     hash(n + 7) % {given.users} AS i FROM range({given.memberships}) AS t(n))
        """.replace("printf('00000067-0000-4000-8000-%012x', g)", "printf('00000067-0000-4000-8000-%012x', g::BIGINT)")
    )
    connection.execute(
        f"""
        INSERT INTO entra_group_member BY NAME
        {head}, {group} || ' ' || inner_id AS member, 'x' AS label, {TIMES}, {group} AS group_id,
               inner_id AS principal, 'group' AS principal_kind
        FROM (SELECT g, {sql_id("g", f"((g * 7 + 3) % {given.groups})")} AS inner_id
              FROM range({given.groups}) AS t(g) WHERE g % 5 = 0)
        """
    )
    connection.execute(
        f"""
        INSERT INTO entra_role BY NAME {head}, 'ga' AS member, 'Global Administrator' AS label, {TIMES},
               'ga' AS template_id, true AS builtin, true AS privileged
        """
    )
    for table, above in (("entra_role_grant", 40), ("entra_role_eligibility", 400)):
        connection.execute(
            f"""
            INSERT INTO {table} BY NAME {head}, 'grant ' || i AS member, 'x' AS label, {TIMES}, 'ga' AS role,
                   '/' AS directory_scope, {sql_id("u", "i * 1009")} AS principal FROM range({above}) AS t(i)
            """
        )
    for number in range(given.policies):
        document = msgspec.json.encode(policy(number, given)).decode()
        connection.execute(
            f"INSERT INTO entra_conditional_access_policy BY NAME {head}, ? AS member, ? AS label, {TIMES}, "
            "'enabled' AS state, ? AS display_name, ? AS document",
            [id_of("p", number), f"policy {number}", f"policy {number}", document],
        )
    connection.execute(
        f"INSERT INTO reading BY NAME {head}, 'entra.conditional_access_policies' AS collection, 0 AS record, "
        f"{AT} AS started, {AT} AS finished, true AS complete"
    )


def policy(number: int, given: argparse.Namespace) -> dict[str, Any]:
    """One for everybody, with exclusions, and the rest for groups; many narrowed; MFA, devices, blocks."""
    chance = random.Random(number)
    groups = [id_of("g", chance.randrange(given.groups // 4, given.groups)) for _ in range(6)]
    users = {
        "includeUsers": [] if number else ["All"],
        "excludeUsers": [id_of("u", chance.randrange(given.users)) for _ in range(3)],
        "includeGroups": groups[:3] if number else [],
        "excludeGroups": groups[3:],
    }
    conditions: dict[str, Any] = {
        "clientAppTypes": ["all"],
        "applications": {"includeApplications": ["All"]},
        "users": users,
    }
    if number % 3 == 1:
        conditions["locations"] = {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}
    if number % 3 == 2:
        conditions["platforms"] = {
            "includePlatforms": ["windows"] if number % 2 else ["all"],
            "excludePlatforms": ["iOS"],
        }
    controls = [["mfa"], ["mfa", "compliantDevice"], ["block"], ["compliantDevice"]][number % 4 if number % 3 else 0]
    return {
        "id": id_of("p", number),
        "displayName": f"policy {number}",
        "state": "enabled",
        "conditions": conditions,
        "grantControls": {"operator": "OR", "builtInControls": controls},
    }


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """(result, CPU seconds, wall seconds)"""
    before, started = cpu(), time.perf_counter()
    result = work()
    return result, cpu() - before, time.perf_counter() - started


def floor(connection: duckdb.DuckDBPyConnection) -> None:
    """Read every id once, into nothing."""
    connection.execute("SELECT sum(hash(member)) FROM entra_user").fetchall()
    connection.execute("SELECT sum(hash(group_id)), sum(hash(principal)) FROM entra_group_member").fetchall()


def person_by_person(connection: duckdb.DuckDBPyConnection, documents: list[dict[str, Any]]) -> list[bool]:
    """For a sample of people whether MFA covers them, as one would write it first: with sets of ids for each person.

    Simplified in its favour: direct groups are looked up beforehand, only plain policies count, groups above a
    group are known, and nothing is explained.
    """
    above: dict[str, list[str]] = {}
    for inner, outer in connection.execute(
        "SELECT principal, group_id FROM entra_group_member WHERE principal_kind = 'group'"
    ).fetchall():
        above.setdefault(inner, []).append(outer)
    people = connection.execute(
        "SELECT entra_user.member, list(group_id) FROM entra_user LEFT JOIN entra_group_member AS held "
        "ON held.principal = entra_user.member WHERE entra_user.member IN (SELECT member FROM sample) GROUP BY ALL"
    )
    plain = [one for one in documents if set(one["grantControls"]["builtInControls"]) <= {"mfa", "block"}]
    plain = [one for one in plain if len(one["conditions"]) == 3]
    found = []
    for member, direct in sorted(people.fetchall()):
        groups, waiting = set[str](), [one for one in direct if one]
        while waiting:
            group = waiting.pop()
            if group not in groups:
                groups.add(group)
                waiting += above.get(group, [])
        found.append(any(applies(one["conditions"]["users"], member, groups) for one in plain))
    return found


def applies(users: dict[str, list[str]], member: str, groups: set[str]) -> bool:
    included = "All" in users["includeUsers"] or member in users["includeUsers"] or groups & set(users["includeGroups"])
    return bool(included) and member not in users["excludeUsers"] and not groups & set(users["excludeGroups"])


def measure(file: Path) -> None:
    """In a process of its own, so that making the tenant does not count."""
    inventory = Inventory.open(file)
    connection = inventory.connection
    connection.execute("SET threads = 2")
    _, floor_cpu, floor_wall = timed(lambda: floor(connection))
    for name, accounts in (("service_accounts", "^user.*77777@"), ("emergency_accounts", "^user[12]@")):
        connection.execute(
            f"CREATE TABLE commitment_{name} AS SELECT {AT} AS valid_from, TIMESTAMP '9999-12-31' AS valid_to, "
            f"'{accounts}' AS accounts"
        )
    for derivation in (POLICY_STATE, COVERAGES):
        for table in derivation.tables:
            shape = ", ".join(f"{column} {kind}" for column, kind in table.columns.items())
            connection.execute(f"CREATE TABLE {table.name} ({shape})")
    _, whole_cpu, whole_wall = timed(lambda: [one.derive(connection) for one in (POLICY_STATE, COVERAGES)])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _, again_cpu, again_wall = timed(lambda: [one.derive(connection) for one in (POLICY_STATE, COVERAGES)])

    count = number_people(connection, SCOPE)
    at = connection.execute(f"SELECT {AT}").fetchall()[0][0]
    estate = Estate(connection, SCOPE, count, at)
    rows = connection.execute("SELECT document FROM entra_conditional_access_policy").fetchall()
    documents = [msgspec.json.decode(row[0]) for row in rows]

    def kernel() -> Any:
        policies = [policy_of(one, {}) for one in documents]
        population = estate.population(policies)
        return {name: coverage(asked, policies, population) for name, asked in REQUIREMENTS.items()}, population

    (answers, population), kernel_cpu, kernel_wall = timed(kernel)
    connection.execute(
        f"CREATE TEMP TABLE sample AS SELECT member, place FROM coverage_person "
        f"WHERE place % {max(count // SAMPLE, 1)} = 0"
    )
    members, numbers = zip(*sorted(connection.execute("SELECT member, place FROM sample").fetchall()), strict=True)
    theirs, peer_cpu, _ = timed(lambda: person_by_person(connection, documents))
    ours = chosen(answers["mfa"].covered.surely, list(numbers))
    differing = [one for one, a, b in zip(members, ours, theirs, strict=True) if a < b]
    if differing:
        sys.exit(f"the answers differ for {len(differing)} people, first {differing[0]}")
    alike = sum(a == b for a, b in zip(ours, theirs, strict=True))
    peer = peer_cpu / len(members) * count
    mfa = answers["mfa"]
    judged = population.judged.surely
    print(
        f"{count:,} people, {len(documents)} policies: {alike:,} of a sample of {len(members):,} answers are the same,"
    )
    print(f"{len(members) - alike:,} more are covered by policies together, which the peer does not try")
    for name in ("covered", "exempt", "conditional", "uncovered"):
        print(f"  MFA, {name}: {(mfa.state(name).surely & judged).bit_count():,}")
    lines = [
        ("floor: read the ids", floor_cpu, floor_wall, ""),
        (
            "derive all tables",
            whole_cpu,
            whole_wall,
            f"{whole_cpu / floor_cpu:.1f} times the floor, {peak:.0f} MiB peak",
        ),
        ("derive again, nothing new", again_cpu, again_wall, ""),
        ("kernel, 5 requirements", kernel_cpu, kernel_wall, f"{peer / kernel_cpu * 5:,.0f} times faster than the peer"),
        ("peer, 1 requirement", peer, peer, f"extrapolated from {len(members):,} people"),
    ]
    for name, used, wall, beside in lines:
        print(f"{name:<28} {used:9.2f} s CPU {wall:9.2f} s wall   {beside}")
    inventory.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--policies", type=int, default=300)
    parser.add_argument("--groups", type=int, default=2000)
    parser.add_argument("--memberships", type=int, default=5_000_000)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        measure(given.measure)
        return
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "inventory.duckdb"
        inventory = Inventory.open(file)
        fill(inventory.connection, given)
        inventory.close()
        subprocess.run([sys.executable, __file__, "--measure", str(file)], check=True)


if __name__ == "__main__":
    main()
