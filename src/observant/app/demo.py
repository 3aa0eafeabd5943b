"""`observant demo`: a fictional company's year, played in the test cloud and read by the real collectors.

Nothing in it is a fixture. The account lives in a cloud on this machine, each day is collected, stored, signed and
judged by the code that serves a real company, and every output says that it is demo data.
"""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from observant.app.collection import SourceFailure, Tell, collect_into
from observant.app.create import create_workspace
from observant.app.demo_account import AccountYear
from observant.app.demo_apart import lived_apart
from observant.app.demo_reviews import ReviewDesk
from observant.app.demo_tenant import TenantYear
from observant.app.evaluate import judged, period_result
from observant.app.opening import writing_log
from observant.app.package import Packaged, package
from observant.app.people_sources import mappings_of
from observant.app.policy import COMMITMENTS_FILE
from observant.app.settings import FILE
from observant.app.tickets_sources import trackers_of
from observant.app.verify import Verified, verify
from observant.app.workspace import Workspace
from observant.errors import UsageError
from observant.evidence.events import EventBatch
from observant.evidence.snapshot import Snapshot
from observant.model.period import Period
from observant.model.time import Clock
from observant.period.conclusion import PeriodResult

Progress = Callable[[str, int, int], None]
"""(what is being done, steps done, steps in all)"""


_MARK = "DEMO-DATA.txt"


class Flipped(msgspec.Struct, frozen=True):
    """One changed byte, and what verification made of it."""

    file: str
    offset: int
    named: str
    """The object that verification names as damaged."""
    problem: str
    intact_again: bool
    """Whether everything verifies after the byte was put back."""


class Demonstration(msgspec.Struct, frozen=True):
    """What the demo made and showed."""

    workspace: str
    package: Packaged
    result: PeriodResult
    verified: Verified
    flipped: Flipped


def demonstrate(folder: Path, progress: Progress) -> Demonstration:
    """Play the year into `folder`/workspace, write `folder`/package, verify it, damage it, and verify again.

    Raises UsageError when the test cloud is not installed or the folder is not empty.
    """
    try:
        from observant_clouds import company
    except ImportError as error:
        raise UsageError("the demo needs the test cloud", "install observant with its demo extra") from error
    _clear(folder)
    root = folder / "workspace"
    ended = _play(root, progress)
    clock = _standing_at(ended)
    period = Period(company.FIRST, company.LAST)
    workspace = Workspace.open(root)
    progress("judging the year", 0, 1)
    with judged(workspace, clock) as judgement:
        result = period_result(judgement, period)
    progress("judging the year", 1, 1)
    progress("writing the auditor's package", 0, 1)
    written = package(workspace, period, folder / "package", zipped=False, clock=clock, tell=_silent)
    progress("writing the auditor's package", 1, 1)
    progress("verifying it", 0, 1)
    verified = verify(root, folder / "package", workspace.trust)
    progress("verifying it", 1, 1)
    flipped = _flip(folder / "package", workspace)
    return Demonstration(str(root), written, result, verified, flipped)


def _clear(folder: Path) -> None:
    """Make the folder, in place of an earlier demo if there is one. Raises UsageError when anything else is in it."""
    if (folder / _MARK).exists():
        shutil.rmtree(folder)
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty, and not an earlier demo", "name another folder with --out")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).write_text("Made by `observant demo`, all of it fictional. The next demo here takes its place.\n")


class _Calendar:
    """The demo's clock."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def move_to(self, moment: datetime) -> None:
        self._now = moment


def _play(root: Path, progress: Progress) -> datetime:
    """Live through the year, collecting on schedule; returns the moment after the last snapshot."""
    from observant.collect.people import read_people
    from observant.collect.tickets.collector import collect_tickets
    from observant_clouds import company, people, reviews, tickets, written_policy

    readings = company.readings()
    runs = [moment for moment in readings if company.runs_on(moment.date())]
    calendar = _Calendar(readings[0] - timedelta(hours=1))
    create_workspace(root, company.NAME, "", calendar.now)
    with (root / FILE).open("a") as settings:
        settings.write(people.SOURCE + tickets.SOURCE)
    (root / people.ACCOUNTS_FILE).write_text(people.ACCOUNTS)
    workspace = Workspace.open(root)
    desk = ReviewDesk(reviews, root)
    with (
        lived_apart(AccountYear, runs) as account,
        lived_apart(TenantYear, runs) as tenant,
        writing_log(workspace, calendar.now) as log,
    ):

        def source(_: Tell) -> Iterator[Snapshot | EventBatch | SourceFailure]:
            yield from next(account)
            yield from next(tenant)
            for export in mappings_of(workspace):
                yield read_people(export, calendar.now, "people@harbourlight.example", demo=True)
            for tracker in trackers_of(workspace):
                yield collect_tickets(tracker, calendar.now, "tracker@harbourlight.example", demo=True)

        for number, moment in enumerate(readings):
            progress(f"living through {moment:%B %Y}", number, len(readings))
            calendar.move_to(moment)
            _write_if_changed(root / COMMITMENTS_FILE, written_policy.commitments(moment.date()))
            _write_if_changed(root / people.PEOPLE_FILE, people.people(moment.date()))
            _write_if_changed(root / tickets.TICKETS_FILE, tickets.tickets(moment))
            _write_if_changed(root / tickets.PULL_REQUESTS_FILE, tickets.pull_requests(moment))
            if moment in runs:
                collect_into(log, workspace, source, "schedule", calendar.now, _silent)
            desk.work(workspace, moment + timedelta(days=1), calendar.move_to, calendar.now)
    progress("the year is over", len(readings), len(readings))
    return calendar.now() + timedelta(minutes=5)


def _flip(package_folder: Path, workspace: Workspace) -> Flipped:
    """Change one byte in the middle of the largest evidence pack of the package, verify, and put it back."""
    packs = (package_folder / "evidence" / "objects" / "pack").iterdir()
    victim = max(packs, key=lambda path: (path.stat().st_size, path.name))
    original = victim.read_bytes()
    offset = len(original) // 2
    damaged = bytes([*original[:offset], original[offset] ^ 1, *original[offset + 1 :]])
    _overwrite(victim, damaged)
    try:
        found = verify(workspace.root, package_folder, workspace.trust)
    finally:
        _overwrite(victim, original)
    again = verify(workspace.root, package_folder, workspace.trust)
    return Flipped(
        file=str(victim.relative_to(package_folder)),
        offset=offset,
        named=found.damaged,
        problem=found.problem,
        intact_again=again.intact,
    )


def _overwrite(path: Path, content: bytes) -> None:
    """Evidence is stored read-only; this is what somebody does who wants to change it."""
    path.chmod(0o644)
    path.write_bytes(content)


def _write_if_changed(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def _standing_at(moment: datetime) -> Clock:
    return lambda: moment


def _silent(line: str) -> None:
    """The days of the year are progress enough."""
