"""The fictional company's year, from the test cloud through the real collectors to the auditor's package.

One run serves all tests. Every story that the year tells must be found, dated and explained, and nothing else may be
called an exception.
"""

import json
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from observant.app.demo import Demonstration, demonstrate
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
    # To the minute where the provider knows it; the removal was seen by the next snapshot.
    assert [("2025-11-14 23:40", "2025-11-18 06:00")] == spans([one])


def test_the_vendors_key_six_months_on(checks: dict[str, CheckResult]) -> None:
    rotation = spans(checks["aws-access-key-rotation"].exceptions, "vendor-acme-migration")
    unused = spans(checks["aws-access-key-unused"].exceptions, "vendor-acme-migration")

    # March is unknown, so each is two stretches.
    assert [("2026-01-18 10:00", "2026-03-01 06:00"), ("2026-04-01 06:00", "2026-05-05 06:00")] == rotation
    assert [("2026-01-13 03:00", "2026-03-01 06:00"), ("2026-04-01 06:00", "2026-05-05 06:00")] == unused


def test_the_engineer_who_left(checks: dict[str, CheckResult]) -> None:
    assert [("2026-09-09 16:48", "still")] == spans(checks["aws-user-inactive"].exceptions, "dana")
    assert [("2026-07-26 10:00", "still")] == spans(checks["aws-access-key-unused"].exceptions, "dana")


def test_leavers_and_joiners_against_the_list_of_people(checks: dict[str, CheckResult]) -> None:
    leavers, early = checks["people-leaver-aws"].exceptions, checks["people-early-aws"].exceptions

    # Her last day is Friday 12 June; the next working day is over on Monday at midnight in Berlin.
    assert [("2026-06-15 22:00", "still")] == spans(leavers, "Dana")
    # He was to start on 4 May, is off the list from 11 May, a Monday, and his user is removed at the end of June.
    assert [("2026-04-20 11:00", "2026-05-03 22:00")] == spans(early, "Farid")
    assert [("2026-05-11 22:00", "2026-07-01 06:00")] == spans(leavers, "Farid")
    assert [] == checks["aws-account-owner"].exceptions


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
        if name.startswith("aws-"):
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


def test_somebody_signed_in_as_root(checks: dict[str, CheckResult]) -> None:
    (one,) = checks["aws-root-use"].exceptions

    assert [("2026-02-07 21:13", "2026-02-08 21:13")] == spans([one])
    assert "signed in as root with the password at 2026-02-07 21:13:00" == one.cause


def test_the_smaller_stories(checks: dict[str, CheckResult]) -> None:
    assert [("2026-01-12 09:00", "2026-01-16 06:00")] == spans(checks["aws-console-mfa"].exceptions, "elif")
    assert [("2026-05-20 11:00", "2026-07-01 06:00")] == spans(checks["aws-credential-never-used"].exceptions, "farid")
    assert [("2026-05-11 06:00", "2026-05-21 06:00")] == spans(checks["aws-user-direct-policy"].exceptions, "grace")
    assert [("2026-07-21 06:00", "2026-07-24 06:00")] == spans(checks["aws-cloudtrail-coverage"].exceptions)
    assert [("2026-05-04 07:00", "2026-05-15 06:00")] == spans(checks["aws-access-key-overlap"].exceptions, "backup")


def test_nothing_else_is_called_an_exception(checks: dict[str, CheckResult]) -> None:
    quiet = {"aws-root-access-keys", "aws-root-mfa", "aws-password-policy", "key-age-report-cadence"}
    people = ("vendor-acme-migration", "dana", "elif", "farid", "grace", "backup")

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
    assert [("2025-12-25 09:05", "2026-03-01 06:00"), ("2026-04-01 06:00", "still")] == spans(undone)
    assert {"revoke vendor-acme-migration"} == {one.label for one in undone}
