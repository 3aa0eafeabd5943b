"""A folder on a POSIX file system.

A file appears whole or not at all: written under `.tmp/`, fsync, hard link to its name (which fails when the name is
taken, unlike rename), fsync of the folder. A folder cannot lock: `set_retention` and `hold` say so.
"""

import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from observant.errors import MissingObject, StoreError
from observant.evidence.store import Head

LOCK = ".lock"
TEMPORARY = ".tmp"
_SEGMENT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_MAY_GO = "log/tile/"


class LocalStore:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._in_flight: set[Path] = set()
        self._inside: set[str] = set()
        """Folders that were found to lead nowhere else."""

    def put_if_absent(self, name: str, content: bytes) -> bool:
        path = self._path(name)
        if path.exists():
            return False
        with _write_errors(name):
            temporary = self._write_temporary(path, content)
            try:
                return self._link(temporary, path)
            finally:
                temporary.unlink()
                self._in_flight.discard(temporary)

    def get(self, name: str) -> bytes:
        try:
            return self._path(name).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise MissingObject(name, "the file is not in the store") from error

    def head(self, name: str) -> Head | None:
        path = self._path(name)
        return Head(path.stat().st_size, None, False) if path.is_file() else None

    def names(self, folder: str) -> Iterator[str]:
        start = self._path(folder) if folder else self._root
        names = []
        for place, folders, files in os.walk(start):
            folders[:] = [each for each in folders if each != TEMPORARY]
            names += [(Path(place) / file).relative_to(self._root).as_posix() for file in files if file != LOCK]
        yield from sorted(names)

    def list_versions(self, name: str) -> list[str]:
        return [] if self.head(name) is None else ["only"]

    def set_retention(self, name: str, until: datetime) -> bool:  # noqa: ARG002
        return False

    def hold(self, name: str) -> bool:  # noqa: ARG002
        return False

    def replace_pointer(self, name: str, content: bytes) -> None:
        path = self._path(name)
        with _write_errors(name):
            temporary = self._write_temporary(path, content)
            temporary.replace(path)
            self._sync_folder(path.parent)

    def discard(self, name: str) -> None:
        if not name.startswith(_MAY_GO):
            raise ValueError(f"{name} is not a tile: evidence is never removed")
        path = self._path(name)
        with _write_errors(name), suppress(FileNotFoundError):
            path.unlink()
            with suppress(OSError):  # not empty yet
                path.parent.rmdir()

    @contextmanager
    def writing(self) -> Iterator[None]:
        with _write_errors(LOCK):
            self._root.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StoreError(f"{self._root}: another process is writing to this evidence log; try again") from error
            self._remove_leftovers()
            yield
        finally:
            os.close(descriptor)

    # The steps below are methods so that tests can stop the process between any two of them.

    def _write_temporary(self, path: Path, content: bytes) -> Path:
        self._make_folder(path.parent)
        self._make_folder(self._root / TEMPORARY)
        temporary = self._root / TEMPORARY / f"{os.getpid()}-{secrets.token_hex(6)}"
        self._in_flight.add(temporary)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o444)
        try:
            self._fill(descriptor, content)
        except OSError:
            temporary.unlink()
            raise
        finally:
            os.close(descriptor)
        return temporary

    def _fill(self, descriptor: int, content: bytes) -> None:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)

    def _link(self, temporary: Path, path: Path) -> bool:
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
        self._sync_folder(path.parent)
        return True

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        if folder != self._root:
            self._make_folder(folder.parent)
        folder.mkdir(parents=True, exist_ok=True)
        self._sync_folder(folder.parent)

    def _sync_folder(self, folder: Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _remove_leftovers(self) -> None:
        """Temporary files of processes that are gone: never published, so nothing is lost."""
        for leftover in (self._root / TEMPORARY).glob("*"):
            if leftover not in self._in_flight and not _runs_elsewhere(leftover.name.partition("-")[0]):
                with suppress(OSError):
                    leftover.unlink()

    def _path(self, name: str) -> Path:
        if not all(_SEGMENT.fullmatch(segment) for segment in name.split("/")):
            raise ValueError(f"{name!r} is not the name of a file in a store")
        path = self._root / name
        folder = name.rpartition("/")[0]
        if folder not in self._inside:
            if not path.parent.resolve().is_relative_to(self._root.resolve()):
                raise ValueError(f"{name!r} leads out of the store")
            self._inside.add(folder)
        return path


def _runs_elsewhere(process: str) -> bool:
    if not process.isdecimal() or int(process) == os.getpid():
        return False
    try:
        os.kill(int(process), 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True


@contextmanager
def _write_errors(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"{name}: the store cannot be written: {error.strerror or error}") from error
