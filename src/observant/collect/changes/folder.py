"""CloudTrail files in a folder: a copy of the bucket, or files by themselves."""

from collections.abc import Iterator
from pathlib import Path

from observant.collect.changes.batches import Batches
from observant.collect.changes.earlier import Known
from observant.collect.changes.lake import is_lake, lake_files
from observant.collect.changes.logfile import LogFile, in_order, is_log, log_file
from observant.collect.changes.pool import decoded
from observant.collect.part import Progress
from observant.errors import InputError
from observant.evidence.events import EventBatch
from observant.model.time import Clock

_TELL_EVERY = 5_000


def read_folder(
    folder: Path, clock: Clock, supplied_by: str, earlier: Known, progress: Progress, *, demo: bool = False
) -> Iterator[EventBatch]:
    """Batches of what the folder and its folders hold and the log does not have yet.

    Raises InputError when it is no folder, or holds no file that could be of CloudTrail.
    """
    if not folder.is_dir():
        raise InputError(folder, "", "is not a folder", "name the folder that holds AWSLogs, or the files themselves")
    files = [*_files(folder)]
    exports = [path for path in sorted(folder.rglob("*.csv*")) if path.is_file() and is_lake(path)]
    if not files and not exports:
        raise InputError(folder, "", "holds no CloudTrail file (.json.gz or .json)", "copy the bucket's AWSLogs here")
    batches = Batches(clock, supplied_by, "files", earlier.ids, demo=demo)
    before = earlier.files()
    for number, (file, found) in enumerate(decoded(in_order(files, before)), start=1):
        yield from batches.take(file, found)
        if number % _TELL_EVERY == 0:
            progress(f"{number} files read, at {file.name}")
    for path in exports:
        for file, found in lake_files(path, path.relative_to(folder).as_posix(), before):
            yield from batches.take(file, found)
    yield from batches.rest([])


def _files(folder: Path) -> Iterator[LogFile]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if not name.startswith(".") and "/." not in name and is_log(f"{folder.name}/{name}") and path.is_file():
            yield log_file(f"{folder.name}/{name}" if folder.name == "AWSLogs" else name, path)
