"""The derived tables, from snapshots to rows."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from analysis.conditional_access.tenant_log import START, TenantLog
from analysis.conditional_access.tenants import GLOBAL_ADMIN, PHISHING_RESISTANT, READER, document, id_of, ids
from observant.analysis.conditional_access import inputs, tables
from observant.inventory.projection import Inventory

DAY = timedelta(days=1)
ONE_GUEST = {"users": {"includeUsers": ids("gus")}}
"""Where no policy at all does anything for a requirement, people have no rows: this one does something for somebody."""
ALL = {"includeUsers": ["All"]}


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[TenantLog]:
    one = TenantLog(tmp_path)
    for name in ("ada", "bob", "cy"):
        one.user(name)
    one.guest("gus")
    one.user("gone", accountEnabled=False)
    yield one
    one.inventory.close()


def tally(tenant: TenantLog, member: str, table: str = "entra_coverage", **promised: Any) -> list[tuple[Any, ...]]:
    """(from, to, people, covered, open, because) where bounds agree."""
    columns = ("people_least", "people_most", "covered_least", "covered_most", "open_least", "open_most", "because")
    found = []
    for row in tenant.rows(table, *columns, **promised):
        if row["member"] == member:
            times = [row["valid_from"], row["valid_to"]]
            pairs = [(row[f"{name}_least"], row[f"{name}_most"]) for name in ("people", "covered", "open")]
            found.append((*times, *(a if a == b else (a, b) for a, b in pairs), row["because"]))
    return found


def persons(tenant: TenantLog, requirement: str, table: str = "entra_coverage_person", **promised: Any) -> list[Any]:
    rows = tenant.rows(table, "requirement", "label", "state", "because", "population", **promised)
    return [
        (row["label"].partition("@")[0], row["valid_from"], row["valid_to"], row["state"], row["because"])
        for row in rows
        if row["requirement"] == requirement
    ]


def test_everybody_is_covered_and_costs_no_row(tenant: TenantLog) -> None:
    tenant.policy(document())
    tenant.snapshot()

    assert [(0, None, 4, 4, 0, "")] == tally(tenant, "mfa of everyone")
    assert [(0, None, 1, 1, 0, "")] == tally(tenant, "mfa of guests")
    assert [] == persons(tenant, "mfa")


def test_a_large_tenant_has_a_room_of_its_own_for_a_while(tenant: TenantLog, monkeypatch: pytest.MonkeyPatch) -> None:
    room, seen = "SELECT current_setting('memory_limit')", []
    number_people = inputs.number_people

    def looking(connection: Any, scope: str) -> int:
        seen.append(connection.execute(room).fetchall()[0][0])
        return number_people(connection, scope)

    monkeypatch.setattr(inputs, "number_people", looking)
    monkeypatch.setattr(tables, "_LARGE", 3)
    before = tenant.inventory.connection.execute(room).fetchall()
    tenant.policy(document())
    tenant.snapshot()

    assert [(0, None, 4, 4, 0, "")] == tally(tenant, "mfa of everyone")
    assert ["384.0 MiB"] == seen
    assert before == tenant.inventory.connection.execute(room).fetchall()


def test_a_room_that_is_too_small_is_left(tenant: TenantLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_LARGE", 3)
    monkeypatch.setattr(tables, "_ROOM", "1KiB")
    tenant.policy(document())
    tenant.snapshot()

    assert [(0, None, 4, 4, 0, "")] == tally(tenant, "mfa of everyone")


def test_exempt_through_groups_since_a_day(tenant: TenantLog) -> None:
    tenant.group("Contractors", groups="Vendors")
    tenant.group("Vendors", users="bob")
    tenant.policy(document(name="MFA", users=ALL | {"excludeGroups": ids("Contractors")}))
    tenant.snapshot()
    tenant.snapshot(DAY)
    tenant.group("Vendors", users="bob cy")
    tenant.snapshot(2 * DAY)

    because = "exempt through group Contractors > Vendors in policy MFA"
    assert [("bob", 0, None, "exempt", because), ("cy", 48, None, "exempt", because)] == persons(tenant, "mfa")
    assert [(0, 48, 4, 3, 1, f"of 4: 1 {because}"), (48, None, 4, 2, 2, f"of 4: 2 {because}")] == tally(
        tenant, "mfa of everyone"
    )


def test_two_groups_of_one_name_exempt_everybody_in_either(tenant: TenantLog) -> None:
    tenant.group("Staff", users="bob")
    tenant.group("Others", users="cy")
    tenant.state["entra.groups"][id_of("Others")]["displayName"] = "Staff"
    tenant.policy(document(name="MFA", users=ALL | {"excludeGroups": ids("Staff", "Others")}))
    tenant.snapshot()

    because = "exempt through group Staff in policy MFA"
    assert [("bob", 0, None, "exempt", because), ("cy", 0, None, "exempt", because)] == persons(tenant, "mfa")
    assert [(0, None, 4, 2, 2, f"of 4: 2 {because}")] == tally(tenant, "mfa of everyone")


def test_a_group_that_was_deleted_exempts_nobody(tenant: TenantLog) -> None:
    """Policies go on naming groups that are no more. One that may not be read is not one of them."""
    tenant.group("Old", unread=True)
    del tenant.state["entra.groups"][id_of("Old")]
    tenant.policy(document(name="MFA", users=ALL | {"excludeGroups": ids("Old")}))
    tenant.snapshot()
    denied = tally(tenant, "mfa of everyone")
    answer = "graph:/groups/{id}/members: Request_ResourceNotFound: Resource 'x' does not exist"
    tenant.state["entra.group_members"][id_of("Old")]["Unread"] = {"reason": "failed", "detail": answer}
    tenant.snapshot(DAY)

    assert (4, (0, 4)) == denied[0][2:4]
    assert (4, 4, 0) == tally(tenant, "mfa of everyone")[-1][2:5]


def test_the_bound_of_a_change_is_the_reading_before(tenant: TenantLog) -> None:
    tenant.policy(document(name="Other", **ONE_GUEST))
    tenant.policy(document(name="MFA"))
    tenant.snapshot()
    tenant.snapshot(DAY)
    del tenant.state["entra.conditional_access_policies"][id_of("MFA")]
    tenant.snapshot(2 * DAY)

    rows = tenant.rows("entra_coverage_person", "requirement", "earliest")
    assert {(48, 24)} == {(row["valid_from"], row["earliest"]) for row in rows if row["requirement"] == "mfa"}


def test_the_bound_of_what_began_is_the_reading_before(tenant: TenantLog) -> None:
    tenant.policy(document(name="MFA"))
    tenant.policy(document(name="No codes", grant=["block"], signInRiskLevels=["high"], **ONE_GUEST))
    tenant.snapshot()
    tenant.snapshot(DAY)
    tenant.policy(document(name="MFA", users=ALL | {"excludeUsers": ids("bob")}))
    tenant.user("new", createdDateTime=(START + timedelta(hours=40)).isoformat())
    tenant.snapshot(2 * DAY)

    rows = tenant.rows("entra_coverage_person", "requirement", "label", "earliest")
    assert [("bob", 48, 24)] == [
        (row["label"].partition("@")[0], row["valid_from"], row["earliest"])
        for row in rows
        if row["requirement"] == "mfa"
    ]
    # Nobody can have been open before there was such an account.
    new = next(row for row in rows if row["label"].startswith("new") and row["requirement"] == "device_code_blocked")
    assert (48, 40) == (new["valid_from"], new["earliest"])


def test_off_for_two_days_between_snapshots(tenant: TenantLog) -> None:
    """The story: nobody sees it in any snapshot."""
    on, off = document(name="MFA"), document(name="MFA", state="disabled")
    tenant.policy(on)
    tenant.policy(document(name="Other", **ONE_GUEST))
    tenant.snapshot()
    tenant.event(START + timedelta(hours=5), "Update", on, off)
    tenant.event(START + timedelta(hours=53), "Update", off, on)
    tenant.snapshot(3 * DAY)

    nothing = "no enforced policy requires MFA of them"
    assert [(0, 5), (5, 53), (53, None)] == [one[:2] for one in tally(tenant, "mfa of everyone")]
    assert {(5, 53, "uncovered", nothing)} == {one[1:] for one in persons(tenant, "mfa")}
    states = tenant.rows("entra_policy_state", "state", "seen", "actor")
    assert [("enabled", "snapshot", None), ("disabled", "audit log", "eve@example.com")] == [
        (one["state"], one["seen"], one["actor"]) for one in states if one["member"] == id_of("MFA")
    ][:2]


def test_the_log_spells_flags_as_numbers(tenant: TenantLog) -> None:
    """A change of the name alone, told by the log in its own spelling, is no change of coverage."""
    guests = {"guestOrExternalUserTypes": "internalGuest,b2bCollaborationGuest", "externalTenants": None}
    before = document(name="MFA", users=ALL | {"excludeGuestsOrExternalUsers": guests})
    told = document(name="MFA", users=ALL | {"excludeGuestsOrExternalUsers": {"guestOrExternalUserTypes": 3}})
    tenant.policy(before)
    tenant.snapshot()
    tenant.event(START + timedelta(hours=5), "Update", told, told)
    tenant.snapshot(DAY)

    assert [("gus", 0, None, "exempt", "exempt as b2bCollaborationGuest in policy MFA")] == persons(tenant, "mfa")
    assert 1 == len(tenant.rows("entra_policy_state"))


def test_unread_groups_give_bounds(tenant: TenantLog) -> None:
    tenant.group("Hidden", unread=True)
    tenant.policy(document(name="MFA", users=ALL | {"excludeGroups": ids("Hidden")}))
    tenant.snapshot()

    because = "policy MFA: group Hidden could not be read"
    assert [(0, None, 4, (0, 4), (0, 4), f"of 4: 4 {because}")] == tally(tenant, "mfa of everyone")
    assert {(None, because)} == {one[3:] for one in persons(tenant, "mfa")}


def test_administrators_standing_and_activated(tenant: TenantLog) -> None:
    tenant.role(GLOBAL_ADMIN, "Global Administrator")
    tenant.role(READER, "Search Editor", privileged=False)
    tenant.grant(GLOBAL_ADMIN, "ada")
    tenant.grant(GLOBAL_ADMIN, "bob", scope="/administrativeUnits/1")
    tenant.grant(READER, "cy")
    tenant.group("Admins", users="cy gone")
    tenant.eligible(GLOBAL_ADMIN, "Admins")
    tenant.eligible(READER, "gus")
    strong = document(
        name="Strong", grant=[], strength={"id": PHISHING_RESISTANT}, users={"includeRoles": [GLOBAL_ADMIN]}
    )
    tenant.policy(strong)
    tenant.snapshot()

    nothing = "no enforced policy requires phishing-resistant MFA of them"
    assert [(0, None, 2, 1, 1, f"of 2: 1 {nothing}")] == tally(tenant, "phishing_resistant of admins")
    assert [("bob", 0, None, "uncovered", nothing)] == persons(tenant, "phishing_resistant")
    activated = "phishing_resistant of activated admins"
    assert [(0, None, 1, 1, 0, "")] == tally(tenant, activated, "entra_activated_coverage")
    assert [("cy", 0, None, "uncovered", "no enforced policy requires MFA of them")] != persons(
        tenant, "mfa", "entra_activated_coverage_person"
    )


def test_an_activated_role_may_be_what_is_excluded(tenant: TenantLog) -> None:
    tenant.role(GLOBAL_ADMIN, "Global Administrator")
    tenant.eligible(GLOBAL_ADMIN, "ada")
    tenant.policy(document(name="MFA", users=ALL | {"excludeRoles": [GLOBAL_ADMIN]}))
    tenant.snapshot()

    because = "exempt as Global Administrator in policy MFA"
    assert [] == persons(tenant, "mfa")
    assert [("ada", 0, None, "exempt", because)] == persons(tenant, "mfa", "entra_activated_coverage_person")


def test_emergency_accounts_are_left_out_of_what_is_open(tenant: TenantLog) -> None:
    tenant.policy(document(name="MFA", users=ALL | {"excludeUsers": ids("ada", "bob")}))
    tenant.snapshot()
    promised: dict[str, object] = {"accounts": ["ADA@example.com"]}

    because = "exempt by name in policy MFA"
    assert [(0, None, 4, 2, 1, f"of 4: 1 {because}")] == tally(tenant, "mfa of everyone", emergency_accounts=promised)


def test_service_accounts_are_their_own_population(tenant: TenantLog) -> None:
    office = document(grant=["block"], locations={"includeLocations": ["All"], "excludeLocations": ids("office")})
    tenant.policy(office)
    tenant.policy(document(name="MFA", users=ALL | {"excludeUsers": ids("bob")}))
    tenant.snapshot()
    promised: dict[str, object] = {"accounts": ["b*@example.com"]}

    because = "exempt by name in policy MFA"
    assert [(0, None, 1, 0, 1, f"of 1: 1 {because}")] == tally(
        tenant, "mfa of service accounts", service_accounts=promised
    )
    assert [(0, None, 1, 1, 0, "")] == tally(tenant, "confined of service accounts", service_accounts=promised)
    assert [(0, None, 2, 2, 0, "")] == tally(tenant, "mfa of members", service_accounts=promised)


def test_security_defaults_stand_in(tenant: TenantLog) -> None:
    tenant.role(GLOBAL_ADMIN, "Global Administrator")
    tenant.grant(GLOBAL_ADMIN, "ada")
    tenant.state["entra.security_defaults"]["tenant"] = {"isEnabled": True}
    tenant.snapshot()

    assert [(0, None, 4, 4, 0, "")] == tally(tenant, "legacy_blocked of everyone")
    because = "only under conditions of policy security defaults: when Microsoft judges the sign-in to need MFA"
    assert [(0, None, 4, 1, 3, f"of 4: 3 {because}")] == tally(tenant, "mfa of everyone")


def test_kept_rows_and_rows_made_anew_agree(tenant: TenantLog, tmp_path: Path) -> None:
    """Reading a log step by step comes to the same as reading it at once."""
    tenant.group("Out", users="bob")
    tenant.policy(document(name="MFA", users=ALL | {"excludeGroups": ids("Out")}))
    for day in range(6):
        if day == 1:
            tenant.group("Out", users="bob cy")
        if day == 2:
            tenant.user("dan")
            tenant.group("Out", users="cy")
        if day == 3:
            del tenant.state["entra.users"][id_of("bob")]
            tenant.policy(document(name="Second", users={"includeUsers": ids("cy")}))
        if day == 5:
            tenant.event(START + day * DAY - timedelta(hours=2), "Update", document(name="MFA"), document(name="MFA"))
        tenant.snapshot(day * DAY)
        step_by_step = tenant.evaluate()
    tables = ("entra_coverage", "entra_coverage_person", "entra_activated_coverage", "entra_policy_state")
    kept = {name: step_by_step.query(f"FROM {name} ORDER BY ALL") for name in tables}
    tenant.inventory.close()
    tenant.inventory = Inventory.open(None)
    at_once = tenant.evaluate()
    fresh = {name: at_once.query(f"FROM {name} ORDER BY ALL") for name in tables}

    assert fresh == kept
    assert 3 < len(kept["entra_coverage_person"])


def test_the_past_is_worked_out_once(tenant: TenantLog) -> None:
    """What was stored for a stretch that nothing has touched since stays: a mark on it survives the next run."""
    tenant.group("Out", users="bob")
    tenant.policy(document(name="MFA", users=ALL | {"excludeGroups": ids("Out")}))
    tenant.snapshot()
    tenant.group("Out", users="cy")
    tenant.snapshot(DAY)
    evaluation = tenant.evaluate()
    evaluation.connection.execute("UPDATE entra_coverage_person SET because = 'marked' WHERE label LIKE 'bob%'")
    tenant.group("Out", users="ada cy")
    # Somebody whose id comes before all others must not give the others other numbers.
    tenant.user(min((f"late{number}" for number in range(50)), key=id_of))
    tenant.snapshot(2 * DAY)

    because = "exempt through group Out in policy MFA"
    assert [
        ("ada", 48, None, "exempt", because),
        ("bob", 0, 24, "exempt", "marked"),
        ("cy", 24, None, "exempt", because),
    ] == (sorted(persons(tenant, "mfa")))


def test_a_past_that_changed_is_worked_out_again(tenant: TenantLog) -> None:
    """An event read later tells of an earlier day."""
    on, off = document(name="MFA"), document(name="MFA", state="disabled")
    tenant.policy(on)
    tenant.policy(document(name="Other", **ONE_GUEST))
    for day in range(3):
        tenant.user(f"new{day}")
        tenant.snapshot(day * DAY)
        assert [] == persons(tenant, "mfa")
    tenant.event(START + timedelta(hours=30), "Update", on, off)
    tenant.event(START + timedelta(hours=31), "Update", off, on)
    tenant.snapshot(3 * DAY)

    assert {(30, 31)} == {one[1:3] for one in persons(tenant, "mfa")}


def test_no_policy_at_all_is_one_statement_about_the_tenant(tenant: TenantLog) -> None:
    tenant.role(GLOBAL_ADMIN, "Global Administrator")
    tenant.grant(GLOBAL_ADMIN, "ada")
    tenant.snapshot()

    nothing = "no enforced policy requires MFA of them"
    assert [(0, None, 4, 0, 4, f"of 4: 4 {nothing}")] == tally(tenant, "mfa of everyone")
    assert [("ada", 0, None, "uncovered", nothing)] == persons(tenant, "mfa")
    assert [("ada", 0, None, "uncovered", nothing)] == persons(tenant, "mfa", "entra_named_coverage")
