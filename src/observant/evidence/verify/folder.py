"""A folder of evidence as it lies there, hostile until shown otherwise: links are never followed."""

import os
import re
from hashlib import sha256
from pathlib import Path

from observant.errors import ChangedBytes, MissingObject

_LARGEST = 2 << 30
_ODD = re.compile(rb"[^A-Za-z0-9._/-]")


class Folder:
    """Files by name, and which of them something vouched for."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.names = set(_names(root))
        self.vouched: set[str] = set()

    def read(self, name: str) -> bytes:
        """Content of a regular file; raises MissingObject, or ChangedBytes for one of more than 2 GiB."""
        path = self._root / name
        if name not in self.names or path.is_symlink() or not path.is_file():
            raise MissingObject(name, "the log names it and it is not there")
        if path.stat().st_size > _LARGEST:
            raise ChangedBytes(name, "larger than anything this log writes")
        return path.read_bytes()

    def check(self, name: str, digest: str) -> None:
        """Vouch for a file by its SHA-256; raises MissingObject or ChangedBytes."""
        if sha256(self.read(name)).hexdigest() != digest:
            raise ChangedBytes(name, "the bytes are not those that were signed")
        self.vouched.add(name)

    def unauthenticated(self) -> list[str]:
        """Names nothing vouched for, in order of bytes; odd characters shown as `?`. The empty lock file is not
        evidence of anything.
        """
        left = self.names - self.vouched
        lock = self._root / ".lock"
        if ".lock" in left and not lock.is_symlink() and lock.stat().st_size == 0:
            left.discard(".lock")
        return sorted(_ODD.sub(b"?", os.fsencode(name)).decode() for name in left)


def _names(root: Path) -> list[str]:
    names = []
    for place, folders, files in os.walk(root):
        links = [each for each in folders if (Path(place) / each).is_symlink()]
        names += [os.path.relpath(Path(place) / each, root) for each in (*files, *links)]
    return names
