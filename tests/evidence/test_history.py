"""Appends, crashes at any step, restarts and two writers in any order: every checkpoint ever published stays true."""

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from evidence.small_log import FIRST_DAY, ORIGIN, snapshot
from evidence.stores import Countdown, Crashed, SteppedStore, crash
from observant.errors import ClockWentBack, StoreError
from observant.evidence import checkpoint
from observant.evidence.log import Draft, Log
from observant.evidence.merkle import leaf_hash, tree_root
from observant.evidence.sequencer import read_bundle
from observant.evidence.signers import Keys
from observant.evidence.store.local import LocalStore
from observant.evidence.tiles import entry_bundles
from observant.evidence.verify import Trust, verify


class History(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.root = Path(tempfile.mkdtemp())
        self.keys = Keys.create(self.root / "keys", ORIGIN)
        self.keys.publish(self.root / "trust")
        self.now = FIRST_DAY
        Log.create(LocalStore(self.root / "evidence"), self.keys, ORIGIN, lambda: self.now)
        self.logs = [self.opened(), self.opened()]
        self.acknowledged: list[str] = []
        self.published: dict[int, bytes] = {}
        self.serial = 0

    def opened(self, store: LocalStore | None = None) -> Log:
        return Log.open(store or LocalStore(self.root / "evidence"), lambda: self.now, self.keys)

    def draft(self) -> Draft:
        self.serial += 1
        return Draft("note", "", self.now, {"name": f"note-{self.serial}"})

    def acknowledge(self, records) -> None:
        self.acknowledged += [record.predicate["name"] for record in records if "name" in record.predicate]

    @rule(writer=st.integers(0, 1), count=st.sampled_from([1, 2, 7, 130]))
    def append(self, writer: int, count: int) -> None:
        self.acknowledge(self.logs[writer].append([self.draft() for _ in range(count)]))

    @rule(writer=st.integers(0, 1), day=st.integers(1, 9))
    def collect(self, writer: int, day: int) -> None:
        self.acknowledge(self.logs[writer].append_run([snapshot(day, users=4)], self.draft()))

    @rule(writer=st.integers(0, 1), step=st.integers(0, 40))
    def crash(self, writer: int, step: int) -> None:
        log = self.opened(SteppedStore(self.root / "evidence", Countdown(step, crash)))
        try:
            self.acknowledge(log.append_run([snapshot(3, users=3)], self.draft()))
        except Crashed:
            self.logs[writer] = self.opened()

    @rule(writer=st.integers(0, 1))
    def blocked(self, writer: int) -> None:
        with LocalStore(self.root / "evidence").writing():
            try:
                self.logs[writer].append([self.draft()])
            except StoreError:
                return
        raise AssertionError("two writers at once")

    @rule(seconds=st.integers(-5, 5))
    def clock(self, seconds: int) -> None:
        before = self.now
        self.now += timedelta(seconds=seconds)
        try:
            self.acknowledge(self.logs[0].append([self.draft()]))
        except ClockWentBack:
            self.now = before

    @invariant()
    def every_checkpoint_ever_published_is_a_beginning_of_the_log(self) -> None:
        for path in (self.root / "evidence" / "log" / "checkpoints").iterdir():
            assert self.published.setdefault(int(path.name), path.read_bytes()) == path.read_bytes()
        store, log = LocalStore(self.root / "evidence"), self.opened()
        leaves = [leaf_hash(entry) for bundle in entry_bundles(log.size) for entry in read_bundle(store, bundle)]
        for size, content in self.published.items():
            head, _ = checkpoint.open_signed(content, [self.keys.log.key])
            assert (size, tree_root(leaves[:size])) == (head.size, head.root)

    def teardown(self) -> None:
        if not hasattr(self, "root"):
            return
        recorded = [record.predicate.get("name") for record in self.opened().records()]
        kept = [name for name in recorded if name in set(self.acknowledged)]
        report = verify(self.root / "evidence", Trust.load(self.root / "trust"))
        shutil.rmtree(self.root)
        assert self.acknowledged == kept
        assert report.ok, report.damage


TestHistory = History.TestCase
TestHistory.settings = settings(
    max_examples=25, stateful_step_count=12, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
