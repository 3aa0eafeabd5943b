"""A second verifier of a store, written from the published formats: imports nothing of ours.

`python second_verifier.py STORE LOG_VKEY STATEMENT_VKEY` prints `good` or `bad: why` and ends with 0 or 4.
Sources: C2SP signed-note, tlog-checkpoint, tlog-tiles; RFC 6962; DSSE protocol; in-toto Statement v1.
"""

import base64
import hashlib
import json
import lzma
import pathlib
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Bad(Exception):
    pass


def sha(data):
    return hashlib.sha256(data).digest()


def root_of(hashes):
    """MTH of RFC 6962, by its definition."""
    if not hashes:
        return sha(b"")
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return sha(b"\x01" + root_of(hashes[:split]) + root_of(hashes[split:]))


def key_of(vkey):
    name, short, encoded = vkey.strip().split("+", 2)
    raw = base64.b64decode(encoded)
    if raw[0] != 1 or sha(name.encode() + b"\n" + raw)[:4].hex() != short:
        raise Bad("vkey")
    return name, bytes.fromhex(short), Ed25519PublicKey.from_public_bytes(raw[1:])


def verify(key, signature, message):
    try:
        key.verify(signature, message)
    except InvalidSignature:
        raise Bad("signature") from None


def checkpoint_of(content, vkey):
    name, short, key = key_of(vkey)
    text, _, signatures = content.decode().rpartition("\n\n")
    for line in signatures.splitlines():
        dash, signer, encoded = line.split(" ")
        blob = base64.b64decode(encoded, validate=True)
        if dash == "—" and signer == name and blob[:4] == short:
            verify(key, blob[4:], (text + "\n").encode())
            origin, size, root = text.split("\n")[:3]
            if origin != name:
                raise Bad("origin")
            return int(size), base64.b64decode(root)
    raise Bad("not signed by the log")


def tile_name(kind, number, width):
    path = f"{number % 1000:03d}"
    while number >= 1000:
        number //= 1000
        path = f"x{number % 1000:03d}/{path}"
    return f"log/tile/{kind}/{path}" + (f".p/{width}" if width < 256 else "")


def tiles_of(size):
    return [(at // 256, min(256, size - at)) for at in range(0, size, 256)]


def entries_of(data):
    found = []
    while data:
        length = data[0] << 8 | data[1]
        if len(data) < 2 + length:
            raise Bad("bundle")
        found.append(data[2 : 2 + length])
        data = data[2 + length :]
    return found


def check(root, log_vkey, statement_vkey):  # noqa: C901 (one page, read from top to bottom)
    used = {"log/checkpoint"}

    def read(name):
        used.add(name)
        return (root / name).read_bytes()

    sizes = sorted(int(path.name) for path in (root / "log/checkpoints").iterdir() if path.name.isdecimal())
    heads = {size: checkpoint_of(read(f"log/checkpoints/{size}"), log_vkey) for size in sizes}
    pointed = (root / "log/checkpoint").read_bytes()
    if pointed != read(f"log/checkpoints/{checkpoint_of(pointed, log_vkey)[0]}"):
        raise Bad("pointer")
    size = sizes[-1]
    entries = [one for number, width in tiles_of(size) for one in entries_of(read(tile_name("entries", number, width)))]
    leaves = [sha(b"\x00" + entry) for entry in entries]
    if len(leaves) != size or any(heads[one] != (one, root_of(leaves[:one])) for one in sizes):
        raise Bad("tree")
    level, hashes = 0, leaves
    while hashes:
        for number, width in tiles_of(len(hashes)):
            if read(tile_name(level, number, width)) != b"".join(hashes[number * 256 : number * 256 + width]):
                raise Bad("tile")
        full = len(hashes) // 256
        level, hashes = level + 1, [root_of(hashes[at * 256 : at * 256 + 256]) for at in range(full)]
    _, _, key = key_of(statement_vkey)
    recorded, objects = "", set()
    for entry in entries:
        envelope = json.loads(entry)
        payload = base64.b64decode(envelope["payload"], validate=True)
        kind = envelope["payloadType"]
        pae = f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload
        verify(key, base64.b64decode(envelope["signatures"][0]["sig"], validate=True), pae)
        statement = json.loads(payload)
        if statement["predicate"]["recorded"] < recorded:
            raise Bad("clock")
        recorded = statement["predicate"]["recorded"]
        subjects = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
        for name, digest in subjects.items():
            if name.split("/")[0] in ("log", "keys", "anchors", "objects") and sha(read(name)).hex() != digest:
                raise Bad(name)
        for name in sorted(subjects, reverse=True):  # packs before manifests
            lines = lzma.decompress((root / name).read_bytes()).split(b"\n") if name.startswith("objects/") else []
            if name.startswith("objects/pack/"):
                objects |= {sha(line).hex() for line in lines}
            elif name.startswith("objects/manifest/"):
                count = json.loads(lines[0])["entries"]["lines"]
                named = [json.loads(line) for line in lines[1 : 1 + count]]
                if not {one[2] for one in named if len(one) == 3} <= objects:
                    raise Bad("an object is missing")
    extra = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()} - used - {".lock"}
    return size, sorted(extra)


def main(arguments):
    try:
        size, extra = check(pathlib.Path(arguments[0]), *arguments[1:3])
    except (Bad, OSError, ValueError, KeyError, IndexError, TypeError, lzma.LZMAError) as problem:
        return f"bad: {problem!r}", 4
    return f"good: {size} entries" + "".join(f"\nunauthenticated {name}" for name in extra), 0


if __name__ == "__main__":
    said, code = main(sys.argv[1:])
    print(said)
    sys.exit(code)
