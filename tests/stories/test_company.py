"""The fictional company's year, from the test cloud through the real collectors to the auditor's package.

One run serves all tests. Every story that the year tells must be found, dated and explained, and nothing else may be
called an exception.
"""

import csv
import json
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from observant.app.access_history import history
from observant.app.changes import Wanted, list_changes
from observant.app.demo import Demonstration, demonstrate
from observant.app.evaluate import forecast, judged
from observant.app.workspace import Workspace
from observant.model.verdict import Conclusion
from observant.period.conclusion import CheckResult, ControlException, EvidenceGap

pytestmark = pytest.mark.timeout(900)  # the first test waits for the year, on a machine that may have other work


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    return demonstrate(tmp_path_factory.mktemp("demo"), lambda *_: None)


@pytest.fixture(scope="module")
def checks(shown: Demonstration) -> dict[str, CheckResult]:
    return {check.check: check for control in shown.result.controls for check in control.checks}


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


def spans(found: list[ControlException] | list[EvidenceGap], label: str = "") -> list[tuple[str, str]]:
    """(from, to) of what concerns somebody, as short text."""
    return [
        (f"{one.start:%Y-%m-%d %H:%M}", f"{one.end:%Y-%m-%d %H:%M}" if one.end else "still")
        for one in found
        if label in one.label
    ]


def test_the_policy_of_a_late_night_incident(checks: dict[str, CheckResult]) -> None:
    (one,) = checks["aws-full-access-policy"].exceptions

    assert "policy incident-hotfix on role deployment" == one.label
    assert "statement 1 (Hotfix) allows every action on every resource" == one.cause
    # To the minute at both ends, as CloudTrail tells of both.
    assert [("2025-11-14 23:40", "2025-11-17 14:05")] == spans([one])


def test_the_incident_made_an_administrator_and_opened_customers_data(
    shown: Demonstration, checks: dict[str, CheckResult]
) -> None:
    steps = history(Workspace.open(Path(shown.workspace)), lambda: at("2026-10-02"), "deployment").steps
    (reached,) = checks["aws-sensitive-data"].exceptions

    assert [False, True, False] == [one.administrator for one in steps]
    assert ["2025-11-14 23:40", "2025-11-17 14:05"] == [f"{one.since:%Y-%m-%d %H:%M}" for one in steps[1:]]
    assert ["policy incident-hotfix is attached"] == steps[1].changed
    (by,) = steps[1].by_statements
    assert "policy incident-hotfix, statement 1 (Hotfix)" == by.label
    changes = [[(change.event, change.actor) for change in one.by] for one in steps[1:]]
    assert [[("CreatePolicy", "bjorn"), ("AttachRolePolicy", "bjorn")], [("DetachRolePolicy", "bjorn")]] == changes
    assert "deployment" == reached.label
    assert [("2025-11-14 23:40", "2025-11-17 14:05")] == spans([reached])
    assert "on arn:aws:s3:::harbourlight-customers" in reached.cause


def test_the_vendors_key_six_months_on(checks: dict[str, CheckResult]) -> None:
    rotation = spans(checks["aws-access-key-rotation"].exceptions, "vendor-acme-migration")
    unused = spans(checks["aws-access-key-unused"].exceptions, "vendor-acme-migration")

    # March is unknown, so each is two stretches.
    assert [("2026-01-18 10:00", "2026-03-01 06:00"), ("2026-04-01 06:00", "2026-05-04 13:30")] == rotation
    assert [("2026-01-13 03:00", "2026-03-01 06:00"), ("2026-04-01 06:00", "2026-05-04 13:30")] == unused


def test_the_engineer_who_left(checks: dict[str, CheckResult]) -> None:
    assert [("2026-09-09 16:48", "still")] == spans(checks["aws-user-inactive"].exceptions, "dana")
    assert [("2026-07-26 10:00", "still")] == spans(checks["aws-access-key-unused"].exceptions, "dana")


def test_leavers_and_joiners_against_the_list_of_people(checks: dict[str, CheckResult]) -> None:
    leavers, early = checks["people-leaver-aws"].exceptions, checks["people-early-aws"].exceptions

    # Her last day is Friday 12 June; the next working day is over on Monday at midnight in Berlin.
    assert [("2026-06-15 22:00", "still")] == spans(leavers, "Dana")
    # He was to start on 4 May, is off the list from 11 May, a Monday, and his user is removed at the end of June.
    assert [("2026-04-20 11:00", "2026-05-03 22:00")] == spans(early, "Farid")
    assert [("2026-05-11 22:00", "2026-06-30 11:00")] == spans(leavers, "Farid")
    for name in ("aws-account-owner", "entra-account-owner", "organization-account-owner"):
        assert [] == checks[name].exceptions, name


def test_a_contractor_who_came_back(checks: dict[str, CheckResult]) -> None:
    # His password was taken away on his last day; he has one again five days before the new first day.
    assert [] == spans(checks["people-leaver-aws"].exceptions, "Nils")
    assert [("2026-05-27 10:00", "2026-05-31 22:00")] == spans(checks["people-early-aws"].exceptions, "Nils")
    (kept,) = checks["people-rehire-aws"].exceptions
    assert ("Nils Berg: group developers of nils", [("2026-05-31 22:00", "still")]) == (kept.label, spans([kept]))


def test_who_changed_what_and_what_it_did(shown: Demonstration) -> None:
    found = list_changes(Workspace.open(Path(shown.workspace)), Wanted(), lambda: at("2026-10-01T08:00"))
    told = {(one.event, f"{one.at:%Y-%m-%d %H:%M}"): one for one in found.changes}
    incident, pipeline = told["AttachRolePolicy", "2025-11-14 23:40"], told["AttachRolePolicy", "2026-01-20 10:00"]

    assert ("bjorn", "Bjorn Lind", "person") == (incident.actor, incident.person, incident.actor_kind)
    assert "policy incident-hotfix on role deployment: begins" in incident.did
    (effect,) = incident.effect
    assert effect.startswith("role deployment: administrator in effect no -> yes")
    assert ("repo:harbourlight/infrastructure:ref:refs/heads/main", "workflow", "") == (
        pipeline.actor,
        pipeline.actor_kind,
        pipeline.person,
    )
    disabled = told["Update conditional access policy", "2026-05-15 18:20"]
    assert ("Ada Moreau", "policy") == (disabled.person, disabled.category)
    assert {"aws", "entra", "azure"} <= {scope.partition(":")[0] for scope in found.read}


def test_changes_grants_and_removals_are_populations(shown: Demonstration) -> None:
    changes, grants, removals = (table(shown, f"populations/{name}.csv") for name in ("changes", "grants", "removals"))

    assert {"cloudtrail", "entra", "azure"} <= {row["log"] for row in changes}
    (attached,) = [row for row in grants if "incident-hotfix on role" in row["what"]]
    (detached,) = [row for row in removals if "incident-hotfix on role" in row["what"]]
    assert ("2025-11-14T23:40:00Z", "2025-11-14T23:40:00Z") == (attached["happened_from"], attached["happened_to"])
    assert ("2025-11-17T14:05:00Z", "bjorn", "1002") == (
        detached["happened_to"],
        detached["actor"],
        detached["actor_person"],
    )
    assert [] == [row for row in grants if row["happened_to"] < "2025-10-01"]
    assert {"Elif Demir"} == {row["person_name"] for row in grants if row["what"] == "elif"}


def test_a_policy_that_was_tightened_counts_from_its_day(checks: dict[str, CheckResult]) -> None:
    # Made on 18 May: 90 days would have lasted until 16 August.
    assert [("2026-07-17 07:00", "still")] == spans(checks["aws-access-key-rotation"].exceptions, "dana")


def test_the_month_in_which_collection_was_broken(shown: Demonstration, checks: dict[str, CheckResult]) -> None:
    cadence = checks["evidence-cadence"]
    missing = next(control.days_missing for control in shown.result.controls if control.control == "AC-01")

    assert [("2026-03-02 12:00", "2026-03-17 12:00")] == spans(cadence.gaps, "aws:")
    assert "AccessDenied" in cadence.gaps[0].reason
    assert [("2026-03-17 12:00", "2026-04-01 06:00")] == spans(cadence.exceptions, "aws:")
    assert [date(2026, 3, day) for day in range(2, 32)] == missing
    for name, check in checks.items():
        # What was changed meanwhile, CloudTrail's files told in April.
        if name.startswith("aws-") and name not in ("aws-change-ticket", "aws-change-approval"):
            assert ("2026-03-01 06:00", "2026-04-01 06:00") in [
                (start[:14] + "00", end) for start, end in spans(check.gaps)
            ], name


def test_the_weekend_without_tokens(checks: dict[str, CheckResult]) -> None:
    """The tenant and both subscriptions are read daily beside the account; twice the login was down."""
    cadence = checks["evidence-cadence"]

    for scope, number in (("entra:", 1), ("azure:", 2)):
        assert [("2026-05-16 12:00", "2026-05-18 06:00")] * number == spans(cadence.gaps, scope)
        assert [("2026-03-17 12:00", "2026-04-01 06:00")] * number == spans(cadence.exceptions, scope)
    assert all("HTTP 503" in one.reason for one in cadence.gaps if "aws:" not in one.label)


def test_an_exclusion_group_grows_to_22_percent_and_shrinks(checks: dict[str, CheckResult]) -> None:
    found = checks["entra-conditional-access-exclusions"].exceptions
    exempt = checks["entra-service-account-exemption"].exceptions

    # Seen by the snapshots after 7 April and 9 June; the weekend without tokens is unknown.
    months = [("2026-04-07 06:00", "2026-05-15 06:00"), ("2026-05-18 06:00", "2026-06-10 06:00")]
    assert months == spans(found) == spans(exempt)
    assert {"mfa of everyone"} == {one.label for one in found}
    through = "5 exempt through group MFA exclusions in policy CA01 Require MFA for all users"
    assert {f"5 people exempt; not covered, of 23: {through}"} == {one.cause for one in found}
    assert 22 == round(100 * 5 / 23)
    assert {"svc-scanner@harbourlight.onmicrosoft.com"} == {one.label for one in exempt}


def test_legacy_authentication_on_a_weekend_that_no_snapshot_saw(checks: dict[str, CheckResult]) -> None:
    (one,) = checks["entra-legacy-authentication"].exceptions
    unknown = [stretch for stretch, verdict in checks["entra-legacy-authentication"].timeline if verdict == "unknown"]

    assert [("2026-05-15 18:20", "2026-05-17 20:05")] == spans([one])
    assert one.cause.startswith("legacy authentication is open, of 23: 17 no enforced policy requires")
    assert one.cause.endswith("; CA02 Block legacy authentication became disabled by ada@harbourlight.onmicrosoft.com")
    # Before and after, nothing was read: that is not made up for.
    assert {at("2026-05-15T18:20"), at("2026-05-18T06:00")} <= {stretch.end for stretch in unknown}


def test_a_secret_that_was_rotated_late(checks: dict[str, CheckResult]) -> None:
    age, rotation = checks["entra-credential-age"].exceptions, checks["entra-application-rotation"].exceptions

    # It was a year old on 14 April. A new one is there on the 28th of May, the old one is gone on the 30th.
    assert {"secret secret of invoice-export"} == {one.label for one in age}
    assert [("2026-04-14 08:00", "2026-05-15 06:00"), ("2026-05-18 06:00", "2026-05-30 06:00")] == spans(age)
    assert [("2026-04-14 08:00", "2026-05-15 06:00"), ("2026-05-18 06:00", "2026-05-28 06:00")] == spans(rotation)
    assert "last rotated 2025-04-14 08:00:00, the documented time is 365 days" == rotation[0].cause


def test_a_guest_of_a_finished_project_stays(checks: dict[str, CheckResult]) -> None:
    idle, unreviewed = checks["entra-guest-inactive"].exceptions, checks["entra-guest-review"].exceptions

    assert {True} == {one.label.startswith("petra") for one in idle}
    assert ("2026-02-18 15:03", "2026-03-16 06:00") == spans(idle)[0]
    assert ("2026-05-18 06:00", "still") == spans(idle)[-1]
    assert "guest becomes inactive on 2026-02-18 15:03:00: last signed in 2025-11-18 15:03:00" in idle[0].cause
    assert ("2025-12-16 09:00", "2026-03-16 06:00") == spans(unreviewed, "petra")[0]
    assert {"never reviewed, the documented time is 120 days"} == {
        one.cause for one in unreviewed if one.label.startswith("petra")
    }
    # No review was held in June; the one of September ends that for the others.
    assert [("2026-07-10 10:00", "2026-09-10 10:00")] * 2 == spans(
        [one for one in unreviewed if not one.label.startswith("petra")]
    )


def test_logs_that_were_kept_for_less(checks: dict[str, CheckResult]) -> None:
    tenant, azure = checks["entra-log-retention"].exceptions, checks["azure-log-retention"].exceptions
    weakened = [*checks["entra-log-weakened"].exceptions, *checks["azure-log-weakened"].exceptions]

    assert [("2026-07-14 06:00", "2026-09-05 06:00")] * 5 == spans(tenant)
    assert [("2026-07-14 06:00", "2026-09-05 06:00")] * 6 == spans(azure)
    assert "workspace harbourlight-logs keeps table AuditLogs for 90 days; documented are 365 days" == tenant[0].cause
    # Lowering it deletes after 30 days only: the morning after it could still be undone without loss.
    assert {("2026-07-15 06:00", "2026-07-16 06:00")} == set(spans(weakened))


def test_the_smaller_stories_of_the_tenant(checks: dict[str, CheckResult]) -> None:
    assert [("2026-02-09 06:00", "2026-02-17 06:00")] == spans(checks["entra-standing-privilege"].exceptions, "emre")
    assert [("2025-10-01 00:00", "2026-01-14 06:00")] == spans(checks["entra-activation-requirements"].exceptions)
    assert [("2025-12-29 06:00", "2026-02-24 10:00")] == spans(checks["entra-report-only-policy"].exceptions)
    assert [("2025-10-01 00:00", "2026-02-24 10:00")] == spans(checks["entra-device-code-flow"].exceptions)
    assert ("2025-10-20 10:30", "2026-03-16 06:00") == spans(checks["azure-production-principal"].exceptions)[0]
    assert ("2026-04-01 06:00", "2026-05-05 06:00") == spans(checks["azure-production-principal"].exceptions)[-1]


def test_nothing_else_of_the_tenant_is_called_an_exception(checks: dict[str, CheckResult]) -> None:
    told = {
        *("entra-conditional-access-exclusions", "entra-service-account-exemption", "entra-mfa-coverage"),
        *("entra-legacy-authentication", "entra-device-code-flow", "entra-report-only-policy"),
        *("entra-credential-age", "entra-application-rotation", "entra-application-secret"),
        *("entra-guest-inactive", "entra-guest-review", "entra-standing-privilege", "entra-activation-requirements"),
        *("entra-log-retention", "entra-log-weakened", "azure-log-retention", "azure-log-weakened"),
        "azure-production-principal",
    }
    found = {name for name, check in checks.items() if name.startswith(("entra-", "azure-")) and check.exceptions}

    assert told == found
    assert [] == [
        name
        for name in checks
        if name.startswith(("entra-", "azure-")) and not checks[name].commitments and name not in ANYHOW
    ]


ANYHOW = {
    "entra-account-owner",
    "entra-approver",
    "entra-event-loss",
    "azure-event-loss",
    "entra-log-setting-removed",
    "azure-log-setting-removed",
    "entra-emergency-account-use",
}
"""What is asked whatever the policy says."""


def table(shown: Demonstration, name: str) -> list[dict[str, str]]:
    """Rows of a table of the package."""
    lines = (Path(shown.package.path) / name).read_text().splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def test_the_stories_of_the_tenant_stand_in_the_package(shown: Demonstration) -> None:
    rows = table(shown, "exceptions.csv")

    (legacy,) = [row for row in rows if row["check"] == "entra-legacy-authentication"]
    assert ("2026-05-15T18:20:00Z", "2026-05-17T20:05:00Z", "CA-02") == (
        legacy["start"],
        legacy["end"],
        legacy["controls"],
    )
    assert "became disabled by ada@" in legacy["cause"]
    assert legacy["first_record"]
    assert {"AuditLogs"} <= {row["label"] for row in rows if row["check"] == "entra-log-retention"}
    # Who is exempt, by which group and since when, is in no exception but in the register.
    exempt = [row for row in table(shown, "registers/conditional-access.csv") if row["state"] == "exempt"]
    (lena,) = [row for row in exempt if row["name"].startswith("lena") and row["requirement"] == "mfa"]
    assert (
        "exempt through group MFA exclusions in policy CA01 Require MFA for all users since 2026-04-07 06:00"
        == lena["because"]
    )
    assert ("2026-04-08T06:00:00Z", "2026-06-10T06:00:00Z") == (lena["held_from"], lena["held_to"])


def test_lists_over_both_clouds(shown: Demonstration) -> None:
    rotation = {row["name"]: row for row in table(shown, "registers/last-rotation.csv")}
    guests = {row["name"].partition("_")[0]: row["review_in_period"] for row in table(shown, "registers/guests.csv")}
    activations = table(shown, "registers/activations.csv")
    privileges = {row["scope"].partition(":")[0] for row in table(shown, "registers/privileged-access.csv")}

    assert "2026-05-27T08:00:00Z" == rotation["invoice-export"]["last_rotated"]  # Entra
    assert "2026-08-14T07:00:00Z" == rotation["backup"]["last_rotated"]  # AWS
    assert {"petra": "no", "tomas": "yes", "olu": "yes", "wim": "yes"} == guests
    assert 35 == len(activations)
    assert {"audit log"} == {row["known_from"] for row in activations}
    assert {"Planned change OPS-200", "Password resets"} <= {row["justification"] for row in activations}
    assert {"aws", "organization", "entra", "azure"} == privileges


def test_the_forecast_names_what_ends_and_when(shown: Demonstration) -> None:
    """As of the morning after the year."""
    with judged(Workspace.open(Path(shown.workspace)), lambda: at("2026-10-01T08:00")) as judgement:
        ahead = forecast(judgement, timedelta(days=120)).forecasts
    told = {one.check: one for one in ahead if "status-page" in one.label}
    guests = [one for one in ahead if one.check == "entra-guest-inactive"]

    # Fourteen days before its end a successor must be there.
    assert "secret expires on 2027-01-17 08:00:00 and has no successor" == told["entra-credential-expiry"].what
    assert at("2027-01-03T08:00") == told["entra-credential-expiry"].at
    assert {"olu", "wim"} == {one.label.partition("_")[0] for one in guests}
    assert all(f"guest becomes inactive on {one.at:%Y-%m-%d %H:%M:%S}: last signed in" in one.what for one in guests)


def test_somebody_signed_in_as_root(checks: dict[str, CheckResult]) -> None:
    (one,) = checks["aws-root-use"].exceptions

    assert [("2026-02-07 21:13", "2026-02-08 21:13")] == spans([one])
    assert "signed in as root with the password at 2026-02-07 21:13:00" == one.cause


def test_the_smaller_stories(checks: dict[str, CheckResult]) -> None:
    assert [("2026-01-12 09:00", "2026-01-15 16:20")] == spans(checks["aws-console-mfa"].exceptions, "elif")
    assert [("2026-05-20 11:00", "2026-06-30 11:00")] == spans(checks["aws-credential-never-used"].exceptions, "farid")
    assert [("2026-05-11 15:00", "2026-05-20 15:00")] == spans(checks["aws-user-direct-policy"].exceptions, "grace")
    assert [("2026-07-21 19:00", "2026-07-23 08:30")] == spans(checks["aws-cloudtrail-coverage"].exceptions)
    assert [("2026-05-04 07:00", "2026-05-14 07:30")] == spans(checks["aws-access-key-overlap"].exceptions, "backup")


def test_who_reaches_the_account_through_identity_center(shown: Demonstration, checks: dict[str, CheckResult]) -> None:
    (one,) = checks["organization-account-administrator"].exceptions
    population = (Path(shown.package.path) / "populations/organization-account-administrator.csv").read_text()

    assert "grace with Emergency in account 111122223333, group emergency" == one.label
    assert [("2026-05-30 06:00", "2026-06-07 06:00")] == spans([one])
    assert "chidi with Readers in account 111122223333, group staff" in population
    assert [("2026-07-01 06:00", "2026-07-09 06:00")] == spans(checks["organization-direct-assignment"].exceptions)
    assert [("2026-08-03 06:00", "2026-08-06 06:00")] == spans(checks["organization-permission-set-session"].exceptions)
    assert [] == checks["organization-permission-set-admin"].exceptions


def test_guardrails_of_the_organization(checks: dict[str, CheckResult]) -> None:
    # Until the snapshot after it was back, from the one before it was gone: the less favourable bounds.
    for name in ("leaving", "mfa", "root", "trails"):
        off = spans(checks[f"organization-scp-{name}"].exceptions, "harbourlight")
        assert [("2026-02-10 06:00", "2026-02-25 06:00")] == off, name
    reach = checks["organization-policy-reach"].exceptions
    assert {
        "guardrail": [("2026-02-10 06:00", "2026-02-25 06:00")],
        "regions": [("2026-05-05 06:00", "2026-05-13 06:00")],
    } == {name: spans(reach, name) for name in ("guardrail", "regions")}
    assert [("2026-04-14 11:00", "still")] == spans(checks["organization-delegated-administrator"].exceptions)
    assert [("2025-10-01 00:00", "2025-11-04 06:00")] == spans(checks["organization-central-root"].exceptions)
    unwatched = checks["organization-account-watch"].exceptions
    assert {"account master (100020003000)", "account experiments (444433332222)"} == {one.label for one in unwatched}


def test_the_log_and_its_bucket(checks: dict[str, CheckResult]) -> None:
    found = {
        name: spans(checks[f"aws-{name}"].exceptions)
        for name in ("trail-encryption", "log-bucket-guarded", "sensitive-bucket-events", "trail-delivery")
    }

    assert {
        "trail-encryption": [("2025-10-01 00:00", "2026-01-12 10:00")],
        "log-bucket-guarded": [("2025-10-01 00:00", "2025-12-02 06:00")],
        # The second time the trail is stopped.
        "sensitive-bucket-events": [("2026-05-18 11:00", "2026-05-25 11:00"), ("2026-07-21 19:00", "2026-07-23 08:30")],
        "trail-delivery": [("2026-08-09 06:00", "2026-08-12 06:00")],
    } == found
    assert [] == checks["aws-log-retention"].exceptions


def test_what_nobody_looked_at_or_owned(checks: dict[str, CheckResult]) -> None:
    (open_,) = checks["aws-analyzer-finding"].exceptions
    (unused,) = checks["aws-role-unused"].exceptions
    (owned,) = checks["aws-service-account-owner"].exceptions

    assert "external access of arn:aws:s3:::harbourlight-releases" == open_.label
    assert [("2026-01-08 09:00", "2026-02-03 06:00")] == spans([open_])
    assert ("organization-administrator", [("2026-04-20 10:00", "still")]) == (unused.label, spans([unused]))
    # Dana's last day, in Berlin.
    assert ("user backup", [("2026-06-12 22:00", "still")]) == (owned.label, spans([owned]))
    assert [] == checks["aws-analyzer-enabled"].exceptions


def test_nothing_else_is_called_an_exception(checks: dict[str, CheckResult]) -> None:
    quiet = {"aws-root-access-keys", "aws-root-mfa", "aws-password-policy", "key-age-report-cadence"}
    people = ("vendor-acme-migration", "dana", "elif", "farid", "grace", "backup", "nils")

    for name in quiet - {"key-age-report-cadence"}:
        assert [] == checks[name].exceptions, name
        assert Conclusion.INSUFFICIENT == checks[name].conclusion  # March
    for name in ("aws-access-key-rotation", "aws-access-key-unused", "aws-user-inactive", "aws-user-direct-policy"):
        others = [one.label for one in checks[name].exceptions if not any(person in one.label for person in people)]
        assert [] == others, name


def test_every_exception_points_to_its_evidence(checks: dict[str, CheckResult]) -> None:
    for check in checks.values():
        for one in check.exceptions:
            assert one.first_evidence is not None, one
            assert one.last_evidence is not None, one
            assert one.cause


def test_the_package_verifies_and_a_changed_bit_is_named(shown: Demonstration) -> None:
    assert shown.verified.intact
    assert shown.flipped.file == shown.flipped.named or shown.flipped.named in shown.flipped.file
    assert shown.flipped.intact_again


def test_the_auditor_verifies_without_us(shown: Demonstration) -> None:
    package = Path(shown.package.path)
    trust = Path(shown.workspace) / "trust"
    told = subprocess.run(
        ["sh", package / "verify.sh", "--trust", trust, package], capture_output=True, text=True, check=False
    )

    assert 0 == told.returncode, told.stdout + told.stderr


def test_every_output_says_that_it_is_demo_data(shown: Demonstration) -> None:
    package = Path(shown.package.path)

    for name in ("README.txt", "report.html", *(path.name for path in package.glob("*.csv"))):
        assert "DEMO DATA" in (package / name).read_text(), name
    for path in (package / "populations").glob("*.csv"):
        assert "DEMO DATA" in path.read_text(), path.name
    assert json.loads((package / "period.json").read_text())["provenance"]["demo"] is True


def test_a_late_review_and_a_revocation_that_was_not_done(checks: dict[str, CheckResult]) -> None:
    late = spans(checks["access-review-cadence"].exceptions)
    undone = checks["aws-review-actions"].exceptions

    assert [("2026-04-03 15:30", "2026-04-20 11:10")] == late
    assert [("2025-12-25 09:06", "2026-03-01 06:00"), ("2026-04-01 06:00", "still")] == spans(undone)
    assert {"revoke vendor-acme-migration"} == {one.label for one in undone}


def test_changes_are_traced_to_tickets_and_those_without_one_come_first(
    shown: Demonstration, checks: dict[str, CheckResult]
) -> None:
    # The night's emergency ticket should have been approved by 23:40 the next day, and was two days later.
    late = [("2025-11-15 23:40", "2025-11-17 23:30")]
    assert late == spans(checks["aws-change-approval"].exceptions, "incident-hotfix")
    assert late == spans(checks["aws-change-approval"].exceptions, "AttachRolePolicy deployment")
    # Nothing asks for what was done by hand; the pipeline's run in January has its pull request.
    assert [("2026-06-24 18:10", "still")] == spans(
        checks["aws-change-ticket"].exceptions, "DetachRolePolicy deployment"
    )
    assert [] == spans(checks["aws-change-ticket"].exceptions, "AttachRolePolicy deployment")
    assert [("2026-04-08 17:30", "2026-04-09 17:30")] == spans(checks["tickets-self-merge"].exceptions, "#44")
    assert [("2026-04-01 11:00", "still")] == spans(checks["tickets-approved-unused"].exceptions, "HL-140")
    assert [("2026-05-11 15:00", "still")] == spans(checks["aws-grant-approval"].exceptions, "grace")

    with (Path(shown.package.path) / "registers" / "change-tickets.csv").open(newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    assert "unlinked" == rows[0]["class"]
    pipeline = next(row for row in rows if row["actor"].startswith("repo:harbourlight/infrastructure"))
    told = ("planned", "harbourlight/infrastructure#41", "traced", "emre", "bjorn", "chidi")
    names = ("class", "ticket", "strength", "requester", "approvers", "implementer")
    assert told == tuple(pipeline[name] for name in names)
