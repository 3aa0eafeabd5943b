"""A small log to damage: an account with twenty users, a few days, everything that a real log has."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from observant.evidence.events import EventBatch, ReadFolder, Reading
from observant.evidence.log import Anchor, Draft, Log, Record
from observant.evidence.signers import Keys
from observant.evidence.snapshot import Collection, Entity, Gap, GapReason, Reconciliation, Request, Snapshot
from observant.evidence.store import Store
from observant.evidence.store.local import LocalStore

ORIGIN = "example.org/observant"
SCOPE = "aws:123456789012"
FIRST_DAY = datetime(2026, 1, 1, 3, tzinfo=UTC)


class SmallLog:
    """`root` has `evidence/`, `keys/` and `trust/`; the clock moves only when told."""

    def __init__(self, root: Path, store: Store | None = None, tsa: Sequence[Anchor] = ()) -> None:
        self.root, self.evidence, self.trust = root, root / "evidence", root / "trust"
        self.now = FIRST_DAY
        self.keys = Keys.create(root / "keys", ORIGIN)
        self.keys.publish(self.trust)
        self.store = store or LocalStore(self.evidence)
        self.tsa = tsa
        Log.create(self.store, self.keys, ORIGIN, self.clock)
        self.log = self.reopen()

    def clock(self) -> datetime:
        return self.now

    def reopen(self) -> Log:
        self.log = Log.open(self.store, self.clock, self.keys, self.tsa)
        return self.log

    def day(self, number: int) -> list[Record]:
        """A day later, one run with one snapshot."""
        self.now = FIRST_DAY + timedelta(days=number)
        return self.log.append_run([snapshot(number)], Draft("run", "", self.now, {"complete": True}))

    def hear(self, number: int) -> list[Record]:
        """A day later, one run with one batch of events."""
        self.now = FIRST_DAY + timedelta(days=number)
        return self.log.append_run([batch(number)], Draft("run", "", self.now, {"complete": True}))

    def days(self, count: int) -> "SmallLog":
        for number in range(1, count + 1):
            self.day(number)
        return self


def batch(day: int, scope: str = SCOPE) -> EventBatch:
    """Three events of the day."""
    at = FIRST_DAY + timedelta(days=day)
    events = [f'{{"eventName":"CreateUser","eventID":"{day}-{number}"}}'.encode() for number in range(3)]
    folders = [ReadFolder("CloudTrail/eu-west-1", [f"{day}.json.gz"], "0" * 64)]
    reading = Reading(
        at, at, "cloudtrail", "files", "ana@host", len(events), {"iam.amazonaws.com GetUser": 7}, folders=folders
    )
    return EventBatch(scope, events, at, at, reading)


def snapshot(day: int, scope: str = SCOPE, users: int = 20) -> Snapshot:
    """Day `n` has no user `n`; every tenth user changes, every second one was used."""
    started = FIRST_DAY + timedelta(days=day)
    entities = [
        Entity(
            f"arn:aws:iam::123456789012:user/{number}",
            {"UserName": f"user-{number}", "Groups": [day if number % 10 == day % 10 else 0]},
            {"PasswordLastUsed": f"2026-01-{day if number % 2 == day % 2 else 1:02d}"} if number % 3 else None,
        )
        for number in range(users)
        if number != day
    ]
    return Snapshot(
        scope=scope,
        started=started,
        finished=started + timedelta(minutes=2),
        origin="api",
        supplied_by="arn:aws:sts::123456789012:assumed-role/reader/observant",
        collections=[
            Collection(
                "iam.users", entities, reconciled=[Reconciliation("GetAccountSummary Users", 19, len(entities))]
            ),
            Collection("iam.roles", gap=Gap(GapReason.DENIED, "AccessDenied")),
        ],
        requests=[Request("iam:GetAccountAuthorizationDetails", {}, 200, "id", body_sha256="0" * 64)],
    )
