"""`SHA256SUMS` over a folder, signed so that `ssh-keygen -Y verify` can check it."""

import re
from hashlib import file_digest
from pathlib import Path

from observant.errors import InputError
from observant.evidence.signers import Signer
from observant.evidence.sshsig import NAMESPACE, armored

_SUMS, _SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"
_NAME = re.compile(r"[A-Za-z0-9._/-]+")


def sign_sums(folder: Path, key: Signer) -> None:
    """Write `SHA256SUMS` over every file below `folder`, and `SHA256SUMS.sig` (namespace `observant-package`).

    Raises InputError for a name outside `A-Z a-z 0-9 . _ - /`, which a shell could misread, and for a link.
    """
    lines = []
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        name = path.relative_to(folder).as_posix()
        if name in (_SUMS, _SIGNATURE) or (path.is_dir() and not path.is_symlink()):
            continue
        if path.is_symlink() or _NAME.fullmatch(name) is None:
            raise InputError(folder, name, "a package holds plain files with plain names only", "rename or remove it")
        with path.open("rb") as file:
            lines.append(f"{file_digest(file, 'sha256').hexdigest()}  {name}\n")
    sums = "".join(lines).encode()
    (folder / _SUMS).write_bytes(sums)
    (folder / _SIGNATURE).write_text(sign_text(sums, key), "ascii")


def sign_text(content: bytes, key: Signer, namespace: str = NAMESPACE) -> str:
    """A detached SSH signature over any bytes, such as an exported CSV (namespace `observant-export`)."""
    return armored(content, key.key.public, key.sign, namespace)
