"""Laws over all checks: they hold for a check the moment it exists, without a test of its own."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observant.checks.coverage import EVIDENCE_TABLES
from observant.checks.registry import CHECKS, SOURCE_OF, collections_of
from observant.evidence.snapshot import Snapshot
from observant.model.interval import Interval
from observant.model.kinds import KINDS
from observant.model.verdict import Verdict
from observant.period.evaluate import Evaluation
from worlds.estates import START, best, mixed, worst
from worlds.reviews import revoked
from worlds.workbench import Workbench, later, policy, without

Day = list[Snapshot]
"""One snapshot of every scope."""

NEEDED = sorted({name for check in CHECKS.values() for name in collections_of(check)})


def hiding(day: Day, hidden: Iterable[str]) -> Day:
    return [without(one, hidden) for one in day]


def after(day: Day, span: timedelta) -> Day:
    return [later(one, span) for one in day]


@pytest.fixture(scope="module")
def days() -> dict[str, Day]:
    return {estate.__name__: estate() for estate in (best, worst, mixed)}


def judged(folder: Path, *days: Day, as_of: datetime | None = None) -> Evaluation:
    bench = Workbench(folder, START)
    for day in days:
        bench.record(*day)
        if day is days[0]:
            bench.log.append([revoked(day, bench.now)])
    return bench.evaluate(policy(date(2025, 6, 1)), as_of)


def verdicts(evaluation: Evaluation, check: str, within: Interval | None = None) -> set[Verdict]:
    span = within or Interval(START, evaluation.as_of)
    return {one.verdict for one in evaluation.standing(span, set(Verdict), check)}


@pytest.fixture(scope="module")
def best_year(days: dict[str, Day], tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    day = days["best"]
    return judged(tmp_path_factory.mktemp("best"), day, after(day, timedelta(days=1)))


@pytest.fixture(scope="module")
def worst_year(days: dict[str, Day], tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """Bad for 40 days, then good for a day, then bad again: some checks are about the change for the worse."""
    bad, good = days["worst"], days["best"]
    later_days = [after(one, timedelta(days=at)) for one, at in ((bad, 40), (good, 41), (bad, 42))]
    return judged(tmp_path_factory.mktemp("worst"), bad, *later_days)


@pytest.fixture(scope="module")
def blind_year(days: dict[str, Day], tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    day = hiding(days["best"], [each.name for one in days["best"] for each in one.collections])
    return judged(tmp_path_factory.mktemp("blind"), day, after(day, timedelta(days=1)))


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
def test_half_read_never_passes(days: dict[str, Day], tmp_path: Path, hidden: str) -> None:
    evaluation = judged(tmp_path, hiding(days["best"], [hidden]))

    concerned = [name for name, check in CHECKS.items() if hidden in collections_of(check)]
    assert concerned
    for name in concerned:  # whom the question does not concern is known without the hidden part
        assert {Verdict.UNKNOWN} == verdicts(evaluation, name) - {Verdict.NOT_APPLICABLE}, name
    cadence = evaluation.standing(Interval(START, evaluation.as_of), set(Verdict), "evidence-cadence")
    for one in cadence:
        hides = one.scope.startswith(f"{SOURCE_OF[hidden]}:")
        assert (one.verdict == Verdict.UNKNOWN) == hides, one.scope


@pytest.mark.parametrize("hidden", NEEDED)
def test_a_gap_touches_only_what_depends_on_it(
    days: dict[str, Day], best_year: Evaluation, tmp_path: Path, hidden: str
) -> None:
    evaluation = judged(tmp_path, hiding(days["best"], [hidden]))

    for name, check in CHECKS.items():
        if hidden not in collections_of(check) and check.judges not in EVIDENCE_TABLES:
            assert verdicts(best_year, name) == verdicts(evaluation, name), name


def answers(evaluation: Evaluation) -> dict[tuple[str, str, str], Verdict]:
    return {(one.check, one.scope, one.member): one.verdict for one in evaluation.now() if one.member}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hidden=st.sets(st.sampled_from(NEEDED)), shown=st.data())
def test_reading_more_only_resolves_unknowns(
    days: dict[str, Day], tmp_path_factory: pytest.TempPathFactory, hidden: set[str], shown: st.DataObject
) -> None:
    still_hidden = shown.draw(st.sets(st.sampled_from(sorted(hidden))) if hidden else st.just(set[str]()))
    less = answers(judged(tmp_path_factory.mktemp("less"), hiding(days["mixed"], hidden)))
    more = answers(judged(tmp_path_factory.mktemp("more"), hiding(days["mixed"], still_hidden)))

    for member, verdict in less.items():
        if verdict != Verdict.UNKNOWN:
            assert verdict == more[member], member


REQUIRED = {name: [each for each in check.commitments if not KINDS[each].optional] for name, check in CHECKS.items()}


@pytest.mark.parametrize("check", [name for name, required in REQUIRED.items() if required])
def test_what_was_not_promised_is_unknown(days: dict[str, Day], tmp_path: Path, check: str) -> None:
    bench = Workbench(tmp_path, START)
    bench.record(*days["mixed"])
    bench.log.append([revoked(days["mixed"], bench.now)])

    found = verdicts(bench.evaluate(policy(date(2025, 6, 1), **dict.fromkeys(REQUIRED[check]))), check)

    assert Verdict.UNKNOWN in found
    assert found <= {Verdict.UNKNOWN, Verdict.NOT_APPLICABLE}
