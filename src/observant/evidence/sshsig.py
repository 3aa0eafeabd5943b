"""Signatures in the format of OpenSSH (PROTOCOL.sshsig) with Ed25519: `ssh-keygen -Y verify` reads what this writes.

Standard library and `cryptography` only. Functions that read raise ValueError for what is malformed.
"""

import base64
import binascii
import struct
from collections.abc import Callable
from hashlib import sha512
from typing import NamedTuple

from observant.evidence.note import VerifierKey

NAMESPACE = "observant-package"
_MAGIC = b"SSHSIG"
_KEY_TYPE = b"ssh-ed25519"
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"


class AllowedSigner(NamedTuple):
    """A line of an `allowed_signers` file, Ed25519 keys only. Empty `namespaces` allow any."""

    principal: str
    namespaces: tuple[str, ...]
    public: bytes


def public_key_line(key: VerifierKey) -> str:
    """`ssh-ed25519 AAAA... name`"""
    return f"ssh-ed25519 {base64.b64encode(_public_blob(key.public)).decode()} {key.name}"


def allowed_signer(key: VerifierKey) -> str:
    """A line for `allowed_signers` that lets `key` sign packages and exports, and nothing else."""
    kind, blob, _ = public_key_line(key).split(" ")
    return f'{key.name} namespaces="{NAMESPACE},observant-export" {kind} {blob}\n'


def armored(message: bytes, public: bytes, sign: Callable[[bytes], bytes], namespace: str = NAMESPACE) -> str:
    """A detached signature over `message`, as `ssh-keygen -Y sign` writes it."""
    signature = _string(_KEY_TYPE) + _string(sign(_signed_data(message, namespace.encode(), b"sha512")))
    blob = (
        _MAGIC
        + struct.pack(">I", 1)
        + _string(_public_blob(public))
        + _string(namespace.encode())
        + _string(b"")
        + _string(b"sha512")
        + _string(signature)
    )
    encoded = base64.b64encode(blob).decode()
    lines = [encoded[at : at + 70] for at in range(0, len(encoded), 70)]
    return "\n".join([_BEGIN, *lines, _END, ""])


def signer_of(message: bytes, signature: str, namespace: str = NAMESPACE) -> bytes:
    """The public key (32 bytes) whose signature over `message` this is; raises ValueError when it is wrong."""
    lines = signature.split("\n")
    if len(lines) < 4 or [lines[0], *lines[-2:]] != [_BEGIN, _END, ""] or "" in lines[:-1]:
        raise ValueError("not an SSH signature")
    encoded = "".join(lines[1:-2])
    try:
        blob = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("the SSH signature is not base64") from error
    if base64.b64encode(blob).decode() != encoded:
        raise ValueError("the SSH signature is not base64 in its one proper spelling")
    if not blob.startswith(_MAGIC + struct.pack(">I", 1)):
        raise ValueError("not an SSH signature of version 1")
    public_blob, signed_namespace, _, algorithm, signature_blob = _strings(blob[len(_MAGIC) + 4 :], 5)
    public = _ed25519(public_blob)
    if signed_namespace != namespace.encode():
        raise ValueError(f"the signature is for {signed_namespace!r}, not for {namespace!r}")
    if algorithm != b"sha512":
        raise ValueError(f"the hash algorithm {algorithm!r} is not sha512")
    kind, raw = _strings(signature_blob, 2)
    if kind != _KEY_TYPE or not VerifierKey("ssh", public).verifies(
        raw, _signed_data(message, signed_namespace, algorithm)
    ):
        raise ValueError("the SSH signature is wrong")
    return public


def ed25519_of(line: str) -> bytes:
    """The 32 bytes of a key written `ssh-ed25519 AAAA…`; raises ValueError for any other."""
    try:
        return _ed25519(base64.b64decode(line.split(" ")[1], validate=True))
    except (IndexError, binascii.Error) as error:
        raise ValueError(f"{line[:40]!r} is no ssh-ed25519 key") from error


def allowed_signers(content: str) -> list[AllowedSigner]:
    """The Ed25519 lines of an `allowed_signers` file; comments and other key types are left out."""
    found = []
    for line in content.splitlines():
        fields = line.split()
        if len(fields) < 3 or line.startswith("#") or "ssh-ed25519" not in fields[1:-1]:
            continue
        at = fields.index("ssh-ed25519", 1)
        try:
            public = _ed25519(base64.b64decode(fields[at + 1], validate=True))
        except binascii.Error as error:
            raise ValueError("a key in allowed_signers is not base64") from error
        found.append(AllowedSigner(fields[0], _namespaces(fields[1:at]), public))
    return found


def _namespaces(options: list[str]) -> tuple[str, ...]:
    for option in ",".join(options).split('",'):
        name, _, value = option.partition("=")
        if name.lower() == "namespaces":
            return tuple(value.strip('"').split(","))
    return ()


def _signed_data(message: bytes, namespace: bytes, algorithm: bytes) -> bytes:
    return _MAGIC + _string(namespace) + _string(b"") + _string(algorithm) + _string(sha512(message).digest())


def _public_blob(public: bytes) -> bytes:
    return _string(_KEY_TYPE) + _string(public)


def _ed25519(blob: bytes) -> bytes:
    kind, public = _strings(blob, 2)
    if kind != _KEY_TYPE or len(public) != 32:
        raise ValueError("not an ssh-ed25519 key")
    return public


def _string(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


def _strings(blob: bytes, count: int) -> list[bytes]:
    """Exactly `count` length-prefixed strings."""
    found, at = [], 0
    for _ in range(count):
        length = int.from_bytes(blob[at : at + 4], "big")
        at += 4
        if at + length > len(blob):
            raise ValueError("a length reaches beyond the end")
        found.append(blob[at : at + length])
        at += length
    if at != len(blob):
        raise ValueError("bytes are left over")
    return found
