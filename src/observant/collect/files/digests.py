"""CloudTrail's own proof: the chain of digest files, checked over a folder of files as they were delivered.

Every hour CloudTrail writes a digest of the log files it delivered, with hash and signature of the digest before. A
digest's own signature is kept as metadata of the object in S3 and in the next digest; copying a bucket loses the
metadata, so the newest digest has a signature only where somebody saved it beside (`NAME.json.gz.signature`, in hex).

    string to sign = digestEndTime \\n bucket/object \\n SHA-256 of the unpacked digest, hex \\n
                     signature of the digest before, or null

RSA with SHA-256, PKCS #1 v1.5; hashes are of the unpacked content.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html
"""

import base64
import binascii
import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from observant.collect.files.digest_answers import Found, Outcome, Verified
from observant.errors import InputError

Json = dict[str, Any]

LARGEST_DIGEST = 64 << 20
"""Bytes, unpacked; AWS's are a few hundred kilobytes."""
_CHUNK = 1 << 20
_NAME = re.compile(r"(\d{12})_CloudTrail-Digest_([\w-]+?)_(.+)_([a-z0-9-]+)_(\d{8}T\d{6}Z)\.json\.gz")
_NEEDED = ("digestStartTime", "digestEndTime", "digestS3Bucket", "digestS3Object", "digestPublicKeyFingerprint")
_BROKEN = (OSError, EOFError, zlib.error)


class Digest(msgspec.Struct):
    """One digest file. `key`: its place in the bucket, by its own word."""

    file: Path
    key: str
    sha256: str
    content: Json
    trail: tuple[str, ...]
    signature: str = ""


def public_keys(files: list[Path]) -> dict[str, RSAPublicKey]:
    """Fingerprint -> key, from answers of `aws cloudtrail list-public-keys`. Raises InputError."""
    found: dict[str, RSAPublicKey] = {}
    for file in files:
        try:
            for one in json.loads(file.read_bytes())["PublicKeyList"]:
                key = load_der_public_key(base64.b64decode(one["Value"], validate=True))
                if isinstance(key, RSAPublicKey):
                    found[one["Fingerprint"]] = key
        except (OSError, ValueError, KeyError, TypeError) as problem:
            remedy = "write it with `aws cloudtrail list-public-keys --start-time … --end-time … > keys.json`"
            raise InputError(file, "", f"not a list of CloudTrail's public keys: {problem}", remedy) from problem
    return found


def recorded_keys(held: dict[str, str]) -> dict[str, RSAPublicKey]:
    """The same from fingerprints and keys (DER in base64) that snapshots hold; what is no RSA key is left out."""
    found: dict[str, RSAPublicKey] = {}
    for fingerprint, written in held.items():
        try:
            key = load_der_public_key(base64.b64decode(written, validate=True))
        except ValueError:
            continue  # the digest that it signed is then named as one with an unknown key
        if isinstance(key, RSAPublicKey):
            found[fingerprint] = key
    return found


def verify_digests(folder: Path, keys: dict[str, RSAPublicKey]) -> Verified:
    """Check every digest below a folder, and every log file that one names. Raises InputError where there is none."""
    chain = _Chain(folder, keys)
    if not chain.digests and not chain.found:
        raise InputError(folder, "", "no digest file is here", "copy the bucket with `aws s3 sync`, digests included")
    return chain.verify()


class _Chain:
    def __init__(self, folder: Path, keys: dict[str, RSAPublicKey]) -> None:
        self.folder, self.keys = folder, keys
        self.found: list[Found] = []
        self.logs = 0
        self.digests = {one.key: one for one in self._read()}
        self.prefix = ""

    def _read(self) -> Iterator[Digest]:
        for file in sorted(self.folder.rglob("*_CloudTrail-Digest_*.json.gz")):
            shown = file.relative_to(self.folder).as_posix()
            named = _NAME.fullmatch(file.name)
            if named is None:
                self.found.append(Found(Outcome.DIGEST_UNREADABLE, shown, "it is not called like a digest"))
                continue
            try:
                raw = _unpacked(file)
                content = _content(raw)
            except (*_BROKEN, ValueError, AttributeError, RecursionError) as problem:
                self.found.append(Found(Outcome.DIGEST_UNREADABLE, shown, str(problem)))
                continue
            key = content["digestS3Object"]
            if not key.endswith(shown):
                self.found.append(Found(Outcome.DIGEST_MOVED, shown, f"it says that it belongs at {key}"))
            beside = file.with_name(f"{file.name}.signature")
            signature = beside.read_text().strip() if beside.is_file() else ""
            yield Digest(file, key, hashlib.sha256(raw).hexdigest(), content, named.groups()[:4], signature)

    def verify(self) -> Verified:
        by_trail: dict[tuple[str, ...], list[Digest]] = {}
        for digest in sorted(self.digests.values(), key=lambda one: one.content["digestEndTime"]):
            by_trail.setdefault(digest.trail, []).append(digest)
        for digests in by_trail.values():
            for place, digest in enumerate(digests):
                self._link(digest, digests[:place])
        for digest in self.digests.values():
            self._signature(digest)
            for log in digest.content.get("logFiles") or []:
                self._log(digest, log)
        return Verified(
            digests=len(self.digests),
            log_files=self.logs,
            begins=min((one.content["digestStartTime"] for one in self.digests.values()), default=""),
            ends=max((one.content["digestEndTime"] for one in self.digests.values()), default=""),
            found=self.found,
        )

    def _link(self, digest: Digest, earlier: list[Digest]) -> None:
        """The digest before must be there, unchanged, and reach to where this one begins."""
        content = digest.content
        before = content.get("previousDigestS3Object")
        if before is None:
            if earlier:
                since = earlier[-1].content["digestEndTime"]
                detail = f"the chain begins anew: nothing proves the time from {since} to {content['digestStartTime']}"
                self._tell(Outcome.GAP, digest, detail)
            return
        previous = self.digests.get(before)
        if previous is None:
            if earlier:
                self.found.append(Found(Outcome.DIGEST_MISSING, str(before), f"named by {digest.key}"))
            return
        previous.signature = content.get("previousDigestSignature") or previous.signature
        if previous.sha256 != content.get("previousDigestHashValue"):
            self._tell(Outcome.DIGEST_CHANGED, previous, f"its hash is not the one in {digest.key}")
        if previous.content["digestEndTime"] != content["digestStartTime"]:
            until = previous.content["digestEndTime"]
            self._tell(
                Outcome.GAP, digest, f"it begins at {content['digestStartTime']}, the one before ends at {until}"
            )

    def _signature(self, digest: Digest) -> None:
        content = digest.content
        key = self.keys.get(content["digestPublicKeyFingerprint"])
        if key is None:
            self._tell(Outcome.KEY_UNKNOWN, digest, f"signed with key {content['digestPublicKeyFingerprint']}")
            return
        if not digest.signature:
            self._tell(Outcome.UNSIGNED, digest, "no later digest has its signature, and none is saved beside it")
            return
        signed = "\n".join(
            (
                content["digestEndTime"],
                f"{content['digestS3Bucket']}/{content['digestS3Object']}",
                digest.sha256,
                content.get("previousDigestSignature") or "null",
            )
        )
        try:
            key.verify(binascii.unhexlify(digest.signature), signed.encode(), PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError):
            self._tell(Outcome.SIGNATURE_WRONG, digest, "its signature does not fit its content")

    def _log(self, digest: Digest, log: Any) -> None:  # noqa: ANN401 (straight from JSON)
        name = log.get("s3Object") if isinstance(log, dict) else None
        if not isinstance(name, str) or ".." in Path(name).parts or Path(name).is_absolute():
            self._tell(Outcome.DIGEST_UNREADABLE, digest, f"it names a log file in a way that cannot be: {log!r}")
            return
        self.logs += 1
        file = self._place(digest, name)
        if not file.is_file():
            self.found.append(Found(Outcome.LOG_MISSING, name, f"named by {digest.key}"))
            return
        try:
            same = _hash_of(file) == log.get("hashValue")
        except _BROKEN as problem:
            self.found.append(Found(Outcome.LOG_CHANGED, name, f"it cannot be unpacked: {problem}"))
            return
        if not same:
            self.found.append(Found(Outcome.LOG_CHANGED, name, f"its hash is not the one in {digest.key}"))

    def _place(self, digest: Digest, name: str) -> Path:
        """A folder may hold the bucket from some prefix on: what a digest's place leaves away, a log's does too."""
        here = digest.file.relative_to(self.folder).as_posix()
        prefix = digest.key.removesuffix(here) if digest.key.endswith(here) else ""
        return self.folder / name.removeprefix(prefix)

    def _tell(self, outcome: Outcome, digest: Digest, detail: str) -> None:
        self.found.append(Found(outcome, digest.key, detail))


def _content(raw: bytes) -> Json:
    content = json.loads(raw)
    if not isinstance(content, dict) or any(not isinstance(content.get(one), str) for one in _NEEDED):
        raise ValueError("it is no digest of CloudTrail")
    return content


def _unpacked(file: Path) -> bytes:
    with gzip.open(file) as packed:
        content = packed.read(LARGEST_DIGEST + 1)
    if len(content) > LARGEST_DIGEST:
        raise ValueError(f"it is larger than {LARGEST_DIGEST} bytes")
    return content


def _hash_of(file: Path) -> str:
    digest = hashlib.sha256()
    with gzip.open(file) as packed:
        while chunk := packed.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
