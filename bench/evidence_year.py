"""A year of evidence of one account: bytes, CPU and memory.

    python bench/evidence_year.py [--days 365] [--users 1000] [--roles 1000] [--policies 3000]

2,000 principals and 3,000 policies; each day 0.5 % of the entities change and half of the principals have a new
last-used time. Seeded, one snapshot in memory at a time. Verification runs in a process of its own.
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from observant.evidence.log import Draft, Log
from observant.evidence.signers import Keys
from observant.evidence.snapshot import Collection, Entity, Reconciliation, Request, Snapshot
from observant.evidence.store.local import LocalStore
from observant.model.time import text

ORIGIN = "bench.example/observant"
SCOPE = "aws:123456789012"
SERVICES = [
    "s3",
    "ec2",
    "iam",
    "dynamodb",
    "sqs",
    "sns",
    "kms",
    "logs",
    "lambda",
    "ecr",
    "rds",
    "ssm",
    "states",
    "events",
]
VERBS = ["Get", "List", "Put", "Describe", "Delete", "Create", "Update", "Tag", "Attach", "Start"]
NOUNS = ["Object", "Item", "Queue", "Topic", "Key", "Function", "Image", "Table", "Role", "Policy", "Parameter", "Rule"]
WORDS = [
    f"{a}-{b}" for a in ("web", "data", "ops", "mail", "search", "build", "edge") for b in ("api", "job", "ui", "etl")
]
REGIONS = ["eu-central-1", "eu-west-1", "us-east-1"]


class Account:
    """Entities as the API would answer them, changing from day to day."""

    def __init__(self, users: int, roles: int, policies: int, seed: int = 7) -> None:
        self._random = random.Random(seed)
        self._start = datetime(2026, 1, 1, 2, tzinfo=UTC)
        self._users = {f"arn:aws:iam::123456789012:user/{self._word()}-{i:05d}": self._user(i) for i in range(users)}
        self._roles = {f"arn:aws:iam::123456789012:role/{self._word()}-{i:05d}": self._role(i) for i in range(roles)}
        self._policies = {
            f"arn:aws:iam::123456789012:policy/{self._word()}-{i:05d}": self._policy(i) for i in range(policies)
        }
        self._used = {urn: self._usage(urn, self._start) for urn in (*self._users, *self._roles)}

    def snapshot(self, day: int) -> Snapshot:
        started = self._start + timedelta(days=day)
        if day:
            self._change(started)
        finished = started + timedelta(minutes=3)
        collections = [
            self._collection("iam.users", self._users),
            self._collection("iam.roles", self._roles),
            self._collection("iam.policies", self._policies),
        ]
        requests = [
            Request(
                "iam:GetAccountAuthorizationDetails",
                {"Marker": self._hex(40)} if page % 3 else {},
                200,
                self._uuid(),
                text(started),
                self._hex(64),
            )
            for page in range(30)
        ]
        caller = "arn:aws:sts::123456789012:assumed-role/observant-reader/observant"
        return Snapshot(SCOPE, started, finished, "api", caller, collections, requests)

    def _collection(self, name: str, kept: dict[str, dict[str, object]]) -> Collection:
        entities = [Entity(urn, value, self._used.get(urn)) for urn, value in kept.items()]
        counted = Reconciliation(f"GetAccountSummary {name}", len(entities), len(entities))
        return Collection(name, entities, reconciled=[counted])

    def _change(self, now: datetime) -> None:
        for kept, fresh in ((self._users, self._user), (self._roles, self._role), (self._policies, self._policy)):
            for urn in self._random.sample(sorted(kept), len(kept) // 200):
                kept[urn] = fresh(int(urn[-5:]))
        for urn in self._random.sample(sorted(self._used), len(self._used) // 2):
            self._used[urn] = self._usage(urn, now)

    def _usage(self, urn: str, now: datetime) -> dict[str, object]:
        used = text(now - timedelta(seconds=self._random.randrange(86_400)))
        if ":user/" in urn:
            return {"PasswordLastUsed": used}
        return {"RoleLastUsed": {"LastUsedDate": used, "Region": self._random.choice(REGIONS)}}

    def _user(self, number: int) -> dict[str, object]:
        created = text(self._start - timedelta(seconds=self._random.randrange(10**8)))
        return {
            "AccessKeys": [{"AccessKeyId": "AKIA" + self._hex(16).upper(), "CreateDate": created, "Status": "Active"}],
            "AttachedManagedPolicies": [self._attached() for _ in range(3)],
            "CreateDate": created,
            "GroupList": [self._word() for _ in range(2)],
            "MFADevices": [{"EnableDate": created, "SerialNumber": f"arn:aws:iam::123456789012:mfa/user-{number:05d}"}],
            "Path": "/",
            "Tags": [{"Key": "team", "Value": self._word()}],
            "UserId": "AIDA" + self._hex(17).upper(),
            "UserName": f"user-{number:05d}",
        }

    def _role(self, number: int) -> dict[str, object]:
        return {
            "AssumeRolePolicyDocument": self._document(
                "sts:AssumeRole", f"arn:aws:iam::123456789012:role/{self._word()}"
            ),
            "AttachedManagedPolicies": [self._attached() for _ in range(3)],
            "CreateDate": text(self._start - timedelta(seconds=self._random.randrange(10**8))),
            "MaxSessionDuration": 3600,
            "Path": "/service/",
            "RoleId": "AROA" + self._hex(17).upper(),
            "RoleName": f"role-{number:05d}",
            "RolePolicyList": [
                {"PolicyDocument": self._document(self._action(), self._resource()), "PolicyName": "inline"}
            ],
        }

    def _policy(self, number: int) -> dict[str, object]:
        statements = [
            {
                "Action": [self._action() for _ in range(6)],
                "Effect": "Allow",
                "Resource": [self._resource() for _ in range(3)],
            }
            for _ in range(3)
        ]
        return {
            "AttachmentCount": self._random.randrange(9),
            "DefaultVersionId": "v1",
            "Document": {"Statement": statements, "Version": "2012-10-17"},
            "PolicyId": "ANPA" + self._hex(17).upper(),
            "PolicyName": f"policy-{number:05d}",
            "UpdateDate": text(self._start - timedelta(seconds=self._random.randrange(10**8))),
        }

    def _document(self, action: str, resource: str) -> dict[str, object]:
        return {"Statement": [{"Action": action, "Effect": "Allow", "Resource": resource}], "Version": "2012-10-17"}

    def _attached(self) -> dict[str, str]:
        name = f"{self._word()}-{self._random.randrange(3000):05d}"
        return {"PolicyArn": f"arn:aws:iam::123456789012:policy/{name}", "PolicyName": name}

    def _action(self) -> str:
        return f"{self._random.choice(SERVICES)}:{self._random.choice(VERBS)}{self._random.choice(NOUNS)}"

    def _resource(self) -> str:
        return f"arn:aws:{self._random.choice(SERVICES)}:{self._random.choice(REGIONS)}:123456789012:{self._word()}/*"

    def _word(self) -> str:
        return self._random.choice(WORDS)

    def _hex(self, length: int) -> str:
        return f"{self._random.getrandbits(4 * length):0{length}x}"

    def _uuid(self) -> str:
        return "-".join(self._hex(length) for length in (8, 4, 4, 4, 12))


def record_year(root: Path, account: Account, days: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    keys = Keys.create(root / "keys", ORIGIN)
    store = LocalStore(root / "evidence")
    Log.create(store, keys, ORIGIN, lambda: now)
    spent = []
    for day in range(days):
        now = datetime(2026, 1, 1, 3, tzinfo=UTC) + timedelta(days=day)
        snapshot = account.snapshot(day)
        started = time.process_time()
        log = Log.open(store, lambda now=now: now, keys)  # opened anew: every day is a process of its own in real life
        log.append_run(iter([snapshot]), Draft("run", "", snapshot.started, {"complete": True, "trigger": "schedule"}))
        spent.append(time.process_time() - started)
    later = sorted(spent[1:])
    sys.stdout.write(f"append, first snapshot        {spent[0]:8.3f} s CPU\n")
    if later:
        sys.stdout.write(f"append, a day (median, max)   {later[len(later) // 2]:8.3f} s CPU {later[-1]:8.3f} s CPU\n")


def sizes(root: Path) -> Iterator[tuple[str, int, int]]:
    for folder in ("log/tile", "log/checkpoints", "objects/pack", "objects/manifest", ""):
        files = [path for path in (root / folder).rglob("*") if path.is_file()]
        yield folder or "all", len(files), sum(path.stat().st_size for path in files)


def verify_year(root: Path) -> None:
    code = (
        "import resource, sys, time; from pathlib import Path; from observant.evidence.verify import verify;"
        "report = verify(Path(sys.argv[1])); assert report.ok and not report.unauthenticated, report;"
        "print(f'verify, {report.entries} entries          {time.process_time():8.3f} s CPU "
        "{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MiB')"
    )
    subprocess.run([sys.executable, "-c", code, str(root)], check=True)


def read_year(root: Path) -> None:
    started = time.process_time()
    log = Log.open(LocalStore(root), lambda: datetime(2027, 1, 1, tzinfo=UTC))
    snapshots = [record for record in log.records() if record.kind == "snapshot"]
    for record in snapshots:
        log.manifest(record)
        log.usage(record, "iam.users")
    sys.stdout.write(f"manifests and usage, in order {time.process_time() - started:8.3f} s CPU\n")
    started = time.process_time()
    manifest = log.manifest(snapshots[len(snapshots) // 2])
    count = sum(1 for _ in log.objects(manifest, set(manifest.entries.values())))
    sys.stdout.write(f"all {count} objects of one day  {time.process_time() - started:8.3f} s CPU\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("days", 365), ("users", 1000), ("roles", 1000), ("policies", 3000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        record_year(root, Account(arguments.users, arguments.roles, arguments.policies), arguments.days)
        for name, files, total in sizes(root / "evidence"):
            sys.stdout.write(f"{name:24}{files:6} files {total:12,} bytes\n")
        sys.stdout.write(
            f"peak memory with generator    {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MiB\n"
        )
        verify_year(root / "evidence")
        read_year(root / "evidence")


if __name__ == "__main__":
    main()
