"""CloudTrail events and files for tests, in the shapes that AWS documents."""

import gzip
import json
from pathlib import Path
from typing import Any

ACCOUNT = "111122223333"


def event(name: str, at: str = "2026-02-03T10:00:00Z", **more: Any) -> dict[str, Any]:
    """One event; `source` is the service, everything else a field of it."""
    source = more.pop("source", "iam")
    made = {
        "eventVersion": "1.08",
        "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/ada", "userName": "ada"},
        "eventTime": at,
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "requestParameters": None,
        "responseElements": None,
        "eventID": f"{name}-{at}",
        "readOnly": name.startswith(("Get", "List", "Describe")),
        "recipientAccountId": ACCOUNT,
    }
    return made | more


def written(*events: dict[str, Any]) -> bytes:
    return gzip.compress(json.dumps({"Records": list(events)}).encode(), mtime=0)


def key(at: str, region: str = "us-east-1", account: str = ACCOUNT, tail: str = "aaaaaaaaaaaaaaaa") -> str:
    """Key of a delivered file; `at` is like `20260203T1005Z`."""
    day = f"{at[:4]}/{at[4:6]}/{at[6:8]}"
    return f"AWSLogs/{account}/CloudTrail/{region}/{day}/{account}_CloudTrail_{region}_{at}_{tail}.json.gz"


def put(folder: Path, name: str, *events: dict[str, Any]) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written(*events))
    return path
