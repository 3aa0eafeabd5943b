"""Signed notes (C2SP signed-note) with Ed25519 keys: a text, a blank line, one line per signature.

    example.org/observant
    365
    xvWl...=

    — example.org/observant uSzT...=

Every function raises ValueError for what is not such a note; the caller knows the file's name and the incident.
"""

import base64
import binascii
import re
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519 = 1
_MOST_SIGNATURES = 100
_LARGEST_NOTE = 1_000_000
_KEY_NAME = re.compile(r"[^\s+]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class VerifierKey(NamedTuple):
    """A public key with the name it signs under; written `name+hash+base64`, the field's "vkey"."""

    name: str
    public: bytes
    """32 bytes, Ed25519."""

    @property
    def hash(self) -> bytes:
        """The four bytes that tell keys of one name apart."""
        return sha256(self.name.encode() + b"\n" + bytes([ED25519]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.hash.hex()}+{base64.b64encode(bytes([ED25519]) + self.public).decode()}"

    @classmethod
    def parse(cls, written: str) -> "VerifierKey":
        """Read `name+hash+base64`, split at the first two `+` only: base64 has a `+` of its own."""
        name, hash_text, key = (*written.strip().split("+", 2), "", "")[:3]
        if not is_key_name(name):
            raise ValueError(f"{written!r} does not begin with a key name")
        decoded = _base64(key)
        if len(decoded) != 33 or decoded[0] != ED25519:
            raise ValueError(f"the key of {name} is not an Ed25519 key")
        read = cls(name, decoded[1:])
        if read.hash.hex() != hash_text:
            raise ValueError(f"the key hash of {name} does not belong to its key")
        return read

    def verifies(self, signature: bytes, message: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


class NoteSignature(NamedTuple):
    name: str
    hash: bytes
    signature: bytes


class Note(NamedTuple):
    text: str
    """Ends with a newline; exactly what is signed."""
    signatures: list[NoteSignature]


def is_key_name(name: str) -> bool:
    """Not empty, no white space, no `+`."""
    return _KEY_NAME.fullmatch(name) is not None


def parse(content: bytes) -> Note:
    """Split a note into text and signatures, verifying nothing."""
    if len(content) > _LARGEST_NOTE:
        raise ValueError("the note is larger than a megabyte")
    written = content.decode("utf-8")
    if _CONTROL.search(written):
        raise ValueError("the note holds control characters")
    text, separator, block = written.rpartition("\n\n")
    if not separator or not block.endswith("\n"):
        raise ValueError("the note has no signatures")
    lines = block[:-1].split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise ValueError("the note has more than a hundred signatures")
    return Note(text + "\n", [_signature_line(line) for line in lines])


def verified_by(note: Note, keys: list[VerifierKey]) -> list[VerifierKey]:
    """The known keys that signed. Unknown signers are ignored; a wrong signature of a known key raises ValueError."""
    signers: list[VerifierKey] = []
    for line in note.signatures:
        known = [key for key in keys if key.name == line.name and key.hash == line.hash]
        if len(known) > 1:
            raise ValueError(f"two known keys share the name {line.name} and one hash")
        if not known or known[0] in signers:
            continue
        if not known[0].verifies(line.signature, note.text.encode()):
            raise ValueError(f"the signature of {line.name} is wrong")
        signers.append(known[0])
    return signers


def signature_line(key: VerifierKey, signature: bytes) -> str:
    return f"— {key.name} {base64.b64encode(key.hash + signature).decode()}\n"


def _signature_line(line: str) -> NoteSignature:
    if not line.startswith("— "):
        raise ValueError("a signature line does not begin with an em dash")
    name, _, encoded = line[2:].partition(" ")
    decoded = _base64(encoded)
    if not is_key_name(name) or len(decoded) < 5:
        raise ValueError("a signature line is malformed")
    return NoteSignature(name, decoded[:4], decoded[4:])


def _base64(text: str) -> bytes:
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"{text[:20]!r} is not base64") from error
    if base64.b64encode(decoded).decode() != text:
        raise ValueError(f"{text[:20]!r} is not base64 in its one proper spelling")
    return decoded
