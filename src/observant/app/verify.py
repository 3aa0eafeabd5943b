"""`observant verify`: a workspace's log, an evidence folder, or a package (a folder or a ZIP file)."""

import contextlib
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from observant.app.settings import FILE
from observant.app.workspace import Workspace
from observant.errors import InputError, UsageError
from observant.evidence.verify import Report, Trust
from observant.evidence.verify import verify as verify_folder

LARGEST = 8 << 30
"""Bytes that a package may have unpacked; more is taken for an attack."""


class Missed(msgspec.Struct, frozen=True):
    start: datetime
    end: datetime


class Verified(msgspec.Struct, frozen=True):
    """The answer of `observant verify`."""

    path: str
    intact: bool
    damaged: str
    """The first damaged object, as stored; empty when intact."""
    problem: str
    keys_from: str
    """`trust`, or `evidence` / `package` when the keys came from what they are to prove."""
    origin: str
    size: int
    root: str
    first: datetime | None
    """Recorded time of the first record."""
    last: datetime | None
    levels: dict[str, int]
    """Level (`L0` to `L4`) -> number of records for which it is proven, and no higher one."""
    missed: list[Missed]
    """Slots of the recorded schedule without a run."""
    unauthenticated: list[str]
    """Files that nothing vouches for."""
    pending: list[str]
    """Time stamps that the next record will name."""
    notes: list[str]


def verify(workspace: Path, path: Path | None, trust: Path | None) -> Verified:
    """Check it all. Damage is in the answer; raises UsageError for unreadable keys, InputError for a bad ZIP."""
    if path is None or (path / FILE).exists():
        opened = Workspace.open(path or workspace)
        return _verified(opened.store, trust or opened.trust)
    if path.is_file():
        with _unpacked(path) as folder:
            return msgspec.structs.replace(_verified(folder, trust), path=str(path))
    return _verified(path, trust)


def _verified(folder: Path, trust: Path | None) -> Verified:
    if not (folder / "log").is_dir() and not (folder / "evidence").is_dir():
        raise UsageError(f"{folder} is neither an evidence folder nor a package", "name the folder that has log/ in it")
    report = verify_folder(folder, Trust.load(trust) if trust else None)
    return _told(folder, report)


def _told(folder: Path, report: Report) -> Verified:
    return Verified(
        path=str(folder),
        intact=report.ok,
        damaged=report.first_bad,
        problem=report.damage.problem if report.damage else "",
        keys_from=report.keys_from,
        origin=report.origin,
        size=report.entries,
        root=report.root,
        first=report.first,
        last=report.last,
        levels=dict(sorted(Counter(level.value for level in report.levels).items())),
        missed=[Missed(one.start, one.end) for one in report.missed],
        unauthenticated=report.unauthenticated,
        pending=report.pending,
        notes=report.notes,
    )


@contextlib.contextmanager
def _unpacked(path: Path) -> Iterator[Path]:
    """The one folder in a ZIP file, or its top, in a temporary place."""
    with tempfile.TemporaryDirectory(prefix="observant-verify-") as place:
        try:
            with zipfile.ZipFile(path) as archive:
                if sum(member.file_size for member in archive.infolist()) > LARGEST:
                    raise InputError(path, "", "unpacks to more than 8 GiB", "ask for the folder instead")
                archive.extractall(place)  # keeps every member inside `place`
        except (zipfile.BadZipFile, NotImplementedError) as problem:
            raise InputError(path, "", f"is not a ZIP file that can be read: {problem}", "ask for it again") from None
        inside = list(Path(place).iterdir())
        yield inside[0] if len(inside) == 1 and inside[0].is_dir() else Path(place)
