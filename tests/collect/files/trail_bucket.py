"""A log bucket as CloudTrail fills it, signed with a real RSA key."""

import base64
import gzip
import hashlib
import json
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ACCOUNT, REGION, BUCKET, FINGERPRINT = "111122223333", "eu-west-1", "log-bucket", "31e8b5433410dfb61a9dc45cc65b22ff"
START = datetime(2026, 1, 1, tzinfo=UTC)


def write_keys(file, key):
    """What `aws cloudtrail list-public-keys` answers."""
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    listed = {"PublicKeyList": [{"Value": base64.b64encode(der).decode(), "Fingerprint": FINGERPRINT}]}
    file.write_text(json.dumps(listed))
    return file


class Bucket:
    """A bucket as CloudTrail fills it: a digest each hour, two log files in each."""

    def __init__(self, folder, key):
        self.folder, self.key = folder, key
        self.previous = None
        self.hour = 0
        self.digests = []
        self.logs = []

    def put(self, name, content):
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(gzip.compress(content))
        return hashlib.sha256(content).hexdigest()

    def pass_hour(self, *, fresh=False):
        begins, self.hour = START + timedelta(hours=self.hour), self.hour + 1
        ends = START + timedelta(hours=self.hour)
        logs = []
        for number in range(2):
            name = f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026/01/01/{ACCOUNT}_{self.hour}_{number}.json.gz"
            hashed = self.put(name, json.dumps({"Records": [self.hour, number]}).encode())
            logs.append({"s3Bucket": BUCKET, "s3Object": name, "hashValue": hashed, "hashAlgorithm": "SHA-256"})
            self.logs.append(name)
        stamp = ends.strftime("%Y%m%dT%H%M%SZ")
        name = (
            f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/{REGION}/2026/01/01/"
            f"{ACCOUNT}_CloudTrail-Digest_{REGION}_main_{REGION}_{stamp}.json.gz"
        )
        before = None if fresh else self.previous
        content = {
            "awsAccountId": ACCOUNT,
            "digestStartTime": begins.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "digestEndTime": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "digestS3Bucket": BUCKET,
            "digestS3Object": name,
            "digestPublicKeyFingerprint": FINGERPRINT,
            "digestSignatureAlgorithm": "SHA256withRSA",
            "previousDigestS3Object": before and before["name"],
            "previousDigestHashValue": before and before["hash"],
            "previousDigestSignature": before and before["signature"],
            "logFiles": logs,
        }
        raw = json.dumps(content).encode()
        hashed = self.put(name, raw)
        last = content["previousDigestSignature"] or "null"
        signed = f"{content['digestEndTime']}\n{BUCKET}/{name}\n{hashed}\n{last}"
        signature = self.key.sign(signed.encode(), PKCS1v15(), SHA256()).hex()
        (self.folder / f"{name}.signature").write_text(signature)
        self.previous = {"name": name, "hash": hashed, "signature": signature}
        self.digests.append(name)
