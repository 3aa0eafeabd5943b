"""What was acknowledged survives, wherever the writer dies; what was not is either there whole or not at all."""

import contextlib
import gc
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from evidence.small_log import FIRST_DAY, SmallLog, snapshot
from evidence.stores import Countdown, SteppedStore, full_disk, kill
from observant.errors import StoreError
from observant.evidence.log import Draft, Log
from observant.evidence.store.local import LocalStore
from observant.evidence.verify import Trust, verify


def append(log: Log, day: int) -> None:
    log.append_run([snapshot(day)], Draft("run", "", FIRST_DAY + timedelta(days=day), {"day": day}))


def child(small: SmallLog, steps: int) -> int:
    """In a process of its own: a day, then killed at a step of the next. Returns the number of acknowledged runs."""
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:  # pragma: no cover (the child never returns)
        gc.disable()  # what other tests left belongs to threads that a forked process does not have
        try:
            store = SteppedStore(small.evidence, Countdown(steps, kill))
            log = Log.open(store, lambda: FIRST_DAY + timedelta(days=9), small.keys)
            for day in (3, 4):
                append(log, day)
                os.write(writer, b".")
        finally:
            os._exit(7)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        acknowledged = len(pipe.read())
    _, status = os.waitpid(process, 0)
    assert os.WIFSIGNALED(status)
    assert signal.SIGKILL == os.WTERMSIG(status)
    return acknowledged


def steps_of_two_days(root: Path) -> int:
    small = SmallLog(root).days(2)
    counter = Countdown(-1, kill)
    log = Log.open(SteppedStore(small.evidence, counter), lambda: FIRST_DAY + timedelta(days=9), small.keys)
    for day in (3, 4):
        append(log, day)
    return counter.taken


def test_killed_at_every_step(tmp_path):
    total = steps_of_two_days(tmp_path / "count")
    assert total > 40
    for steps in range(total):
        small = SmallLog(tmp_path / str(steps)).days(2)
        acknowledged = child(small, steps)
        before = verify(small.evidence, Trust.load(small.trust))
        log = Log.open(LocalStore(small.evidence), lambda: FIRST_DAY + timedelta(days=9), small.keys)
        days = [record.predicate["day"] for record in log.records() if "day" in record.predicate]

        assert before.ok, (steps, before.damage)
        assert days in ([3, 4][:acknowledged], [3, 4][: acknowledged + 1])
        append(log, 5)
        after = verify(small.evidence, Trust.load(small.trust))
        assert after.ok
        assert all(name.startswith(("objects/", ".tmp/")) for name in after.unauthenticated)


def test_a_full_disk_at_every_step(tmp_path):
    total = steps_of_two_days(tmp_path / "count")
    for steps in range(total):
        small = SmallLog(tmp_path / str(steps)).days(2)
        store = SteppedStore(small.evidence, Countdown(steps, full_disk))
        log = Log.open(store, lambda: FIRST_DAY + timedelta(days=9), small.keys)
        acknowledged = 0
        for day in (3, 4):
            with contextlib.suppress(StoreError):
                append(log, day)
                acknowledged += 1
        report = verify(small.evidence, Trust.load(small.trust))

        assert report.ok, (steps, report.damage)
        assert acknowledged >= 1
        assert log.troubles or acknowledged == 1
        # when only the last sync failed, the refused day is there whole
        assert report.entries in (5 + 2 * acknowledged, 9)


def test_a_really_full_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=96k", "none", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small file system needs more rights: only the simulated full disk was tested")
    acknowledged: list[int] = []

    def fill(log: Log) -> None:
        for number in range(1000):
            log.append([Draft("note", "", FIRST_DAY, {"n": number, "text": "x" * 500})])
            acknowledged.append(number)

    try:
        small = SmallLog(disk)
        with pytest.raises(StoreError, match="No space left"):
            fill(small.log)
        report = verify(small.evidence, Trust.load(small.trust))

        assert report.ok
        assert len(acknowledged) > 3
        assert len(acknowledged) + 1 == report.entries
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_second_process_waits_for_nobody(tmp_path):
    small = SmallLog(tmp_path)
    code = (
        "import sys; from pathlib import Path; from observant.evidence.store.local import LocalStore\n"
        "with LocalStore(Path(sys.argv[1])).writing(): print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(small.evidence)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert "held\n" == other.stdout.readline()
        with pytest.raises(StoreError, match="another process"):
            small.day(1)
        other.stdin.close()
    small.day(1)

    assert verify(small.evidence, Trust.load(small.trust)).entries == 3
