"""Signatures by OpenSSH keys: made by `ssh-keygen`, which knows agents and hardware keys, or by a key that we hold."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from observant.errors import UsageError
from observant.evidence.sshsig import armored, ed25519_of, signer_of
from observant.evidence.verify.reviews import NAMESPACE

Signer = Callable[[Path], bytes]
"""A file -> the detached signature over it, as `ssh-keygen -Y sign` writes it."""


def ssh_signer(key: Path) -> Signer:
    """Signs with a key file, or with its public half when the key is in an agent; may ask on the terminal."""

    def sign(path: Path) -> bytes:
        arguments = ["-q", "-Y", "sign", "-f", str(key), "-n", NAMESPACE, str(path)]
        found = subprocess.run([_program(), *arguments], stdout=subprocess.DEVNULL, check=False)  # noqa: S603 (found on PATH, arguments are ours)
        if found.returncode != 0:
            raise UsageError("ssh-keygen did not sign", "see what it said above; -Y sign needs OpenSSH 8.2 or later")
        return path.with_name(f"{path.name}.sig").read_bytes()

    return sign


def key_signer(key: Ed25519PrivateKey) -> Signer:
    """Signs with a key in memory."""
    return lambda path: armored(path.read_bytes(), key.public_key().public_bytes_raw(), key.sign, NAMESPACE).encode()


def verifies(path: Path, signature: bytes, principal: str, public: str) -> bool:
    """Whether the signature over the file is by this key; `ssh-keygen` is asked about other kinds than Ed25519."""
    if public.startswith("ssh-ed25519 "):
        try:
            return signer_of(path.read_bytes(), signature.decode(), NAMESPACE) == ed25519_of(public)
        except ValueError:
            return False
    with tempfile.TemporaryDirectory() as aside:
        allowed, signed = Path(aside) / "allowed_signers", Path(aside) / "signature"
        allowed.write_text(f'{principal} namespaces="{NAMESPACE}" {public}\n')
        signed.write_bytes(signature)
        command = ["-Y", "verify", "-f", str(allowed), "-I", principal, "-n", NAMESPACE, "-s", str(signed)]
        with path.open("rb") as content:
            found = subprocess.run([_program(), *command], stdin=content, capture_output=True, check=False)  # noqa: S603 (as above)
    return found.returncode == 0


def _program() -> str:
    found = shutil.which("ssh-keygen")
    if found is None:
        raise UsageError("ssh-keygen is not installed", "install OpenSSH's client programs")
    return found
