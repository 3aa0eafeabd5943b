"""Laws over all checks: they hold for a check the moment it exists, without a test of its own."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observant.checks.coverage import EVIDENCE_TABLES
from observant.checks.registry import CHECKS, collections_of
from observant.collect.aws import AwsSession, collect_account
from observant.evidence.snapshot import Snapshot
from observant.model.commitment import KINDS
from observant.model.interval import Interval
from observant.model.verdict import Verdict
from observant.period.evaluate import Evaluation
from observant_clouds.aws import Account, cloud
from worlds.aws import best, mixed, worst
from worlds.workbench import Workbench, later, policy, without

START = datetime(2025, 6, 2, 6, tzinfo=UTC)
NEEDED = sorted({name for check in CHECKS.values() for name in collections_of(check)})


def read(build: Callable[[Account], None]) -> Snapshot:
    with cloud(start=START) as aws:
        build(aws.account())
        return collect_account(AwsSession(aws.session()), aws.now)


@pytest.fixture(scope="module")
def snapshots() -> dict[str, Snapshot]:
    return {build.__name__: read(build) for build in (best, worst, mixed)}


def judged(folder: Path, *taken: Snapshot, as_of: datetime | None = None) -> Evaluation:
    bench = Workbench(folder, START)
    for one in taken:
        bench.record(one)
    return bench.evaluate(policy(date(2025, 6, 1)), as_of)


def verdicts(evaluation: Evaluation, check: str, within: Interval | None = None) -> set[Verdict]:
    span = within or Interval(START, evaluation.as_of)
    return {one.verdict for one in evaluation.standing(span, set(Verdict), check)}


@pytest.fixture(scope="module")
def best_year(snapshots: dict[str, Snapshot], tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    day = snapshots["best"]
    return judged(tmp_path_factory.mktemp("best"), day, later(day, timedelta(days=1)))


@pytest.fixture(scope="module")
def worst_year(snapshots: dict[str, Snapshot], tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    day = snapshots["worst"]
    return judged(tmp_path_factory.mktemp("worst"), day, later(day, timedelta(days=40)))


@pytest.fixture(scope="module")
def blind_year(snapshots: dict[str, Snapshot], tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    day = without(snapshots["best"], [one.name for one in snapshots["best"].collections])
    return judged(tmp_path_factory.mktemp("blind"), day, later(day, timedelta(days=1)))


@pytest.mark.parametrize("check", CHECKS)
def test_the_best_estate_passes(best_year: Evaluation, check: str) -> None:
    found = verdicts(best_year, check)

    assert Verdict.PASS in found
    assert found <= {Verdict.PASS, Verdict.NOT_APPLICABLE}


@pytest.mark.parametrize("check", CHECKS)
def test_the_worst_estate_fails(worst_year: Evaluation, check: str) -> None:
    assert Verdict.FAIL in verdicts(worst_year, check)


@pytest.mark.parametrize("check", CHECKS)
def test_a_blind_estate_is_unknown(blind_year: Evaluation, check: str) -> None:
    assert {Verdict.UNKNOWN} == verdicts(blind_year, check)


@pytest.mark.parametrize("hidden", NEEDED)
def test_half_read_never_passes(snapshots: dict[str, Snapshot], tmp_path: Path, hidden: str) -> None:
    evaluation = judged(tmp_path, without(snapshots["best"], [hidden]))

    concerned = [name for name, check in CHECKS.items() if hidden in collections_of(check)]
    assert concerned
    for name in [*concerned, "evidence-cadence"]:
        assert {Verdict.UNKNOWN} == verdicts(evaluation, name), name


@pytest.mark.parametrize("hidden", NEEDED)
def test_a_gap_touches_only_what_depends_on_it(
    snapshots: dict[str, Snapshot], best_year: Evaluation, tmp_path: Path, hidden: str
) -> None:
    evaluation = judged(tmp_path, without(snapshots["best"], [hidden]))

    for name, check in CHECKS.items():
        if hidden not in collections_of(check) and check.judges not in EVIDENCE_TABLES:
            assert verdicts(best_year, name) == verdicts(evaluation, name), name


def answers(evaluation: Evaluation) -> dict[tuple[str, str, str], Verdict]:
    return {(one.check, one.scope, one.member): one.verdict for one in evaluation.now() if one.member}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hidden=st.sets(st.sampled_from(NEEDED)), shown=st.data())
def test_reading_more_only_resolves_unknowns(
    snapshots: dict[str, Snapshot], tmp_path_factory: pytest.TempPathFactory, hidden: set[str], shown: st.DataObject
) -> None:
    still_hidden = shown.draw(st.sets(st.sampled_from(sorted(hidden))) if hidden else st.just(set[str]()))
    less = answers(judged(tmp_path_factory.mktemp("less"), without(snapshots["mixed"], hidden)))
    more = answers(judged(tmp_path_factory.mktemp("more"), without(snapshots["mixed"], still_hidden)))

    for member, verdict in less.items():
        if verdict != Verdict.UNKNOWN:
            assert verdict == more[member], member


REQUIRED = {name: [each for each in check.commitments if not KINDS[each].optional] for name, check in CHECKS.items()}


@pytest.mark.parametrize("check", [name for name, required in REQUIRED.items() if required])
def test_what_was_not_promised_is_unknown(snapshots: dict[str, Snapshot], tmp_path: Path, check: str) -> None:
    bench = Workbench(tmp_path, START)
    bench.record(snapshots["mixed"])

    found = verdicts(bench.evaluate(policy(date(2025, 6, 1), **dict.fromkeys(REQUIRED[check]))), check)

    assert Verdict.UNKNOWN in found
    assert found <= {Verdict.UNKNOWN, Verdict.NOT_APPLICABLE}
