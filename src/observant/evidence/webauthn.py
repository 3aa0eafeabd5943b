"""Signatures by passkeys over a file: a WebAuthn assertion whose challenge is the file's SHA-256.

A browser lets a passkey sign `authenticatorData || SHA-256(clientDataJSON)`, and writes into clientDataJSON which
challenge it was asked and by which page (W3C Web Authentication, level 2, section 7.2). What is kept is a JSON object
of these parts, so that whoever has the file, this object and the key can check it: with this module, or with
`verify-passkey.sh`, which needs openssl alone.

Standard library and `cryptography` only. Functions that read raise ValueError for what is malformed or wrong.
"""

import base64
import binascii
import json
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

FORMAT = "webauthn"
_PARTS = ("authenticatorData", "clientDataJSON", "publicKey", "signature")
_PRESENT_AND_VERIFIED = 0x05
"""User present, and user verified: by PIN, finger or face, not by touch alone."""


class PasskeyName(NamedTuple):
    """A passkey as records name it: `webauthn RPID BASE64`, the public key as SubjectPublicKeyInfo (DER)."""

    rp: str
    public: bytes

    def __str__(self) -> str:
        return f"{FORMAT} {self.rp} {base64.b64encode(self.public).decode()}"

    @classmethod
    def parse(cls, written: str) -> "PasskeyName":
        parts = written.split(" ")
        if len(parts) != 3 or parts[0] != FORMAT or not parts[1]:
            raise ValueError(f"{written[:40]!r} is no passkey")
        return cls(parts[1], _base64(parts[2]))


def challenge_of(content: bytes) -> str:
    """What a passkey is asked to sign for a file: its SHA-256, base64url without padding."""
    return base64.urlsafe_b64encode(sha256(content).digest()).rstrip(b"=").decode()


def written(passkey: PasskeyName, authenticator_data: bytes, client_data: bytes, signature: bytes) -> bytes:
    """The signature as it is kept: one line, keys in order, everything in base64."""
    parts = (authenticator_data, client_data, passkey.public, signature)
    told = {name: base64.b64encode(part).decode() for name, part in zip(_PARTS, parts, strict=True)}
    return json.dumps({**told, "rpId": passkey.rp}, separators=(",", ":"), sort_keys=True).encode()


def passkey_of(content: bytes, signature: bytes) -> PasskeyName:
    """The passkey that signed the file; raises ValueError when it did not."""
    told = _object(signature)
    data, client, public, made = (_base64(told[name]) for name in _PARTS)
    passkey = PasskeyName(str(told["rpId"]), public)
    if written(passkey, data, client, made) != signature:
        raise ValueError("the passkey's signature is not in its one proper spelling")
    _check_client(client, challenge_of(content), passkey.rp)
    if len(data) < 37 or data[:32] != sha256(passkey.rp.encode()).digest():
        raise ValueError("the passkey answered to another site")
    if data[32] & _PRESENT_AND_VERIFIED != _PRESENT_AND_VERIFIED:
        raise ValueError("the passkey did not verify who used it")
    _check_signature(public, made, data + sha256(client).digest())
    return passkey


def check_key(public: bytes) -> None:
    """Raise ValueError for a public key that cannot be checked here."""
    _loaded(public)


def _object(signature: bytes) -> dict[str, Any]:
    try:
        told = json.loads(signature)
    except (ValueError, RecursionError) as error:
        raise ValueError("not the signature of a passkey") from error
    parts = told if isinstance(told, dict) else {}
    if set(parts) != {*_PARTS, "rpId"} or not all(isinstance(part, str) for part in parts.values()):
        raise ValueError("not the signature of a passkey")
    return parts


def _check_client(client: bytes, challenge: str, rp: str) -> None:
    # Browsers write these members first and in this order (section 5.8.1.1), which lets a shell check them too.
    beginning = f'{{"type":"webauthn.get","challenge":"{challenge}","origin":"'.encode()
    if not client.startswith(beginning):
        raise ValueError("the passkey signed something else than this file")
    rest = client.removeprefix(beginning)
    origin, _, after = rest.partition(b'"')
    place = urlsplit(origin.decode("ascii", "replace"))
    host = place.hostname or ""
    if host != rp and not host.endswith(f".{rp}"):
        raise ValueError("the page that asked belongs to another site")
    if place.scheme != "https" and host != "localhost":
        raise ValueError("the page that asked was not protected")
    if after.startswith(b',"crossOrigin":true'):
        raise ValueError("the page that asked was inside a page of another site")


def _check_signature(public: bytes, signature: bytes, message: bytes) -> None:
    key = _loaded(public)
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), SHA256())
        else:
            key.verify(signature, message)
    except InvalidSignature as error:
        raise ValueError("the passkey's signature is wrong") from error


def _loaded(public: bytes) -> ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey:
    try:
        key = load_der_public_key(public)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError("not a public key") from error
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    if isinstance(key, rsa.RSAPublicKey) and 2048 <= key.key_size <= 8192:
        return key
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key
    raise ValueError("a passkey signs with P-256, RSA or Ed25519")


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64") from error
