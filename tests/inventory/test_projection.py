"""The projection of a log: day by day, all at once and after a fresh start it is the same."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from observant.collect.aws import AwsSession, collect_account
from observant.evidence.snapshot import Snapshot
from observant.inventory.projection import TABLES, Inventory
from observant.model.interval import Interval
from observant.model.time import BEGINNING, FOREVER
from observant.model.verdict import Verdict
from observant.period.evaluate import Evaluation
from observant_clouds.aws import Account, Cloud, Key, cloud, statement
from worlds.aws import best, read
from worlds.workbench import Workbench, policy, without

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
