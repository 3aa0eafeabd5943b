"""A passkey's signature over a file: `verify-passkey.sh` and our verifier agree on what is good, and on mutants."""

import base64
import json
import subprocess
from collections.abc import Callable
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from observant.evidence.webauthn import PasskeyName, challenge_of, passkey_of, written

TABLE = b"# an access review\r\nitem,decision\r\n"
SCRIPT = files("observant.evidence").joinpath("verify-passkey.sh")
Sign = Callable[[bytes], bytes]


def key(kind: str) -> tuple[bytes, Sign]:
    made: Any
    if kind == "P-256":
        made = ec.generate_private_key(ec.SECP256R1())
        sign = lambda message: made.sign(message, ec.ECDSA(SHA256()))  # noqa: E731
    elif kind == "RSA":
        made = rsa.generate_private_key(65537, 2048)
        sign = lambda message: made.sign(message, padding.PKCS1v15(), SHA256())  # noqa: E731
    else:
        made = ed25519.Ed25519PrivateKey.generate()
        sign = made.sign
    return made.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), sign


P256 = key("P-256")


def signature(made: tuple[bytes, Sign] = P256, **changed: Any) -> bytes:
    """As a browser and a passkey would make it, but for what is changed."""
    given = {
        "type": "webauthn.get",
        "challenge": challenge_of(TABLE),
        "origin": "https://reviews.example.com",
        "crossOrigin": False,
    }
    client = json.dumps(given | changed.get("client", {}), separators=(",", ":")).encode()
    rp = changed.get("rp", "example.com")
    data = sha256(changed.get("answered", rp).encode()).digest() + bytes([changed.get("flags", 5), 0, 0, 0, 1])
    data = data[: changed.get("length", 99)]
    return written(PasskeyName(rp, made[0]), data, client, made[1](data + sha256(client).digest()))


def shell(content: bytes, folder: Path, table: bytes = TABLE) -> tuple[int, str]:
    (folder / "table.csv").write_bytes(table)
    (folder / "signature.json").write_bytes(content)
    found = subprocess.run(
        ["sh", str(SCRIPT), folder / "table.csv", folder / "signature.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    return found.returncode, found.stdout.strip()


@pytest.mark.parametrize("kind", ["P-256", "RSA", "Ed25519"])
def test_both_accept_what_a_passkey_signed(kind: str, tmp_path: Path) -> None:
    made = key(kind)

    passkey = passkey_of(TABLE, signature(made))

    assert PasskeyName("example.com", made[0]) == passkey == PasskeyName.parse(str(passkey))
    assert (0, f"OK: signed by {passkey}") == shell(signature(made), tmp_path)


def other(name: str, change: Callable[[bytes], bytes]) -> bytes:
    told = json.loads(signature())
    told[name] = base64.b64encode(change(base64.b64decode(told[name]))).decode()
    return json.dumps(told, separators=(",", ":"), sort_keys=True).encode()


MUTANTS = {
    "another file": (signature(), TABLE + b" "),
    "another challenge": (signature(client={"challenge": challenge_of(b"x")}), TABLE),
    "a registration": (signature(client={"type": "webauthn.create"}), TABLE),
    "another page": (signature(client={"origin": "https://example.com.evil.test"}), TABLE),
    "a page whose end is alike": (signature(client={"origin": "https://evilexample.com"}), TABLE),
    "a page behind a user name": (signature(client={"origin": "https://example.com@evil.test"}), TABLE),
    "an unprotected page": (signature(client={"origin": "http://reviews.example.com"}), TABLE),
    "a page inside another": (signature(client={"crossOrigin": True}), TABLE),
    "another site": (signature(answered="evil.test"), TABLE),
    "nobody verified": (signature(flags=1), TABLE),
    "nobody present": (signature(flags=4), TABLE),
    "cut short": (signature(length=36), TABLE),
    "another counter": (other("authenticatorData", lambda data: data[:-1] + b"\2"), TABLE),
    "another signature": (other("signature", lambda data: data[:-1] + bytes([data[-1] ^ 1])), TABLE),
    "another key": (other("publicKey", lambda _: key("P-256")[0]), TABLE),
    "no key": (other("publicKey", lambda _: b"no key"), TABLE),
    "something after it": (signature() + b"\n", TABLE),
    "something more in it": (signature().replace(b"{", b'{"a":"",', 1), TABLE),
    "another spelling": (signature().replace(b'","', b'", "', 1), TABLE),
    "nothing": (b"", TABLE),
    "a list": (b"[]", TABLE),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_both_refuse_everything_else(mutant: str, tmp_path: Path) -> None:
    content, table = MUTANTS[mutant]

    with pytest.raises(ValueError, match=r"passkey|page|base64|key"):
        passkey_of(table, content)
    assert 4 == shell(content, tmp_path, table)[0], mutant
