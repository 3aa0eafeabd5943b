"""Stretches of an event log that nobody read before the provider forgot them, as the collectors noted them."""

from collections.abc import Callable, Iterator

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, time_of, unread_of

_NAMES = {
    "entra.directory_audits": "directory audit log",
    "entra.activity_log": "activity log of the tenant",
    "azure.activity_log": "activity log",
}


def _lost(log: str) -> Callable[[str, Json], Iterator[Row]]:
    def rows(urn: str, entity: Json) -> Iterator[Row]:
        if urn.startswith("lost:"):
            start, end = time_of(entity.get("from")), time_of(entity.get("to"))
            yield Row(f"{log} {urn}", f"events lost before {entity.get('to')}", (log, start, end, unread_of(entity)))

    return rows


def loss_table(source: str, *collections: str) -> Table:
    """The table of one source. A row lasts until a reading follows that lost nothing."""
    return Table(
        name=f"{source}_event_loss",
        about=(
            "Time whose events were never read, and which the provider no longer has. `lost_from` is NULL where the "
            "log was read for the first time: what was before is nobody's loss."
        ),
        columns={"log": "VARCHAR", "lost_from": "TIMESTAMP", "lost_to": "TIMESTAMP", "because": "VARCHAR"},
        readings=tuple(Reading(each, "configuration", _lost(_NAMES[each])) for each in collections),
    )
