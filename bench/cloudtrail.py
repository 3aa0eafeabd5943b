"""Reading CloudTrail files: observant against the loop that everybody writes first, on the same files and processors.

    uv run bench/cloudtrail.py [--files 2000] [--events 400] [--runs 3] [--folder KEPT]

The loop is `json.loads(gzip.decompress(file))` over all files, picking the events that change access and counting the
rest: what it finds must be what observant finds. Observant does all of its work: listing, order, decoding on every
processor, each event once, sessions, batches. Each run is a fresh process. Wall seconds count, because the loop uses
one processor and observant all of them; CPU seconds are printed too, with the children's. Peak memory is that of the
largest process, for a tenth of the files and for all: it must not grow.

The files are as CloudTrail delivers them: one account and region, five minutes, calls of a few programs and people over
and over, with ids and times of their own. One call in two hundred changes access.
"""

import argparse
import gzip
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ACCOUNT = "111122223333"
READS = [
    ("ec2", "DescribeInstances", {"filterSet": {"items": [{"name": "instance-state-name", "valueSet": {}}]}}),
    ("s3", "GetBucketAcl", {"bucketName": "company-logs", "Host": "company-logs.s3.eu-west-1.amazonaws.com"}),
    ("kms", "Decrypt", {"encryptionContext": {"aws:s3:arn": "arn:aws:s3:::company-data/part"}}),
    ("sts", "AssumeRole", {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/service-worker", "roleSessionName": "worker"}),
    ("logs", "CreateLogStream", {"logGroupName": "/aws/lambda/orders", "logStreamName": "2026/01/01/[$LATEST]"}),
    ("iam", "GetRole", {"roleName": "service-worker"}),
    ("dynamodb", "DescribeTable", {"tableName": "orders"}),
    ("ssm", "GetParameters", {"names": ["/service/orders/url", "/service/orders/mode"], "withDecryption": True}),
]
WRITES = [
    ("iam", "AttachRolePolicy", {"roleName": "deployment", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
    ("iam", "CreateAccessKey", {"userName": "ci"}),
    ("iam", "DeleteUser", {"userName": "leaver"}),
]


def generate(folder: Path, files: int, events: int) -> int:
    """Write the files; returns their bytes unpacked."""
    rng, start, size = random.Random(7), datetime(2026, 1, 1, tzinfo=UTC), 0
    for number in range(files):
        at = start + timedelta(minutes=5 * (number // 4))
        region = ("eu-west-1", "us-east-1", "eu-central-1", "us-west-2")[number % 4]
        callers = [_caller(rng) for _ in range(6)]
        text = json.dumps({"Records": [_event(rng, at, region, callers) for _ in range(events)]}, separators=(",", ":"))
        name = f"{ACCOUNT}_CloudTrail_{region}_{at:%Y%m%dT%H%MZ}_{rng.getrandbits(64):016x}.json.gz"
        path = folder / f"AWSLogs/{ACCOUNT}/CloudTrail/{region}/{at:%Y/%m/%d}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(text.encode(), 6))
        size += len(text)
    return size


def _caller(rng: random.Random) -> dict[str, Any]:
    role = rng.choice(["orders", "billing", "search", "deployment", "reporting"])
    issuer = {"type": "Role", "arn": f"arn:aws:iam::{ACCOUNT}:role/{role}", "accountId": ACCOUNT, "userName": role}
    session = {
        "sessionIssuer": issuer,
        "attributes": {"creationDate": "2026-01-01T00:00:00Z", "mfaAuthenticated": "false"},
    }
    return {
        "type": "AssumedRole",
        "principalId": f"AROA{rng.getrandbits(64):016X}:i-{rng.getrandbits(64):016x}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/i-{rng.getrandbits(64):016x}",
        "accountId": ACCOUNT,
        "accessKeyId": f"ASIA{rng.getrandbits(64):016X}",
        "sessionContext": session,
    }


def _event(rng: random.Random, at: datetime, region: str, callers: list[dict[str, Any]]) -> dict[str, Any]:
    service, name, parameters = rng.choice(WRITES if rng.random() < 0.005 else READS)
    return {
        "eventVersion": "1.09",
        "userIdentity": rng.choice(callers),
        "eventTime": f"{at + timedelta(seconds=rng.randrange(300)):%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": f"10.2.{rng.randrange(4)}.{rng.randrange(256)}",
        "userAgent": "Boto3/1.40.11 md/Botocore#1.40.11 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.12",
        "requestParameters": parameters,
        "responseElements": None,
        "requestID": str(uuid.UUID(int=rng.getrandbits(128))),
        "eventID": str(uuid.UUID(int=rng.getrandbits(128))),
        "readOnly": name.startswith(("Get", "Describe")),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
        "tlsDetails": {"tlsVersion": "TLSv1.3", "clientProvidedHostHeader": f"{service}.{region}.amazonaws.com"},
    }


def loop(folder: Path) -> dict[str, int]:
    """The plain loop."""
    wanted = {(f"{service}.amazonaws.com", name) for service, name, _ in WRITES}
    kept: list[dict[str, Any]] = []
    counted: Counter[str] = Counter()
    for path in sorted(folder.rglob("*.json.gz")):
        for event in json.loads(gzip.decompress(path.read_bytes()))["Records"]:
            if (event["eventSource"], event["eventName"]) in wanted:
                kept.append(event)
            else:
                counted[f"{event['eventSource']} {event['eventName']}"] += 1
    return {"kept": len(kept), "counted": sum(counted.values())}


class Nothing:
    """A log without events."""

    def files(self) -> set[str]:
        return set()

    def ids(self, *_: object) -> set[str]:
        return set()


def observant(folder: Path) -> dict[str, int]:
    """The product's own reader, up to the batches that the log is given."""
    from observant.collect.changes.folder import read_folder
    from observant.model.time import now

    nothing: Any = Nothing()
    found = {"kept": 0, "counted": 0}
    for batch in read_folder(folder, now, "bench", nothing, lambda _: None):
        found["kept"] += len(batch.events)
        found["counted"] += sum(batch.reading.counted.values())
    return found


PROGRAMS = {"loop": loop, "observant": observant}


def measured(program: str, folder: Path) -> dict[str, Any]:
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, __file__, "--program", program, "--folder", str(folder)], stdout=subprocess.PIPE, check=True
    )
    return {"wall": time.perf_counter() - began, **json.loads(done.stdout)}


def told(program: str, folder: Path) -> None:
    found = PROGRAMS[program](folder)
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
    print(json.dumps({**found, "cpu": cpu, "peak": max(own.ru_maxrss, others.ru_maxrss) / 1024}))


def compare(folder: Path, size: int, runs: int) -> None:
    best: dict[str, dict[str, Any]] = {}
    for _ in range(runs):
        for program in PROGRAMS:
            one = measured(program, folder)
            if program not in best or one["wall"] < best[program]["wall"]:
                best[program] = one
    assert {best["loop"][name] == best["observant"][name] for name in ("kept", "counted")} == {True}, best
    for program, one in best.items():
        seconds = f"wall {one['wall']:6.2f} s   CPU {one['cpu']:6.2f} s   peak {one['peak']:4.0f} MiB"
        found = f"{one['kept']} kept, {one['counted']} counted"
        print(f"{program:10} {size / 1e6 / one['wall']:7.0f} MB/s   {seconds}   {found}")
    ratio = best["loop"]["wall"] / best["observant"]["wall"]
    by_cpu = best["loop"]["cpu"] / best["observant"]["cpu"]
    print(f"ratio      {ratio:.1f} by wall, {by_cpu:.1f} by CPU, {os.cpu_count()} processors")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--events", type=int, default=400)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--program", choices=PROGRAMS)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.program:
        told(given.program, given.folder)
        return
    with tempfile.TemporaryDirectory() as place:
        few, many = Path(place) / "few", Path(place) / "many"
        for folder, files in ((few, given.files // 10), (many, given.files)):
            size = generate(folder, files, given.events)
            print(f"{files} files, {files * given.events} events, {size / 1e6:.0f} MB unpacked")
            compare(folder, size, given.runs)


if __name__ == "__main__":
    main()
