"""Kept verdict intervals are used exactly as long as they are what a new run would give."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from observant.checks import stored
from observant.collect.aws import AwsSession, collect_account
from observant.evidence.snapshot import Snapshot
from observant.inventory.projection import Inventory
from observant.model.interval import Interval
from observant.model.time import BEGINNING, FOREVER
from observant.model.verdict import Verdict
from observant.period.evaluate import Evaluation, Standing
from observant_clouds.aws import cloud
from worlds.aws import mixed
from worlds.workbench import Workbench, later, policy

START = datetime(2025, 6, 2, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
PROMISED = policy(date(2025, 1, 1))


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    with cloud(start=START) as aws:
        mixed(aws.account())
        return collect_account(AwsSession(aws.session()), aws.now)


@pytest.fixture
def bench(tmp_path: Path, snapshot: Snapshot) -> Workbench:
    made = Workbench(tmp_path, START - HOUR)
    made.record(snapshot)
    return made


def everything(evaluation: Evaluation) -> list[Standing]:
    return evaluation.standing(Interval(BEGINNING, FOREVER), set(Verdict))


def test_nothing_changed(bench: Workbench, tmp_path: Path) -> None:
    path = tmp_path / "inventory.duckdb"
    inventory = Inventory.open(path)
    first = bench.evaluate(PROMISED, START + HOUR, inventory)
    verdicts = everything(first)
    inventory.close()
    inventory = Inventory.open(path)
    again = bench.evaluate(PROMISED, START + 2 * HOUR, inventory)

    assert (True, False) == (first.afresh, again.afresh)
    assert verdicts == everything(again)
    assert everything(bench.evaluate(PROMISED, START + 2 * HOUR)) == everything(again)
    inventory.close()


def test_what_needs_more_than_its_measure_gets_it(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = everything(bench.evaluate(PROMISED, START + HOUR))
    asked: list[bool] = []

    def noted(*given: object, measured: bool) -> bool:
        asked.append(measured)
        return evaluated(*given, measured=measured)

    evaluated: Callable[..., bool] = stored._bring_up
    monkeypatch.setattr(stored, "_bring_up", noted)
    monkeypatch.setattr(stored, "_size", lambda _: 0)
    monkeypatch.setattr(stored, "_WORKING_MEMORY", 1 << 20)

    assert expected == everything(bench.evaluate(PROMISED, START + HOUR))
    assert [True, False] == asked


@pytest.mark.parametrize("hours", [29, 30, 31, 24 * 40])
def test_at_every_moment_the_kept_are_the_fresh(bench: Workbench, hours: int) -> None:
    inventory = Inventory.open(None)
    bench.evaluate(PROMISED, START + HOUR, inventory)
    moment = START + hours * HOUR

    kept, fresh = bench.evaluate(PROMISED, moment, inventory), bench.evaluate(PROMISED, moment)

    assert everything(fresh) == everything(kept)
    assert (hours >= 30) == kept.afresh  # the next snapshot is late: a hole begins
    inventory.close()


def test_while_nothing_is_late_nothing_is_worked_out(bench: Workbench) -> None:
    inventory = Inventory.open(None)
    bench.evaluate(PROMISED, START + HOUR, inventory)
    inventory.connection.execute("UPDATE why SET because = 'as it was kept'")

    in_time, late = (bench.evaluate(PROMISED, START + hours * HOUR, inventory) for hours in (29, 31))

    assert {False} == {in_time.afresh}
    assert late.afresh
    assert "as it was kept" not in {one.because for one in everything(late)}
    inventory.close()


def test_another_policy_another_answer(bench: Workbench) -> None:
    inventory = Inventory.open(None)
    bench.evaluate(PROMISED, START + HOUR, inventory)
    stricter = policy(date(2025, 1, 1), access_key_max_age={"max_age": "7 days"})

    again = bench.evaluate(stricter, START + HOUR, inventory)

    assert again.afresh
    assert everything(bench.evaluate(stricter, START + HOUR)) == everything(again)
    inventory.close()


def test_a_new_record_another_answer(bench: Workbench, snapshot: Snapshot) -> None:
    inventory = Inventory.open(None)
    bench.evaluate(PROMISED, START + HOUR, inventory)
    bench.record(later(snapshot, 24 * HOUR))

    again = bench.evaluate(PROMISED, START + 25 * HOUR, inventory)

    assert again.afresh
    assert everything(bench.evaluate(PROMISED, START + 25 * HOUR)) == everything(again)
    inventory.close()
