"""What a run had read when it was cut off, so that the next one goes on instead of asking two hundred accounts again.

Every snapshot says itself when it was taken, so one that was read before the cut is as good as one read after it, while
it is young. Only snapshots without a passing trouble are kept: what was throttled or failed is asked again.

The folder is as private as the private keys (0700, files 0600): whoever can write there could sign as well. A file that
others may write, of another version of the program, or that cannot be read is left out, never an error.
"""

import os
import stat
from datetime import timedelta
from pathlib import Path

import msgspec

from observant import __version__
from observant.evidence.snapshot import GapReason, Snapshot
from observant.model.time import Clock

FOLDER = "unfinished"
YOUNG = timedelta(hours=1)
"""Older snapshots are read again."""

_PASSING = frozenset({GapReason.THROTTLED, GapReason.FAILED, GapReason.NOT_ATTEMPTED, GapReason.TRUNCATED})


class _Kept(msgspec.Struct, frozen=True):
    tool: str
    snapshot: Snapshot


class Unfinished:
    """The snapshots of a run that goes on, or was cut off."""

    def __init__(self, root: Path, clock: Clock) -> None:
        """`root`: folder of the workspace."""
        self._folder, self._clock = root / FOLDER, clock

    def keep(self, snapshot: Snapshot) -> None:
        """Remember a snapshot until the run's record is in the log."""
        if any(one.gap is not None and one.gap.reason in _PASSING for one in snapshot.collections):
            return
        self._folder.mkdir(mode=0o700, exist_ok=True)
        file = self._file(snapshot.scope)
        unnamed = file.with_suffix(".new")
        unnamed.unlink(missing_ok=True)
        with os.fdopen(os.open(unnamed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
            written.write(msgspec.json.encode(_Kept(__version__, snapshot)))
        unnamed.replace(file)

    def of(self, scope: str) -> Snapshot | None:
        """The snapshot of a scope from a run that was cut off, when it may still be used."""
        try:
            with self._file(scope).open("rb") as file:
                about = os.fstat(file.fileno())
                private = about.st_uid == os.geteuid() and not stat.S_IMODE(about.st_mode) & 0o077
                kept = msgspec.json.decode(file.read(), type=_Kept) if private else None
        except (OSError, ValueError):
            return None
        if kept is None or kept.tool != __version__ or kept.snapshot.scope != scope:
            return None
        age = self._clock() - kept.snapshot.started
        return kept.snapshot if timedelta() <= age <= YOUNG else None

    def clear(self) -> None:
        """The run is in the log: nothing is unfinished."""
        if self._folder.is_dir():
            for file in [*self._folder.glob("*.json"), *self._folder.glob("*.new")]:
                file.unlink(missing_ok=True)
            self._folder.rmdir()

    def _file(self, scope: str) -> Path:
        return self._folder / f"{scope.replace(':', '-')}.json"
