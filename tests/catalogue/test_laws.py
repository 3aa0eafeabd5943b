"""Laws over all checks: they hold for a check the moment it exists, without a test of its own."""

import os
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from observant.checks.coverage import EVIDENCE_TABLES
from observant.checks.registry import CHECKS, SOURCE_OF, collections_of
from observant.evidence.snapshot import Snapshot
from observant.model.interval import Interval
from observant.model.kinds import KINDS
from observant.model.verdict import Verdict
from observant.period.evaluate import Evaluation, naive
from worlds.estates import START, Read, best, mixed, worst
from worlds.reviews import revoked
from worlds.workbench import Workbench, heard_later, later, policy, without

Day = list[Read]
"""One snapshot of every scope, and what logs tell."""

NEEDED = sorted({name for check in CHECKS.values() for name in collections_of(check)})


def apart(names: list[str]) -> list[list[str]]:
    """The collections in groups of which no check reads two: hidden together, each check still misses one alone."""
    together = [frozenset(collections_of(check)) for check in CHECKS.values()]
    groups: list[list[str]] = []
    for name in names:
        others = {other for one in together if name in one for other in one}
        group = next((each for each in groups if not others & set(each)), None)
        if group is None:
            groups.append([name])
        else:
            group.append(name)
    return groups


class Days(dict[str, Day]):
    """Estate -> its day."""

    def __repr__(self) -> str:
        return "the estates"  # Hypothesis prints arguments, and all of this is megabytes


def hiding(day: Day, hidden: Iterable[str]) -> Day:
    names = set(hidden)
    return [without(one, names) if isinstance(one, Snapshot) else one for one in day]


def after(day: Day, span: timedelta) -> Day:
    return [later(one, span) if isinstance(one, Snapshot) else heard_later(one, span) for one in day]


def snapshots(day: Day) -> list[Snapshot]:
    return [one for one in day if isinstance(one, Snapshot)]


@pytest.fixture(scope="module")
def days() -> Days:
    return Days({estate.__name__: estate() for estate in (best, worst, mixed)})


def judged(folder: Path, *days: Day, as_of: datetime | None = None) -> Evaluation:
    bench = Workbench(folder, START)
    for day in days:
        bench.record(*day)
        if day is days[0]:
            bench.log.append([revoked(snapshots(day), bench.now)])
    return bench.evaluate(policy(date(2025, 6, 1)), as_of)


Found = dict[str, set[Verdict]]
"""Check -> every verdict that any of its members has at any time since the first snapshot."""


def verdicts(evaluation: Evaluation) -> Found:
    rows = evaluation.query(
        "SELECT check_id, list(DISTINCT verdict) FROM verdict WHERE valid_from < ? AND valid_to > ? GROUP BY check_id",
        [naive(evaluation.as_of), naive(START)],
    )
    return {check: set() for check in CHECKS} | {check: {Verdict(one) for one in found} for check, found in rows}


@pytest.fixture(scope="module")
def best_year(days: dict[str, Day], tmp_path_factory: pytest.TempPathFactory) -> Found:
    day = days["best"]
    return verdicts(judged(tmp_path_factory.mktemp("best"), day, after(day, timedelta(days=1))))


@pytest.fixture(scope="module")
def worst_year(days: dict[str, Day], tmp_path_factory: pytest.TempPathFactory) -> Found:
    """Bad for 40 days, then good for a day, then bad again: some checks are about the change for the worse."""
    bad, good = days["worst"], days["best"]
    later_days = [after(one, timedelta(days=at)) for one, at in ((bad, 40), (good, 41), (bad, 42))]
    return verdicts(judged(tmp_path_factory.mktemp("worst"), bad, *later_days))


@pytest.fixture(scope="module")
def blind_year(days: dict[str, Day], tmp_path_factory: pytest.TempPathFactory) -> Found:
    read = snapshots(days["best"])
    day = hiding([*read], [each.name for one in read for each in one.collections])
    return verdicts(judged(tmp_path_factory.mktemp("blind"), day, after(day, timedelta(days=1))))


@pytest.mark.parametrize("check", CHECKS)
def test_the_best_estate_passes(best_year: Found, check: str) -> None:
    assert Verdict.PASS in best_year[check]
    assert best_year[check] <= {Verdict.PASS, Verdict.NOT_APPLICABLE}


@pytest.mark.parametrize("check", CHECKS)
def test_the_worst_estate_fails(worst_year: Found, check: str) -> None:
    assert Verdict.FAIL in worst_year[check]


@pytest.mark.parametrize("check", CHECKS)
def test_a_blind_estate_is_unknown(blind_year: Found, check: str) -> None:
    assert {Verdict.UNKNOWN} == blind_year[check]


@pytest.mark.parametrize("hidden", apart(NEEDED), ids=" ".join)
def test_half_read_never_passes_and_touches_only_what_depends_on_it(
    days: dict[str, Day], best_year: Found, tmp_path: Path, hidden: list[str]
) -> None:
    evaluation = judged(tmp_path, hiding(days["best"], hidden))
    found = verdicts(evaluation)

    concerned = [name for name, check in CHECKS.items() if set(hidden) & set(collections_of(check))]
    assert len(concerned) >= len(hidden)
    for name in concerned:  # whom the question does not concern is known without the hidden part
        assert {Verdict.UNKNOWN} == found[name] - {Verdict.NOT_APPLICABLE}, name
    for name, check in CHECKS.items():
        if name not in concerned and check.judges not in EVIDENCE_TABLES:
            assert best_year[name] == found[name], name
    for one in evaluation.standing(Interval(START, evaluation.as_of), set(Verdict), "evidence-cadence"):
        hides = one.scope.split(":")[0] in {SOURCE_OF[name] for name in hidden}
        assert (one.verdict == Verdict.UNKNOWN) == hides, one.scope


def answers(evaluation: Evaluation) -> dict[tuple[str, str, str], Verdict]:
    return {(one.check, one.scope, one.member): one.verdict for one in evaluation.now() if one.member}


_EXAMPLES = int(os.environ.get("OBSERVANT_LAW_EXAMPLES", "5"))


# An example evaluates two whole estates: shrinking one would take minutes, and what it names is small as it is.
@settings(
    max_examples=_EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(hidden=st.dictionaries(st.sampled_from(NEEDED), st.booleans()))
def test_reading_more_only_resolves_unknowns(
    days: dict[str, Day], tmp_path_factory: pytest.TempPathFactory, hidden: dict[str, bool]
) -> None:
    """`hidden`: collection -> whether it stays hidden when more is read.

    A member whom a check does not concern may be gone once more is read: that is the same answer.
    """
    still_hidden = {name for name, stays in hidden.items() if stays}
    less = answers(judged(tmp_path_factory.mktemp("less"), hiding(days["mixed"], hidden)))
    more = answers(judged(tmp_path_factory.mktemp("more"), hiding(days["mixed"], still_hidden)))

    for member, verdict in less.items():
        if verdict != Verdict.UNKNOWN:
            assert verdict == more.get(member, Verdict.NOT_APPLICABLE), member


_BRIDGES = "snapshot_cadence"
"""Without it no two snapshots belong together, and everything is unknown for that reason alone."""


@pytest.fixture(scope="module", params=[{_BRIDGES}, set(KINDS) - {_BRIDGES}], ids=["no cadence", "nothing else"])
def unpromised(
    request: pytest.FixtureRequest, days: dict[str, Day], tmp_path_factory: pytest.TempPathFactory
) -> tuple[set[str], Found]:
    """Commitments that were never written down, and what is found then."""
    bench = Workbench(tmp_path_factory.mktemp("unpromised"), START)
    bench.record(*days["mixed"])
    bench.log.append([revoked(snapshots(days["mixed"]), bench.now)])
    missing: set[str] = {name for name in request.param if not KINDS[name].optional}
    return missing, verdicts(bench.evaluate(policy(date(2025, 6, 1), **dict.fromkeys(missing))))


def test_what_was_not_promised_is_unknown(unpromised: tuple[set[str], Found]) -> None:
    missing, found = unpromised
    for name, check in CHECKS.items():
        if missing & set(check.commitments):
            assert Verdict.UNKNOWN in found[name], name
            assert found[name] <= {Verdict.UNKNOWN, Verdict.NOT_APPLICABLE}, name
