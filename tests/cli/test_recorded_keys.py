"""Digest files are proven with the public keys that the workspace's own snapshots hold."""

import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from cli.conftest import ACCOUNT, Observant
from collect.files.trail_bucket import Bucket, write_keys
from observant_clouds.aws import Cloud, lake


def test_no_key_file_is_needed_once_the_account_was_collected(aws: Cloud, observant: Observant, tmp_path: Path) -> None:
    signing = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    listed: dict[str, Any] = json.loads(write_keys(tmp_path / "keys.json", signing).read_text())
    lake.PUBLIC_KEYS["us-east-1"] = listed["PublicKeyList"]
    aws.account(ACCOUNT).bucket("log-bucket")
    aws.account(ACCOUNT).trail("main", "log-bucket")
    bucket = Bucket(tmp_path / "bucket", signing)
    bucket.pass_hour()

    before = observant("changes", "verify-digests", str(bucket.folder))
    observant("collect")
    after = observant("changes", "verify-digests", str(bucket.folder))

    assert (3, 0) == (before[0], after[0])
    assert "key unknown" in before[1]
    assert "Everything is proven: 1 digests and 2 log files" in after[1]
