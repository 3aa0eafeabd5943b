"""Directories put together by hand, read on some days, and judged: what checks say in the end."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from observant.inventory.projection import TABLES
from observant.period.evaluate import Evaluation, Standing
from worlds.directory import Directory
from worlds.workbench import Workbench, policy, without

START = datetime(2025, 6, 2, 6, tzinfo=UTC)
Change = Callable[[Directory, Directory], object]
"""(tenant, subscription) -> whatever."""
SUBSCRIPTION = "11111111-0000-4000-8000-000000000001"


def of(source: str) -> frozenset[str]:
    """Every collection that feeds a table of this source."""
    return frozenset(name for table in TABLES.values() if table.source == source for name in table.collections)


def judged(
    folder: Path, *days: Change, hidden: Iterable[str] = (), effective: date = date(2025, 1, 1), **promised: object
) -> Evaluation:
    """One reading a day, each after its change; judged an hour after the last."""
    tenant, subscription = Directory(), Directory(f"azure:{SUBSCRIPTION}")
    subscription.keep("azure.subscription", SUBSCRIPTION, {"displayName": "Shop", "tags": {}})
    bench = Workbench(folder, START)
    for day, change in enumerate(days):
        change(tenant, subscription)
        at = START + timedelta(days=day)
        readings = [tenant.read(at, of("entra")), subscription.read(at, of("azure"))]
        bench.record(*(without(one, hidden) for one in readings))
    return bench.evaluate(policy(effective, **promised))  # type: ignore[arg-type]


def told(evaluation: Evaluation, check: str) -> dict[str, str]:
    """Label -> verdict now, without those whom it does not concern."""
    return {
        one.label: one.verdict.value
        for one in evaluation.now()
        if one.check == check and one.member and one.verdict.value != "not_applicable"
    }


def why(evaluation: Evaluation, check: str, label: str) -> Standing:
    (one,) = (one for one in evaluation.now() if one.check == check and one.label == label)
    return one
