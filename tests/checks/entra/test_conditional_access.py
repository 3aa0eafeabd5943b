"""Verdicts on Conditional Access, from snapshots of hand-made tenants."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from analysis.conditional_access.tenant_log import START, TenantLog, hours
from analysis.conditional_access.tenants import GLOBAL_ADMIN, PHISHING_RESISTANT, document, id_of, ids
from observant.model.interval import Interval
from observant.model.verdict import Verdict
from observant.period.evaluate import Standing

DAY = timedelta(days=1)
ALL = {"includeUsers": ["All"]}
LEGACY = {"clientAppTypes": ["exchangeActiveSync", "other"], "grant": ["block"]}
MODERN = ["browser", "mobileAppsAndDesktopClients"]


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[TenantLog]:
    one = TenantLog(tmp_path)
    for number in range(10):
        one.user(f"user{number}")
    yield one
    one.inventory.close()


def standing(tenant: TenantLog, check: str) -> list[Standing]:
    """Everything the check says, holes included."""
    evaluation = tenant.evaluate()
    return evaluation.standing(Interval(START, evaluation.as_of), set(Verdict) - {Verdict.NOT_APPLICABLE}, check)


def verdicts(tenant: TenantLog, check: str, member: str = "", **promised: Any) -> list[tuple[Any, ...]]:
    """(from, to, verdict) of the members whose id contains `member`; not applicable ones are left out."""
    evaluation = tenant.evaluate(**promised)
    found = evaluation.standing(Interval(START, evaluation.as_of), set(Verdict) - {Verdict.NOT_APPLICABLE}, check)
    return [
        (hours(one.interval.start), hours(one.interval.end), one.verdict.value)
        for one in found
        if member in one.member and one.member and not one.hole
    ]


@pytest.mark.parametrize(("least", "verdict"), [(90, "pass"), (91, "fail"), (100, "fail")])
def test_the_share_that_mfa_must_cover(tenant: TenantLog, least: int, verdict: str) -> None:
    tenant.policy(document(users=ALL | {"excludeUsers": ids("user3")}))
    tenant.snapshot()

    found = verdicts(tenant, "entra-mfa-coverage", "members", mfa_coverage={"least_percent": least})
    assert [(0, None, verdict)] == found


def test_bounds_decide_where_they_can(tenant: TenantLog) -> None:
    tenant.group("Hidden", unread=True)
    tenant.group("Known", users="user1 user2 user3")
    tenant.policy(document(users=ALL | {"excludeGroups": ids("Known")}, clientAppTypes=MODERN))
    tenant.policy(document(name="more", users={"includeUsers": ids("user1"), "excludeGroups": ids("Hidden")}))
    tenant.snapshot()

    for least, verdict in ((70, "pass"), (71, "unknown"), (80, "unknown"), (81, "fail")):
        promised: dict[str, object] = {"least_percent": least}
        assert [(0, None, verdict)] == verdicts(tenant, "entra-mfa-coverage", "members", mfa_coverage=promised)


def test_what_was_not_promised_is_unknown(tenant: TenantLog) -> None:
    tenant.policy(document())
    tenant.snapshot()

    assert [(0, None, "unknown")] == verdicts(tenant, "entra-mfa-coverage", "members", mfa_coverage=None)


def test_security_defaults_are_enough_where_promised(tenant: TenantLog) -> None:
    tenant.state["entra.security_defaults"]["tenant"] = {"isEnabled": True}
    tenant.snapshot()

    for enough, verdict in ((True, "pass"), (False, "fail")):
        promised: dict[str, object] = {"least_percent": 100, "security_defaults": enough}
        assert [(0, None, verdict)] == verdicts(tenant, "entra-mfa-coverage", "members", mfa_coverage=promised)


@pytest.mark.parametrize(
    ("promised", "verdict"),
    [
        ({"most_people": 2}, "pass"),
        ({"most_people": 1}, "fail"),
        ({"most_percent": 20}, "pass"),
        ({"most_percent": 19}, "fail"),
        ({"most_people": 2, "most_percent": 10}, "fail"),
        ({}, "unknown"),
    ],
)
def test_exclusions_by_number_and_by_share(tenant: TenantLog, promised: dict[str, object], verdict: str) -> None:
    tenant.group("Out", users="user1 user2")
    tenant.policy(document(users=ALL | {"excludeGroups": ids("Out")}))
    tenant.snapshot()

    found = verdicts(
        tenant, "entra-conditional-access-exclusions", "mfa of everyone", conditional_access_exclusions=promised
    )
    assert [(0, None, verdict)] == found


def test_legacy_authentication_is_enabled_for_two_days(tenant: TenantLog) -> None:
    """Between two snapshots, seen in the audit log alone."""
    on, off = document(name="Legacy", **LEGACY), document(name="Legacy", state="disabled", **LEGACY)
    tenant.policy(on)
    tenant.snapshot()
    tenant.event(START + timedelta(hours=7), "Update", on, off)
    tenant.event(START + timedelta(hours=55), "Update", off, on)
    tenant.snapshot(3 * DAY)

    cadence: dict[str, object] = {"every": "3 days", "grace": "6 hours"}
    expected = [(0, 7, "pass"), (7, 55, "fail"), (55, None, "pass")]
    assert expected == verdicts(tenant, "entra-legacy-authentication", snapshot_cadence=cadence)


def test_what_the_audit_log_tells_stands_though_nothing_was_read(tenant: TenantLog) -> None:
    """Nothing was read for three days, twice the cadence. What the log tells both ends of is known all the same."""
    on, off = document(name="Legacy", **LEGACY), document(name="Legacy", state="disabled", **LEGACY)
    tenant.policy(on)
    tenant.snapshot()
    tenant.event(START + timedelta(hours=7), "Update", on, off)
    tenant.event(START + timedelta(hours=55), "Update", off, on)
    tenant.snapshot(3 * DAY)
    (known,) = [one for one in verdicts(tenant, "entra-legacy-authentication") if one[2] == "fail"]
    (because,) = [one.because for one in standing(tenant, "entra-legacy-authentication") if one.verdict == Verdict.FAIL]

    assert (7, 55, "fail") == known
    assert because.endswith("; Legacy became disabled by eve@example.com")
    assert {"unknown", "fail", "pass"} == {one.verdict.value for one in standing(tenant, "entra-legacy-authentication")}


def test_what_the_log_tells_only_the_beginning_of_is_not_known_in_a_hole(tenant: TenantLog) -> None:
    on, off = document(name="Legacy", **LEGACY), document(name="Legacy", state="disabled", **LEGACY)
    tenant.policy(on)
    tenant.snapshot()
    tenant.event(START + timedelta(hours=7), "Update", on, off)
    tenant.policy(off)
    tenant.snapshot(3 * DAY)

    assert [(72, None, "fail")] == [one for one in verdicts(tenant, "entra-legacy-authentication") if one[2] == "fail"]


def test_mfa_for_all_clients_blocks_legacy_ones(tenant: TenantLog) -> None:
    tenant.policy(document())
    tenant.snapshot()

    assert [(0, None, "pass")] == verdicts(tenant, "entra-legacy-authentication")


def test_as_many_may_use_legacy_clients_as_promised(tenant: TenantLog) -> None:
    tenant.policy(document(users=ALL | {"excludeUsers": ids("user1")}, **LEGACY))
    tenant.snapshot()

    assert [(0, None, "fail")] == verdicts(tenant, "entra-legacy-authentication")
    promised: dict[str, object] = {"most_people": 1}
    assert [(0, None, "pass")] == verdicts(tenant, "entra-legacy-authentication", legacy_authentication=promised)


def test_device_code(tenant: TenantLog) -> None:
    tenant.policy(document(grant=["block"], authenticationFlows={"transferMethods": "deviceCodeFlow"}))
    tenant.snapshot()
    tenant.state["entra.conditional_access_policies"].clear()
    tenant.snapshot(DAY)

    promised: dict[str, object] = {"most_people": 0}
    # The change lies between the two snapshots: the less favourable bound is the first.
    assert [(0, None, "fail")] == verdicts(tenant, "entra-device-code-flow", device_code_flow=promised)


def test_administrators_and_roles_they_may_activate(tenant: TenantLog) -> None:
    tenant.role(GLOBAL_ADMIN, "Global Administrator")
    tenant.grant(GLOBAL_ADMIN, "user0")
    tenant.grant(GLOBAL_ADMIN, "user1", scope="/administrativeUnits/1")
    tenant.eligible(GLOBAL_ADMIN, "user2")
    tenant.eligible(GLOBAL_ADMIN, "user3")
    users = {"includeRoles": [GLOBAL_ADMIN], "excludeUsers": ids("user3")}
    tenant.policy(document(grant=[], strength={"id": PHISHING_RESISTANT}, users=users))
    tenant.snapshot()

    def of(name: str, check: str, **excused: object) -> list[tuple[Any, ...]]:
        return verdicts(tenant, check, id_of(name), phishing_resistant_admins=dict(excused))

    held, activated = "entra-phishing-resistant-administrator", "entra-phishing-resistant-activation"
    assert [(0, None, "pass")] == of("user0", held)
    assert [(0, None, "fail")] == of("user1", held)
    assert [(0, None, "pass")] == of("user1", held, excused=["user1@*"])
    assert [] == of("user2", held)
    assert [(0, None, "pass")] == of("user2", activated)
    assert [(0, None, "fail")] == of("user3", activated)


def test_service_accounts_must_not_be_exempt(tenant: TenantLog) -> None:
    tenant.policy(document(name="MFA", users=ALL | {"excludeUsers": ids("user1", "user2")}))
    tenant.policy(
        document(
            name="Office",
            grant=["block"],
            users={"includeUsers": ids("user1")},
            locations={"includeLocations": ["All"], "excludeLocations": ids("office")},
        )
    )
    tenant.snapshot()
    accounts = ["user1@example.com", "user2@example.com", "user3@example.com"]

    for confinement, expected in ((False, "fail fail pass"), (True, "pass fail pass")):
        promised: dict[str, object] = {"accounts": accounts, "confinement": confinement}
        found = [
            verdicts(tenant, "entra-service-account-exemption", id_of(name), service_accounts=promised)
            for name in ("user1", "user2", "user3")
        ]
        assert [[(0, None, verdict)] for verdict in expected.split()] == found


def test_report_only_longer_than_promised(tenant: TenantLog) -> None:
    tried = document(state="enabledForReportingButNotEnforced")
    tenant.policy(tried)
    tenant.snapshot()
    # An edit that leaves it report-only does not start the time anew.
    tenant.policy(tried | {"grantControls": {"operator": "OR", "builtInControls": ["block"]}})
    tenant.snapshot(DAY)
    tenant.snapshot(2 * DAY)

    promised: dict[str, object] = {"max_time": "30 hours"}
    found = verdicts(tenant, "entra-report-only-policy", report_only_policies=promised)
    assert [(0, 30, "pass"), (30, None, "fail")] == found


def test_emergency_accounts_few_strong_and_unused(tenant: TenantLog) -> None:
    for number, methods in enumerate((["passKeyDeviceBound"], ["mobilePhone"])):
        tenant.state.setdefault("entra.registration_details", {})[id_of(f"user{number}")] = {
            "userPrincipalName": f"user{number}@example.com",
            "methodsRegistered": methods,
        }
    tenant.policy(document(users=ALL | {"excludeUsers": ids("user0", "user1")}))
    tenant.snapshot()
    promised: dict[str, object] = {"accounts": ["user0@*", "user1@*"], "least": 2, "most": 2}

    def of(check: str, member: str = "", **changed: object) -> list[tuple[Any, ...]]:
        return verdicts(tenant, check, member, emergency_accounts=promised | changed)

    assert [(0, None, "pass")] == of("entra-emergency-account-number")
    assert [(0, None, "fail")] == of("entra-emergency-account-number", least=3, most=3)
    assert [(0, None, "fail")] == of("entra-emergency-account-number", least=0, most=1)
    assert [(0, None, "pass")] == of("entra-emergency-account-strength", id_of("user0"))
    assert [(0, None, "fail")] == of("entra-emergency-account-strength", id_of("user1"))
    everyone: dict[str, object] = {"least_percent": 100}
    found = verdicts(tenant, "entra-mfa-coverage", "members", mfa_coverage=everyone, emergency_accounts=promised)
    assert [(0, None, "pass")] == found


def test_each_use_of_an_emergency_account_is_an_event(tenant: TenantLog) -> None:
    tenant.usage["entra.user_activity"] = {id_of("user0"): {"signInActivity": None}}
    tenant.snapshot()
    used = {"lastSuccessfulSignInDateTime": "2025-03-01T08:00:00Z"}
    tenant.usage["entra.user_activity"] = {id_of("user0"): {"signInActivity": used}}
    tenant.snapshot(DAY)
    tenant.snapshot(2 * DAY)

    promised: dict[str, object] = {"accounts": ["user0@*"]}
    found = verdicts(tenant, "entra-emergency-account-use", id_of("user0"), emergency_accounts=promised)
    assert [(0, 2, "pass"), (2, 26, "fail"), (26, None, "pass")] == found


def test_a_second_use_of_an_emergency_account_does_not_hide_the_first(tenant: TenantLog) -> None:
    """Uses less than a week apart are one row of the inventory, which has the last of them."""
    tenant.usage["entra.user_activity"] = {id_of("user0"): {"signInActivity": None}}
    tenant.snapshot()
    for day, used in ((1, "2025-03-01T20:00:00Z"), (4, "2025-03-04T20:00:00Z"), (5, "2025-03-04T20:00:00Z")):
        activity = {"lastSuccessfulSignInDateTime": used}
        tenant.usage["entra.user_activity"] = {id_of("user0"): {"signInActivity": activity}}
        tenant.snapshot(day * DAY)

    promised: dict[str, object] = {"accounts": ["user0@*"]}
    cadence: dict[str, object] = {"every": "4 days", "grace": "6 hours"}
    check = "entra-emergency-account-use"
    found = verdicts(tenant, check, id_of("user0"), emergency_accounts=promised, snapshot_cadence=cadence)
    # Seen first on the second day; the reading before that is the less favourable bound.
    assert [(0, 110)] == [(start, end) for start, end, verdict in found if verdict == "fail"]
