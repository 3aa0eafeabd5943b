"""The projection of a log: day by day, all at once and after a fresh start it is the same."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from observant.collect.aws import AwsSession, collect_account
from observant.evidence.snapshot import Snapshot
from observant.inventory.projection import TABLES, Inventory
from observant.inventory.table import COMMON
from observant.model.interval import Interval
from observant.model.time import BEGINNING, FOREVER
from observant.model.verdict import Verdict
from observant.period.evaluate import Evaluation
from observant_clouds.aws import Account, Cloud, Key, cloud, statement
from worlds.aws import best, read
from worlds.workbench import Workbench, later, policy, without

START = datetime(2025, 6, 2, 6, tzinfo=UTC)


def year(aws: Cloud, account: Account) -> Iterator[Snapshot]:
    """Eight readings in which things come, change, go, come back, and are not read."""
    session = AwsSession(aws.session())

    def read(*hidden: str) -> Snapshot:
        aws.shift(days=1)
        return without(collect_account(session, aws.now), hidden)

    best(account)
    yield read()
    hotfix = account.policy("hotfix", statement("*"))
    account.attach("role", "app", hotfix)
    account.sign_in("ada", 0.5)
    yield read()
    account.detach("role", "app", hotfix)
    account.user("guest", password=True, keys=[Key()])
    yield read("iam.credential_report")
    account.stop_trail("main")
    account.use_key("robot")
    yield read()
    account.remove_user("guest")
    account.sign_in("ada")
    yield read("iam.users", "iam.roles", "cloudtrail.trail_status")
    account.attach("role", "app", hotfix)
    account.user("guest", password=True, mfa="virtual")
    yield read()
    account.start_trail("main")
    aws.shift(days=3)
    yield read()
    yield read()


@pytest.fixture(scope="module")
def readings() -> list[Snapshot]:
    with cloud(start=START - timedelta(days=1)) as aws:
        return list(year(aws, aws.account()))


def contents(evaluation: Evaluation) -> dict[str, list[tuple[Any, ...]]]:
    tables = [*TABLES, "aws_document", "aws_trail_coverage"]
    found = {name: sorted(evaluation.query(f"SELECT * FROM {name}"), key=repr) for name in tables}
    ever = Interval(BEGINNING, FOREVER)
    return found | {"verdict": [(one,) for one in evaluation.standing(ever, set(Verdict))]}


def test_day_by_day_all_at_once_and_rebuilt_are_the_same(readings: list[Snapshot], tmp_path: Path) -> None:
    bench = Workbench(tmp_path, START - timedelta(days=2))
    daily = Inventory.open(tmp_path / "daily.duckdb")
    for one in readings:
        bench.record(one)
        daily.advance(bench.log)
        daily.close()  # what the next day knows is what was written
        daily = Inventory.open(tmp_path / "daily.duckdb")
    promised = policy(date(2025, 6, 1))

    by_day = contents(bench.evaluate(promised, inventory=daily))
    at_once = contents(bench.evaluate(promised))

    assert by_day == at_once
    assert by_day["verdict"]
    daily.close()


def without_record(found: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[str]]:
    """Rows without the index of their record, which is the order in which the log was told."""
    place = list(COMMON).index("record")
    return {
        name: sorted(repr(row[:place] + row[place + 1 :]) for row in rows)
        for name, rows in found.items()
        if name in TABLES
    }


@pytest.mark.parametrize("order", [(1, 0, 2, 3, 4, 5, 6, 7), (7, 6, 5, 4, 3, 2, 1, 0), (3, 0, 7, 1, 6, 2, 5, 4)])
def test_readings_handed_in_late_take_their_place_in_time(
    readings: list[Snapshot], tmp_path: Path, order: tuple[int, ...]
) -> None:
    in_time, late = (Workbench(tmp_path / name, readings[-1].finished) for name in ("in-time", "late"))
    daily, promised = Inventory.open(None), policy(date(2025, 6, 1))
    for one in readings:
        in_time.record(one)
    for place in order:
        late.record(readings[place])
        daily.advance(late.log)

    expected = contents(in_time.evaluate(promised))
    by_day = contents(late.evaluate(promised, inventory=daily))

    assert without_record(expected) == without_record(by_day)
    assert without_record(by_day) == without_record(contents(late.evaluate(promised)))
    assert not [
        row
        for name in TABLES
        for row in daily.connection.execute(f"SELECT member FROM {name} WHERE valid_from >= valid_to").fetchall()
    ]
    daily.close()


def test_of_two_readings_of_one_moment_the_last_recorded_counts(readings: list[Snapshot], tmp_path: Path) -> None:
    bench = Workbench(tmp_path, START - timedelta(days=2))
    moved = later(readings[1], readings[0].started - readings[1].started)
    inventory = Inventory.open(None)
    for one in (readings[0], moved):
        bench.record(one)
        inventory.advance(bench.log)
    alone = Workbench(tmp_path / "alone", START - timedelta(days=2))
    alone.record(moved)

    both, one = (
        contents(each)
        for each in (
            bench.evaluate(policy(date(2025, 6, 1)), inventory=inventory),
            alone.evaluate(policy(date(2025, 6, 1))),
        )
    )

    place = list(COMMON).index("valid_to")
    assert not [row for name in TABLES for row in both[name] if row[place - 1] >= row[place]]
    assert [row[1] for row in one["aws_user"]] == [row[1] for row in both["aws_user"]]
    inventory.close()


def test_an_unchanged_entity_makes_no_row(readings: list[Snapshot], tmp_path: Path) -> None:
    bench = Workbench(tmp_path, START - timedelta(days=2))
    bench.record(readings[0])
    inventory = Inventory.open(None)
    inventory.advance(bench.log)
    before = {name: inventory.connection.execute(f"SELECT * FROM {name}").fetchall() for name in TABLES}
    bench.record(readings[0])

    assert 2 == inventory.advance(bench.log)
    assert before == {name: inventory.connection.execute(f"SELECT * FROM {name}").fetchall() for name in TABLES}
    inventory.close()


def test_a_projection_of_another_log_is_made_again(readings: list[Snapshot], tmp_path: Path) -> None:
    first, second = (Workbench(tmp_path / name, START - timedelta(days=2)) for name in ("a", "b"))
    for one in readings[:3]:
        first.record(one)
    second.record(readings[3])
    path = tmp_path / "inventory.duckdb"
    inventory = Inventory.open(path)
    inventory.advance(first.log)
    inventory.advance(second.log)
    fresh = Inventory.open(None)
    fresh.advance(second.log)

    for name in TABLES:
        query = f"SELECT * EXCLUDE (entity) FROM {name} ORDER BY ALL"
        assert fresh.connection.execute(query).fetchall() == inventory.connection.execute(query).fetchall()
    inventory.close()
    fresh.close()


def test_a_failed_write_leaves_the_projection_as_it_was(
    readings: list[Snapshot], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Workbench(tmp_path, START - timedelta(days=2))
    bench.record(readings[0])
    inventory = Inventory.open(tmp_path / "inventory.duckdb")
    inventory.advance(bench.log)
    size = inventory.size
    bench.record(readings[1])
    with monkeypatch.context() as broken:
        broken.setattr("observant.inventory.projection.insert", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            inventory.advance(bench.log)

    assert size == inventory.size
    assert 2 == inventory.advance(bench.log)
    fresh = bench.evaluate(policy(date(2025, 6, 1)))
    again = bench.evaluate(policy(date(2025, 6, 1)), inventory=inventory)
    assert contents(fresh) == contents(again)
    inventory.close()


def test_who_is_in_which_group(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.record(read(best, bench.now))
    inventory = Inventory.open(None)
    inventory.advance(bench.log)

    found = inventory.connection.execute(
        "SELECT label, group_name FROM aws_membership WHERE label LIKE 'ada %' OR label LIKE 'Zo%' ORDER BY label"
    ).fetchall()

    assert [("Zoë, Ltd in group staff", "staff"), ("ada in group staff", "staff")] == found
