"""Decoding many files: one after the other when they are few, on all processors when they are many.

Processes and not threads, as the decoder holds the interpreter's lock. Results come in the order of the files, and only
a few files are under way at once, so memory does not grow with their number.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path

from observant.collect.changes.cloudtrail import Decoded, decode
from observant.collect.changes.logfile import LogFile

FEW = 64
"""Starting processes costs as much as decoding about this many files."""
_AT_ONCE = 16

Decode = Callable[[bytes], Decoded]


def decoded(files: Iterable[LogFile], processors: int | None = None) -> Iterator[tuple[LogFile, Decoded]]:
    """Each file with what it held; `content` is dropped from the file."""
    waiting = iter(files)
    beginning = list(islice(waiting, FEW))
    wanted = processors or os.cpu_count() or 1
    if len(beginning) < FEW or wanted == 1:
        for file in chain(beginning, waiting):
            yield file._replace(content=b""), _one(file.content)
        return
    yield from _spread(chain(beginning, waiting), wanted)


def _spread(files: Iterator[LogFile], processors: int) -> Iterator[tuple[LogFile, Decoded]]:
    with ProcessPoolExecutor(processors, get_context("spawn")) as pool:
        under_way: deque[tuple[list[LogFile], Future[list[Decoded]]]] = deque()
        while group := list(islice(files, _AT_ONCE)):
            names = [file._replace(content=b"") for file in group]
            under_way.append((names, pool.submit(_several, [file.content for file in group])))
            if len(under_way) > 2 * processors:
                yield from _answers(*under_way.popleft())
        while under_way:
            yield from _answers(*under_way.popleft())


def _answers(files: list[LogFile], future: "Future[list[Decoded]]") -> Iterator[tuple[LogFile, Decoded]]:
    yield from zip(files, future.result(), strict=True)


def _several(contents: list[Path | bytes]) -> list[Decoded]:
    return [_one(content) for content in contents]


def _one(content: Path | bytes) -> Decoded:
    if isinstance(content, bytes):
        return decode(content)
    try:
        return decode(content.read_bytes())
    except OSError as error:
        return Decoded(unreadable=f"cannot be opened: {error.strerror}")
