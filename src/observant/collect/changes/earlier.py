"""What the log has already: which files were read, and which events are there."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

import msgspec

from observant.evidence.events import KIND
from observant.evidence.log import Log
from observant.evidence.record import Record
from observant.model.time import moment


class Known(Protocol):
    """What must be known of earlier readings, so that nothing is read twice."""

    def files(self) -> set[str]:
        """Names of all files that were read."""
        ...

    def ids(self, scope: str, first: datetime, last: datetime) -> set[str]:
        """Ids of the events of a scope in readings that reach into this time."""
        ...


class _Id(msgspec.Struct):
    eventID: str = ""  # noqa: N815


class Earlier:
    """Records of change events in a log. Only their readings are opened, and of events only days that are asked for."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._records = [record for record in log.records() if record.kind == KIND]

    def files(self, name: str = "cloudtrail") -> set[str]:
        """Names of all files of this provider's log that were read, also of those that could not be understood."""
        return {
            f"{folder.folder}/{file}" if folder.folder else file
            for record in self._records
            if record.predicate["log"] == name and record.predicate["files"]
            for folder in self._log.reading(record).folders
            for file in folder.files
        }

    def ids(self, scope: str, first: datetime, last: datetime) -> set[str]:
        """Ids of the events of a scope in records that reach into this time."""
        return {one for record in self._between(scope, first, last) for one in self._ids_of(record)}

    def _between(self, scope: str, first: datetime, last: datetime) -> Iterator[Record]:
        for record in self._records:
            about = record.predicate
            dated = record.scope == scope and about["first"]
            if dated and moment(about["first"]) <= last and first <= moment(about["last"]):
                yield record

    def _ids_of(self, record: Record) -> Iterator[str]:
        decoder = msgspec.json.Decoder(_Id)
        for event in self._log.events(record):
            try:
                yield decoder.decode(event).eventID
            except msgspec.MsgspecError:
                continue  # an id that is no text: such an event goes by its digest, and the tables tell it apart
