"""Stretches of an event log that nobody read before the provider forgot them, as the collectors noted them."""

from collections.abc import Iterator

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, time_of, unread_of


def _lost(urn: str, entity: Json) -> Iterator[Row]:
    if urn.startswith("lost:"):
        start, end = time_of(entity.get("from")), time_of(entity.get("to"))
        yield Row(urn, f"events lost before {entity.get('to')}", (start, end, unread_of(entity)))


def loss_table(source: str, collection: str) -> Table:
    """The table of one source. A row lasts until a reading follows that lost nothing."""
    return Table(
        name=f"{source}_event_loss",
        about=(
            "Time whose events were never read, and which the provider no longer has. `lost_from` is NULL where the "
            "log was read for the first time: what was before is nobody's loss."
        ),
        columns={"lost_from": "TIMESTAMP", "lost_to": "TIMESTAMP", "because": "VARCHAR"},
        readings=(Reading(collection, "configuration", _lost),),
    )
