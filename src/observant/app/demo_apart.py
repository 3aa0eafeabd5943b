"""Parts of the demo's company live in processes of their own, a few readings ahead of what is done with them.

They share nothing but the calendar, and most machines have a second core.
"""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from queue import Empty
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from observant.evidence.events import EventBatch
from observant.evidence.snapshot import Snapshot

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

_AHEAD = 8
"""Readings that wait in memory at most."""


class Year(Protocol):
    """Something that lives through the year, and the reader in it."""

    def read(self, moment: datetime) -> Iterator[Snapshot | EventBatch]:
        """Live until the moment, then read everything."""
        ...


class _Read(msgspec.Struct, array_like=True):
    """One reading on its way from one process to the other."""

    snapshots: list[Snapshot]
    events: list[EventBatch]


@contextmanager
def lived_apart(begin: Callable[[], Year], readings: list[datetime]) -> Iterator[Iterator[list[Snapshot | EventBatch]]]:
    """What is read at each of the moments, in their order. `begin` is called in the other process."""
    context = multiprocessing.get_context("spawn")
    ready: Queue[bytes] = context.Queue(_AHEAD)
    living = context.Process(target=_live, args=(begin, readings, ready), daemon=True)
    living.start()

    def taken() -> Iterator[list[Snapshot | EventBatch]]:
        for _ in readings:
            read = msgspec.msgpack.decode(_next(ready, living), type=_Read)
            yield [*read.snapshots, *read.events]

    try:
        yield taken()
    finally:
        living.terminate()
        living.join()


def _next(ready: "Queue[bytes]", living: Any) -> bytes:  # noqa: ANN401 (a process of one of three contexts)
    while True:
        try:
            return ready.get(timeout=1)
        except Empty:
            if not living.is_alive():
                raise RuntimeError("a part of the demo ended before its year") from None


def _live(begin: Callable[[], Year], readings: list[datetime], ready: "Queue[bytes]") -> None:
    """Runs in the other process."""
    year = begin()
    for moment in readings:
        read = _Read([], [])
        for one in year.read(moment):
            if isinstance(one, EventBatch):
                read.events.append(one)
            else:
                read.snapshots.append(one)
        ready.put(msgspec.msgpack.encode(read))
