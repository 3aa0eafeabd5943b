"""An event data store of an organization: listed in one account, and recording for all of them."""

from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from observant.analysis.aws.recording import RECORDING
from observant.collect.aws import AwsSession, collect_account
from observant.collect.organization import collect_organization
from observant.evidence.snapshot import Snapshot
from observant.inventory.projection import Inventory
from observant_clouds.aws import cloud
from worlds.workbench import Workbench

START = datetime(2025, 6, 2, 6, tzinfo=UTC)
MANAGEMENT, SHOP, STRANGER = "111122223333", "222233334444", "999988887777"
EVERYBODY = {"organization": True}
STORES = {"everybody's": EVERYBODY, "its own": {}, "stopped": {**EVERYBODY, "status": "STOPPED_INGESTION"}}


class Read(NamedTuple):
    managed: dict[str, Snapshot]
    """What the management account's store is like -> that account."""
    others: list[Snapshot]
    organization: Snapshot


@pytest.fixture(scope="module")
def read() -> Read:
    managed = {}
    for name, settings in STORES.items():
        with cloud(start=START) as aws:
            aws.organization(MANAGEMENT).account(SHOP)
            aws.account(MANAGEMENT).event_data_store("lake", **settings)
            managed[name] = collect_account(AwsSession(aws.session(MANAGEMENT)), aws.now)
            if len(managed) == 1:
                others = [
                    collect_account(AwsSession(aws.session(aws.account(one).number)), aws.now)
                    for one in (SHOP, STRANGER)
                ]
                organization = collect_organization(AwsSession(aws.session(MANAGEMENT)), aws.now)
    return Read(managed, others, organization)


@pytest.mark.parametrize(
    ("store", "organization", "expected"),
    [
        ("everybody's", True, [True, True, False]),
        ("its own", True, [True, False, False]),
        ("stopped", True, [False, False, False]),
        ("everybody's", False, [True, None, None]),  # nobody knows whose organization it is
    ],
)
def test_whose_management_events_a_store_records(tmp_path, read, store, organization, expected):
    bench = Workbench(tmp_path, START)
    bench.record(read.managed[store], *read.others, *([read.organization] if organization else []))
    inventory = Inventory.open(None)
    inventory.advance(bench.log)
    connection = inventory.connection
    for table in RECORDING.tables:
        connection.execute(
            f"CREATE TABLE {table.name} ({', '.join(f'{name} {kind}' for name, kind in table.columns.items())})"
        )
    RECORDING.derive(connection)

    rows = connection.execute(
        "SELECT writes, because FROM aws_region_recording WHERE place = 'eu-west-1' ORDER BY scope"
    ).fetchall()

    assert expected == [writes for writes, _ in rows]
    if expected[1]:
        assert "lake of account 111122223333" in rows[1][1]
