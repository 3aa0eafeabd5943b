"""Keys that sign, named by URI. `file:` is an Ed25519 key in a PKCS#8 PEM file that only its owner may read.

Three keys, never one for two purposes: `log` signs checkpoints, `statement` signs records (DSSE), `package` signs the
list of digests of a package or export in the format of OpenSSH (namespace `observant-package`).
"""

import os
import stat
from pathlib import Path
from typing import NamedTuple, Protocol

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from observant.errors import UsageError
from observant.evidence.note import VerifierKey, is_key_name
from observant.evidence.sshsig import allowed_signer

PURPOSES = ("log", "statement", "package")


class Signer(Protocol):
    """Signs with Ed25519; where the key lives is its own affair."""

    @property
    def key(self) -> VerifierKey: ...

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        ...


class FileSigner:
    """A private key in a file; level L1: whoever can read the file can sign."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        raw = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self._private = private
        self._key = VerifierKey(name, raw)

    @property
    def key(self) -> VerifierKey:
        return self._key

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)


class Keys(NamedTuple):
    """The keys of one log. `package` may be missing where nothing is exported."""

    log: Signer
    statement: Signer
    package: Signer | None = None

    @classmethod
    def create(cls, folder: Path, origin: str) -> "Keys":
        """Make three new keys as `log.pem`, `statement.pem` and `package.pem` in `folder` (0700). Never overwrites:
        raises UsageError when one is there already.
        """
        if not is_key_name(origin):
            raise UsageError(f"{origin!r} cannot be the origin of a log", "use a name without spaces and without '+'")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for purpose in PURPOSES:
            _write_new_key(folder / f"{purpose}.pem")
        return cls.load(folder, origin)

    @classmethod
    def load(cls, folder: Path, origin: str) -> "Keys":
        """Read the keys that `create` made; raises UsageError when one is missing or readable by others."""
        return cls(
            *(signer_from_uri(f"file:{folder / purpose}.pem", key_name(origin, purpose)) for purpose in PURPOSES)
        )

    def publish(self, folder: Path) -> None:
        """Write the public halves, `log.vkey`, `statement.vkey` and `allowed_signers`: hand them to the auditor."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.public_files().items():
            (folder / name).write_bytes(content)

    def public_files(self) -> dict[str, bytes]:
        files = {"log.vkey": f"{self.log.key}\n".encode(), "statement.vkey": f"{self.statement.key}\n".encode()}
        if self.package is not None:
            files["allowed_signers"] = allowed_signer(self.package.key).encode()
        return files


def key_name(origin: str, purpose: str) -> str:
    """Checkpoints are signed under the origin itself, as tlog-checkpoint asks."""
    return origin if purpose == "log" else f"{origin}/{purpose}"


def signer_from_uri(uri: str, name: str) -> Signer:
    """The signer that `uri` names; raises UsageError for an unknown scheme or a key that cannot be used."""
    scheme, _, rest = uri.partition(":")
    if scheme != "file":
        raise UsageError(f"{uri!r} names no signer that is built in", "use file:PATH of an Ed25519 key in PEM")
    return FileSigner(name, _read_key(Path(rest)))


def _write_new_key(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise UsageError(f"{path} is there already", "keep it: what it signed can only be continued with it") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())


def _read_key(path: Path) -> Ed25519PrivateKey:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            pem = file.read(65_536)
    except OSError as error:
        raise UsageError(
            f"{path}: the key cannot be read: {error.strerror}", "run `observant init`, or restore it"
        ) from error
    if mode & 0o077:
        raise UsageError(f"{path}: others can read this private key (mode {mode:04o})", f"chmod 600 {path}")
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise UsageError(
            f"{path}: not an unencrypted PKCS#8 key in PEM", "restore the file from your backup"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{path}: not an Ed25519 key", "use the key that `observant init` made")
    return key
