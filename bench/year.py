"""A year of one account: what it costs to store, to append to, to verify and to judge, against daily gzipped JSON.

    uv run python bench/year.py [--days 365] [--users 1000] [--roles 1000] [--policies 3000]

The synthetic account changes 0.5 % of its entities a day, and half of its principals have a new last-used time every
day. The peer keeps what the API answered as one gzipped JSON file a day and answers the key-age question by reading all
of them; both answers are compared key by key and day by day before any figure is printed. "From the projection" is an
answer from the intervals kept since the last snapshot, as every reading command gives it; "afresh" is what working them
out anew costs, which happens once after each snapshot. CPU is user and system time of this process.
"""

import argparse
import gzip
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from observant.analysis.derive import DERIVED, derive
from observant.checks.check import Check
from observant.checks.registry import CHECKS, SOURCE_OF
from observant.checks.run import VERDICT, prepare, run
from observant.evidence.log import Draft, Log
from observant.evidence.signers import Keys
from observant.evidence.snapshot import Collection, Entity, Request, Snapshot
from observant.evidence.store.local import LocalStore
from observant.inventory.projection import Inventory
from observant.model.commitment import Commitment, parameter
from observant.model.interval import Interval
from observant.model.kinds import KINDS
from observant.model.time import text
from observant.model.verdict import Verdict
from observant.period.evaluate import Evaluation

ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
START = datetime(2025, 1, 1, 6, tzinfo=UTC)
MAX_AGE = timedelta(days=90)
ORIGIN = "bench.example/evidence"
SERVICES = ("s3", "ec2", "sqs", "sns", "dynamodb", "lambda", "logs", "kms", "ecs", "rds", "ssm", "events")
VERBS = ("Get", "List", "Describe", "Put", "Create", "Update", "Delete", "Send", "Receive", "Invoke")
THINGS = ("Object", "Item", "Queue", "Message", "Function", "Stream", "Key", "Table", "Task", "Parameter", "Rule")


class Estate:
    """A seeded account that changes from day to day. Holds entities as the provider would answer them."""

    def __init__(self, users: int, roles: int, policies: int) -> None:
        self.chance = random.Random(7)
        self.users = [f"arn:aws:iam::{ACCOUNT}:user/team-{n % 17}/user{n:05d}" for n in range(users)]
        self.roles = [f"arn:aws:iam::{ACCOUNT}:role/service/role{n:05d}" for n in range(roles)]
        self.policies = [f"arn:aws:iam::{ACCOUNT}:policy/policy{n:05d}" for n in range(policies)]
        self.entities: dict[str, dict[str, Entity]] = {name: {} for name in COLLECTIONS}
        self._keys = {urn: START - timedelta(days=self.chance.randrange(200)) for urn in self.users}
        for urn in self.policies:
            self._policy(urn)
        for urn in self.roles:
            self._role(urn)
        for urn in self.users:
            self._user(urn)
            self._row(urn)
        self._rest()

    def next_day(self, now: datetime) -> None:
        """0.5 % of the entities change; half of the principals were used."""
        everything = len(self.users) + len(self.roles) + len(self.policies)
        for _ in range(max(1, everything // 200)):
            kind = self.chance.random()
            if kind < 0.6:
                self._policy(self.chance.choice(self.policies))
            elif kind < 0.8:
                self._role(self.chance.choice(self.roles))
            else:
                urn = self.chance.choice(self.users)
                self._keys[urn] = now - timedelta(hours=self.chance.randrange(1, 20))
                self._row(urn)
        for urn in self.chance.sample(self.users, len(self.users) // 2):
            self._use("iam.credential_report", urn, password_last_used=self._lately(now))
            self._use("iam.credential_report", urn, access_key_1_last_used_date=self._lately(now))
        for urn in self.chance.sample(self.roles, len(self.roles) // 2):
            self._use("iam.roles", urn, RoleLastUsed={"LastUsedDate": self._lately(now), "Region": "us-east-1"})

    def snapshot(self, at: datetime) -> Snapshot:
        return Snapshot(
            scope=f"aws:{ACCOUNT}",
            started=at,
            finished=at + timedelta(seconds=9),
            origin="api",
            supplied_by=f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/bench",
            collections=[Collection(name, list(self.entities.get(name, {}).values())) for name in COLLECTIONS],
            requests=[
                Request(
                    "iam:GetAccountAuthorizationDetails", {"MaxItems": 1000}, 200, f"{at:%j}-{n}", body_sha256="0" * 64
                )
                for n in range(29)
            ],
        )

    def as_json(self) -> bytes:
        """What a daily dump of the same answers holds."""
        state = {
            name: [{"urn": urn} | one.configuration | (one.usage or {}) for urn, one in found.items()]
            for name, found in self.entities.items()
        }
        return json.dumps(state, sort_keys=True, separators=(",", ":")).encode()

    def _lately(self, now: datetime) -> str:
        return text(now - timedelta(minutes=self.chance.randrange(10, 1400)))

    def _use(self, collection: str, urn: str, **usage: Any) -> None:
        one = self.entities[collection][urn]
        self.entities[collection][urn] = Entity(urn, one.configuration, (one.usage or {}) | usage)

    def _put(
        self, collection: str, urn: str, configuration: dict[str, Any], usage: dict[str, Any] | None = None
    ) -> None:
        before = self.entities[collection].get(urn)
        self.entities[collection][urn] = Entity(urn, configuration, before.usage if before else usage)

    def _policy(self, urn: str) -> None:
        statements = [
            {
                "Sid": f"S{n}",
                "Effect": "Allow",
                "Action": [
                    f"{self.chance.choice(SERVICES)}:{self.chance.choice(VERBS)}{self.chance.choice(THINGS)}"
                    for _ in range(self.chance.randrange(3, 15))
                ],
                "Resource": f"arn:aws:s3:::bucket-{self.chance.randrange(10_000)}/*",
            }
            for n in range(self.chance.randrange(1, 6))
        ]
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        version = {
            "VersionId": "v1",
            "IsDefaultVersion": True,
            "CreateDate": "2024-02-01T00:00:00Z",
            "Document": document,
        }
        name = urn.rpartition("/")[2]
        self._put(
            "iam.policies",
            urn,
            {
                "Arn": urn,
                "PolicyName": name,
                "PolicyId": f"ANPA{name.upper()}",
                "Path": "/",
                "DefaultVersionId": "v1",
                "AttachmentCount": 1,
                "IsAttachable": True,
                "CreateDate": "2024-02-01T00:00:00Z",
                "PolicyVersionList": [version],
            },
        )

    def _role(self, urn: str) -> None:
        attached = [
            {"PolicyArn": arn, "PolicyName": arn.rpartition("/")[2]} for arn in self.chance.sample(self.policies, 3)
        ]
        trust = {
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ]
        }
        name = urn.rpartition("/")[2]
        self._put(
            "iam.roles",
            urn,
            {
                "Arn": urn,
                "RoleName": name,
                "RoleId": f"AROA{name.upper()}",
                "Path": "/service/",
                "CreateDate": "2024-01-15T00:00:00Z",
                "AssumeRolePolicyDocument": json.dumps(trust),
                "AttachedManagedPolicies": attached,
                "RolePolicyList": [],
                "InstanceProfileList": [],
                "Tags": [{"Key": "team", "Value": str(self.chance.randrange(40))}],
            },
            {},
        )

    def _user(self, urn: str) -> None:
        name = urn.rpartition("/")[2]
        self._put(
            "iam.users",
            urn,
            {
                "Arn": urn,
                "UserName": name,
                "UserId": f"AIDA{name.upper()}",
                "Path": "/team/",
                "CreateDate": "2024-01-01T00:00:00Z",
                "GroupList": ["staff"],
                "AttachedManagedPolicies": [],
                "UserPolicyList": [],
            },
        )

    def _row(self, urn: str) -> None:
        row = {
            "user": urn.rpartition("/")[2],
            "arn": urn,
            "user_creation_time": "2024-01-01T00:00:00+00:00",
            "password_enabled": "true",
            "password_last_changed": "2024-12-01T00:00:00+00:00",
            "password_next_rotation": "N/A",
            "mfa_active": "true",
            "access_key_1_active": "true",
            "access_key_1_last_rotated": self._keys[urn].isoformat(),
            "access_key_2_active": "false",
            "access_key_2_last_rotated": "N/A",
            "cert_1_active": "false",
            "cert_2_active": "false",
        }
        used = {"password_last_used": "no_information", "access_key_1_last_used_date": "N/A"}
        self._put("iam.credential_report", urn, row, used | {"access_key_2_last_used_date": "N/A"})

    def _rest(self) -> None:
        self._put("iam.account_summary", ROOT, {"AccountMFAEnabled": 1, "Users": len(self.users)})
        self._put("iam.password_policy", ROOT, {"PolicyExists": True, "MinimumPasswordLength": 14})
        self._put("iam.groups", f"arn:aws:iam::{ACCOUNT}:group/staff", {"GroupName": "staff"})
        trail = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main"
        self._put("cloudtrail.trails", trail, {"IsMultiRegionTrail": True, "LogFileValidationEnabled": True})
        self._put("cloudtrail.trail_status", trail, {"IsLogging": True})
        self._put("cloudtrail.event_selectors", trail, {"EventSelectors": [{"IncludeManagementEvents": True}]})


COLLECTIONS = sorted(collection for collection, source in SOURCE_OF.items() if source == "aws")
"""All that is read of an account: of most kinds this one has nothing."""


def promises() -> list[Commitment]:
    given: dict[str, dict[str, object]] = {
        "snapshot_cadence": {"every": "24 hours", "grace": "6 hours"},
        "key_age_report_cadence": {"every": "7 days", "grace": "1 day"},
        "access_key_max_age": {"max_age": "90 days"},
        "unused_access_key": {"max_idle": "45 days"},
        "access_key_overlap": {"max_overlap": "7 days"},
        "never_used_credential": {"max_unused": "30 days"},
        "inactive_user": {"max_idle": "90 days"},
        "password_policy": {"minimum_length": 14},
    }
    return [
        Commitment(
            name=name,
            document="Policy",
            clause="1",
            statement=KINDS[name].promises,
            effective=date(2024, 1, 1),
            parameters={key: parameter(KINDS[name].parameters[key], value) for key, value in chosen.items()},
        )
        for name, chosen in given.items()
    ]


def old_keys(report: list[dict[str, Any]], at: datetime) -> Iterator[str]:
    """The peer's answer for one day."""
    for row in report:
        for slot in ("1", "2"):
            if row[f"access_key_{slot}_active"] == "true":
                created = datetime.fromisoformat(row[f"access_key_{slot}_last_rotated"])
                if at - created >= MAX_AGE:
                    yield f"{row['arn']}/access-key/{text(created)}"


def reread(folder: Path, days: int) -> list[set[str]]:
    """Which active keys were older than documented, for each day, from the daily files."""
    found = []
    for day in range(days):
        state = json.loads(gzip.decompress((folder / f"{day:04d}.json.gz").read_bytes()))
        found.append(set(old_keys(state["iam.credential_report"], START + timedelta(days=day))))
    return found


def from_intervals(evaluation: Evaluation, days: int) -> list[set[str]]:
    """The same from verdict intervals, to compare; not part of any time."""
    whole = Interval(START, START + timedelta(days=days))
    found: list[set[str]] = [set() for _ in range(days)]
    for one in evaluation.standing(whole, {Verdict.FAIL}, "aws-access-key-rotation"):
        for day in range(days):
            if one.interval.start <= START + timedelta(days=day) < one.interval.end:
                found[day].add(one.member)
    return found


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """(result, CPU seconds)"""
    before = cpu()
    result = work()
    return result, cpu() - before


def best_of(runs: int, work: Callable[[], Any]) -> float:
    """CPU seconds of the cheapest of several runs."""
    return min(timed(work)[1] for _ in range(runs))


def bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


_VERIFY = """
import re, sys, time
from pathlib import Path
from observant.evidence.verify import verify
started = time.process_time()
report = verify(Path(sys.argv[1]), None)
assert report.ok, report
peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
print(time.process_time() - started, peak / 1024, report.entries)
"""


class Year:
    """Writes the year in both forms and keeps what it cost."""

    def __init__(self, folder: Path, given: argparse.Namespace) -> None:
        self.folder, self.days = folder, given.days
        self.now = START - timedelta(days=1)
        keys = Keys.create(folder / "keys", ORIGIN)
        self.log = Log.create(LocalStore(folder / "evidence"), keys, ORIGIN, lambda: self.now)
        self.inventory = Inventory.open(folder / "inventory.duckdb")
        self.estate = Estate(given.users, given.roles, given.policies)
        self.append: list[float] = []
        self.project: list[float] = []
        self.dump: list[float] = []
        (folder / "peer").mkdir()

    def live(self) -> None:
        for day in range(self.days):
            self.now = START + timedelta(days=day)
            if day:
                self.estate.next_day(self.now)
            snapshot = self.estate.snapshot(self.now)
            self.now += timedelta(minutes=1)
            run = Draft("run", "", self.now, {"complete": True})
            self.append.append(timed(lambda s=snapshot, r=run: self.log.append_run([s], r))[1])
            self.project.append(timed(lambda: self.inventory.advance(self.log))[1])
            self.dump.append(timed(lambda d=day: self._dump(d))[1])
            print(f"\rday {day + 1} of {self.days}", end="", file=sys.stderr)
        print(file=sys.stderr)

    def _dump(self, day: int) -> None:
        (self.folder / "peer" / f"{day:04d}.json.gz").write_bytes(gzip.compress(self.estate.as_json(), 6))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--users", type=int, default=1000)
    parser.add_argument("--roles", type=int, default=1000)
    parser.add_argument("--policies", type=int, default=3000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        report(Year(Path(place), given))


def report(year: Year) -> None:
    year.live()
    promised, as_of = promises(), year.now + timedelta(hours=1)
    rotation = CHECKS["aws-access-key-rotation"]
    evaluation = Evaluation(year.inventory, promised, as_of)
    peer, peer_cpu = timed(lambda: reread(year.folder / "peer", year.days))
    ours = from_intervals(evaluation, year.days)
    different = [day for day, (a, b) in enumerate(zip(peer, ours, strict=True)) if a != b]
    if different:
        sys.exit(f"the answers differ on {len(different)} days, first on day {different[0]}")

    everything, day = list(CHECKS.values()), single_day(year)
    for inventory in (year.inventory, day):
        Evaluation(inventory, promised, as_of)  # leaves its intervals beside the inventory
    one = best_of(7, afresh(year.inventory, promised, as_of, [rotation]))
    every = best_of(5, afresh(year.inventory, promised, as_of, everything))
    one_kept = best_of(7, asked(year.inventory, promised, as_of, "check_id = 'aws-access-key-rotation'"))
    every_kept = best_of(7, asked(year.inventory, promised, as_of, "true"))
    day_afresh = best_of(5, afresh(day, promised, as_of, everything))
    day_kept = best_of(7, asked(day, promised, as_of, "true"))
    store, dumps = bytes_in(year.folder / "evidence"), bytes_in(year.folder / "peer")
    seconds, peak, entries = map(
        float,
        subprocess.run(
            [sys.executable, "-c", _VERIFY, str(year.folder / "evidence")], check=True, capture_output=True, text=True
        ).stdout.split(),
    )
    median = statistics.median
    append, project = year.append[1:], year.project[1:]
    rows = [
        ("store", f"{store / 1e6:.2f} MB", f"daily gzipped JSON {dumps / 1e6:.1f} MB, 1/{dumps / store:.1f}"),
        ("append a day", f"{median(append):.3f} s CPU", f"{max(append):.3f} worst, first day {year.append[0]:.2f}"),
        ("project a day", f"{median(project):.3f} s CPU", f"{max(project):.3f} worst, first day {year.project[0]:.2f}"),
        ("dump a day", f"{median(year.dump):.3f} s CPU", "the peer"),
        ("verify the year", f"{seconds:.2f} s CPU", f"{peak:.0f} MiB peak, {entries:.0f} records"),
        ("re-reading", f"{peer_cpu:.2f} s CPU", "the peer answers the age question for every day"),
        ("one age check", f"{one_kept:.4f} s CPU", f"from the projection, {peer_cpu / one_kept:,.0f} times faster"),
        ("", f"{one:.4f} s CPU", f"worked out afresh, {peer_cpu / one:,.0f} times faster"),
        (
            f"all {len(CHECKS)} checks",
            f"{every_kept:.4f} s CPU",
            f"from the projection, {peer_cpu / every_kept:,.0f} times",
        ),
        ("", f"{every:.4f} s CPU", f"worked out afresh, {peer_cpu / every:,.0f} times"),
        (
            "a single day",
            f"{day_kept:.4f} s CPU",
            f"from the projection; the year costs {every_kept / day_kept:.2f} of it",
        ),
        ("", f"{day_afresh:.4f} s CPU", f"worked out afresh; the year costs {every / day_afresh:.2f} of it"),
        ("peak memory", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB", "generator included"),
    ]
    print(f"{sum(map(len, peer)):,} key-days over the documented age in {year.days} days: both say the same")
    for name, figure, beside in rows:
        print(f"{name:<16} {figure:>14}   {beside}")
    year.inventory.close()


def afresh(
    inventory: Inventory, promised: list[Commitment], as_of: datetime, checks: list[Check]
) -> Callable[[], None]:
    """Working verdict intervals out from row versions, whatever was kept, as one evaluation does it."""

    def work() -> None:
        connection = inventory.connection
        connection.execute("BEGIN")
        prepare(connection, promised, as_of, checks)
        if any(check.reads & DERIVED.keys() for check in checks):
            derive(connection)
        run(connection, promised, checks)
        connection.execute(f"CREATE TEMP TABLE answered AS {VERDICT}")
        connection.execute("ROLLBACK")

    return work


def asked(inventory: Inventory, promised: list[Commitment], as_of: datetime, which: str) -> Callable[[], int]:
    """Answering over the full period from the projection: is it up to date, and every interval of the answer."""

    def work() -> int:
        evaluation = Evaluation(inventory, promised, as_of)
        assert not evaluation.afresh
        query = f"CREATE OR REPLACE TEMP TABLE answered AS SELECT * FROM verdict WHERE {which}"
        return len(evaluation.query(query))

    return work


def single_day(year: Year) -> Inventory:
    """The inventory of a log with one snapshot, of the last day."""
    keys = Keys.create(year.folder / "single-keys", ORIGIN)
    log = Log.create(LocalStore(year.folder / "single"), keys, ORIGIN, lambda: year.now)
    log.append_run([year.estate.snapshot(year.now)], Draft("run", "", year.now, {}))
    inventory = Inventory.open(year.folder / "single.duckdb")
    inventory.advance(log)
    return inventory


if __name__ == "__main__":
    main()
