"""Stores that fail on purpose: after so many steps, by exception or by losing the process."""

import errno
import os
import signal
from collections.abc import Callable
from pathlib import Path

from observant.evidence.store.local import LocalStore, _write_errors


class SteppedStore(LocalStore):
    """Calls `before_step` in front of every step that touches the disk; half of a file is a step of its own."""

    def __init__(self, root: Path, before_step: Callable[[str], None]) -> None:
        super().__init__(root)
        self._before = before_step

    def _fill(self, descriptor: int, content: bytes) -> None:
        self._before("write the first half")
        os.write(descriptor, content[: len(content) // 2])
        self._before("write the second half")
        os.lseek(descriptor, 0, os.SEEK_SET)
        super()._fill(descriptor, content)

    def _link(self, temporary: Path, path: Path) -> bool:
        self._before(f"link {path.name}")
        return super()._link(temporary, path)

    def _sync_folder(self, folder: Path) -> None:
        self._before("sync the folder")
        super()._sync_folder(folder)

    def replace_pointer(self, name: str, content: bytes) -> None:
        with _write_errors(name):
            self._before("replace the pointer")
        super().replace_pointer(name, content)

    def discard(self, name: str) -> None:
        with _write_errors(name):
            self._before("discard")
        super().discard(name)


class Countdown:
    """Runs `action` in front of step number `steps` (from 0) and never again."""

    def __init__(self, steps: int, action: Callable[[], None]) -> None:
        self._left, self._action = steps, action
        self.taken = 0

    def __call__(self, step: str) -> None:
        self.taken += 1
        if self._left == 0:
            self._left -= 1
            self._action()
        self._left -= 1


class Crashed(BaseException):
    """Not an error anybody may handle: the process is gone."""


def crash() -> None:
    raise Crashed


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def full_disk() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
