"""What periods come to, from real snapshots of small accounts."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from observant.checks.registry import CHECKS
from observant.collect.aws import AwsSession, collect_account
from observant.errors import UsageError
from observant.evidence.snapshot import Snapshot
from observant.model.control import Control
from observant.model.interval import Interval, length
from observant.model.period import Period
from observant.model.verdict import Conclusion, Verdict
from observant.period.assess import assess
from observant.period.conclusion import ControlResult, PeriodResult, Provenance
from observant_clouds.aws import cloud
from worlds.aws import best, worst
from worlds.workbench import Workbench, later, policy, without

START = datetime(2025, 6, 2, 6, tzinfo=UTC)
DAY = timedelta(days=1)
JUNE = Period(date(2025, 6, 3), date(2025, 6, 9))


@pytest.fixture(scope="module")
def good() -> Snapshot:
    with cloud(start=START) as aws:
        best(aws.account())
        return collect_account(AwsSession(aws.session()), aws.now)


@pytest.fixture(scope="module")
def bad() -> Snapshot:
    with cloud(start=START) as aws:
        worst(aws.account())
        return collect_account(AwsSession(aws.session()), aws.now)


def control(*checks: str, occurrences: tuple[str, ...] = ()) -> Control:
    return Control("AC-1", "t", "s", "o", ["CC6.1"], list(checks), list(occurrences))


def judged(folder: Path, taken: list[Snapshot], one: Control, period: Period = JUNE, **changed: None) -> PeriodResult:
    bench = Workbench(folder, START - DAY)
    for snapshot in taken:
        bench.record(snapshot)
    evaluation = bench.evaluate(policy(date(2025, 1, 1), **changed))
    provenance = Provenance("o", bench.log.size, bench.log.root.hex(), "t", evaluation.as_of, demo=False)
    return assess(evaluation, [one], period, provenance)


def the_control(result: PeriodResult) -> ControlResult:
    (only,) = result.controls
    return only


def week(snapshot: Snapshot, *missing: int) -> list[Snapshot]:
    return [later(snapshot, DAY * day) for day in range(9) if day not in missing]


def test_a_good_week(good: Snapshot, tmp_path: Path) -> None:
    found = the_control(judged(tmp_path, week(good), control("aws-root-mfa", occurrences=("snapshot_cadence",))))

    assert Conclusion.EFFECTIVE == found.conclusion
    assert [(JUNE.interval, Verdict.PASS)] == found.timeline
    assert (7, []) == (found.days_covered, found.days_missing)
    assert (7, []) == (found.occurrences_required, found.occurrences_missing)
    assert 7 * DAY == found.checks[0].member_time["pass"]


def test_what_was_never_read_is_not_called_effective(good: Snapshot, tmp_path: Path) -> None:
    result = judged(tmp_path, week(good), control("entra-legacy-authentication"))
    found = the_control(result)

    assert Conclusion.INSUFFICIENT == found.conclusion
    assert "nothing of source entra was ever read" in found.why


def test_a_cloud_that_is_not_there_is_named_and_does_not_count(good: Snapshot, tmp_path: Path) -> None:
    found = the_control(judged(tmp_path, week(good), control("aws-root-mfa", "entra-legacy-authentication")))

    assert Conclusion.EFFECTIVE == found.conclusion
    assert found.why.endswith("not judged, as their source was never read: entra-legacy-authentication")


def test_a_missing_day_is_insufficient_and_listed_once(good: Snapshot, tmp_path: Path) -> None:
    found = the_control(judged(tmp_path, week(good, 4), control("aws-console-mfa", occurrences=("snapshot_cadence",))))

    assert Conclusion.INSUFFICIENT == found.conclusion
    (gap,) = found.checks[0].gaps
    assert (START + 3 * DAY).date() == gap.start.date()
    assert (START + 5 * DAY, "iam.credential_report was not read") == (gap.end, gap.reason)
    assert [date(2025, 6, 6)] == found.days_missing
    assert ["nothing was attempted"] == [one.reason for one in found.occurrences_missing]


def test_a_failure_outweighs_a_gap_and_hides_none(good: Snapshot, bad: Snapshot, tmp_path: Path) -> None:
    taken = [*week(good, 4, 7, 8), *(later(bad, DAY * day) for day in (7, 8))]
    found = the_control(judged(tmp_path, taken, control("aws-root-mfa"))).checks[0]

    assert Conclusion.EXCEPTIONS == found.conclusion
    assert "unknown in one stretch of time" in found.why
    # The less favourable bound: it may have begun right after the last good snapshot.
    assert [(START + 6 * DAY, None)] == [(one.start, one.end) for one in found.exceptions]
    assert 1 == len(found.gaps)
    spans = {verdict: length([one for one, each in found.timeline if each == verdict]) for verdict in Verdict}
    assert JUNE.interval.length == sum(spans.values(), timedelta())


def test_a_period_before_the_first_snapshot_is_unknown(good: Snapshot, tmp_path: Path) -> None:
    period = Period(date(2025, 5, 1), date(2025, 6, 9))
    found = the_control(judged(tmp_path, week(good), control("aws-root-mfa"), period)).checks[0]

    (gap,) = found.gaps
    assert Interval(period.interval.start, START) == (gap.start, gap.end)
    assert Conclusion.INSUFFICIENT == found.conclusion


def test_a_check_without_its_promise_is_not_designed(good: Snapshot, tmp_path: Path) -> None:
    result = judged(tmp_path, week(good), control("aws-access-key-rotation"), access_key_max_age=None)
    found = the_control(result)

    assert Conclusion.NOT_DESIGNED == found.conclusion
    assert ["nothing documented: no commitment access_key_max_age is in force"] == [
        one.reason for one in found.checks[0].gaps
    ]


def test_a_control_without_checks_is_not_designed(good: Snapshot, tmp_path: Path) -> None:
    assert Conclusion.NOT_DESIGNED == the_control(judged(tmp_path, week(good), control())).conclusion


def test_nothing_collected_at_all_is_insufficient(tmp_path: Path) -> None:
    bench = Workbench(tmp_path, START)
    evaluation = bench.evaluate(policy(date(2025, 1, 1)), START + 30 * DAY)
    provenance = Provenance("o", 1, "", "t", evaluation.as_of, demo=False)

    found = the_control(assess(evaluation, [control(*CHECKS)], JUNE, provenance))

    assert Conclusion.INSUFFICIENT == found.conclusion
    assert [(JUNE.interval, Verdict.UNKNOWN)] == found.timeline


def test_a_refused_reading_names_the_refusal(good: Snapshot, tmp_path: Path) -> None:
    taken = week(good)
    taken[4] = without(taken[4], ["iam.credential_report"])
    one = control("aws-console-mfa", "aws-root-mfa", occurrences=("snapshot_cadence",))
    found = the_control(judged(tmp_path, taken, one))

    mfa, root = found.checks
    assert ["iam.credential_report could not be read: denied (AccessDenied: not authorized)"] == [
        one.reason for one in mfa.gaps
    ]
    assert Conclusion.EFFECTIVE == root.conclusion
    assert ["iam.credential_report: denied (AccessDenied: not authorized)"] == [
        one.reason for one in found.occurrences_missing
    ]


def test_a_running_period_is_judged_as_far_as_it_has_passed(good: Snapshot, tmp_path: Path) -> None:
    period = Period(date(2025, 6, 3), date(2025, 12, 31))
    result = judged(tmp_path, week(good), control("aws-root-mfa"), period)

    assert START + 8 * DAY < result.through < START + 9 * DAY
    assert Conclusion.EFFECTIVE == the_control(result).conclusion


def test_a_period_that_has_not_begun_is_refused(good: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has not begun"):
        judged(tmp_path, week(good), control("aws-root-mfa"), Period(date(2026, 1, 1), date(2026, 2, 1)))
