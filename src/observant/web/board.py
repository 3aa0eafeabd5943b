"""What pages read: one evaluation of the workspace, kept until the log or the policy changes.

The tables are the web app's own (`<workspace>/web/tables`), so that the terminal and the server never wait for each
other. Evaluating takes part of a second and is shared by all requests; a page costs only its own look at the result.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import msgspec

from observant.app.evaluate import Judged, forecast, judged, period_result
from observant.app.reviews.listing import CampaignStatus, progress_of, statuses
from observant.app.reviews.reminding import Reminder, to_open
from observant.app.reviews.reviewers import REVIEWERS_FILE, read_reviewers
from observant.app.reviews.state import State, state_of
from observant.app.status import Status, status
from observant.app.workspace import Workspace
from observant.errors import ObservantError, UsageError
from observant.model.period import Period
from observant.model.time import Clock
from observant.model.verdict import Verdict
from observant.period.conclusion import ControlException, Forecast
from observant.period.evaluate import Evaluation, naive, utc
from observant.web.reading import Reading, read
from observant.web.settings import FOLDER

T = TypeVar("T")

AHEAD = timedelta(days=60)
OLDEST = timedelta(minutes=5)
"""Time alone changes verdicts: an evaluation older than this is made again."""
PATIENCE = 2.0
"""Seconds that a page waits for a new evaluation when something changed, before it shows the one before."""
MOST_READY = 6
"""Periods that are read again with each evaluation: the year, those of auditors, those that were chosen lately."""
_FILES = ("observant.toml", "commitments.yaml", "controls.yaml", "reviewers.yaml")

Stamp = tuple[tuple[int, int], ...]


class Snapshot(msgspec.Struct, frozen=True):
    """What all pages share of one evaluation."""

    judged: Judged
    held: contextlib.ExitStack
    """Keeps the tables open for as long as somebody reads them; never closed by hand."""
    stamp: Stamp
    made: datetime
    status: Status
    stale: dict[str, datetime]
    """Scope -> its last snapshot, where the next one is late."""
    forecasts: list[Forecast]
    campaigns: list[CampaignStatus]
    unopened: list[Reminder]
    """Reviews that are due, whether one is running or not."""
    period: Period
    """The year that ends with the newest evidence."""
    busy: threading.RLock = msgspec.field(default_factory=threading.RLock)
    """Held while `judged` is used, but for cursors: neither its connection nor its log is for two threads."""
    readings: dict[Period, Reading] = {}
    states: dict[str, tuple[Stamp, State]] = {}


class Board:
    """The shared evaluation of one workspace. Safe to use from many threads.

    Pages never wait for an evaluation but the first one: while a new one is made, the one before is shown, and every
    page says as of when it is.
    """

    def __init__(self, workspace: Workspace, clock: Clock, real: Clock) -> None:
        """`clock` is the moment that is judged; `real` is the time in which people act."""
        self.workspace = msgspec.structs.replace(workspace, tables=f"{FOLDER}/tables")
        self.clock, self.real = clock, real
        self.writing = threading.RLock()
        """Held around whatever writes the log; pages that read do not wait for it."""
        self.patience = PATIENCE
        self._making = threading.Lock()
        self._starting = threading.Lock()
        self._running: threading.Thread | None = None
        self._snapshot: Snapshot | None = None
        self._trouble: tuple[Stamp, ObservantError] | None = None
        self._seen: tuple[Stamp, float] | None = None
        self._adding_visits = False

    @property
    def judges_now(self) -> bool:
        """False when it looks back: then nothing is written."""
        return self.clock is self.real

    @property
    def now(self) -> Snapshot:
        """The newest evaluation. Raises what `observant check` raises when it cannot be made."""
        stamp, kept = self._stamp(), self._snapshot
        if kept is None:
            return self.refresh()
        if kept.stamp != stamp and not self._adding_visits:
            if not self._failed(stamp):
                self._refresh_behind().join(self._patience_left(stamp))
            if self._trouble and self._failed(stamp):
                raise self._trouble[1]
        elif self._is_old(kept):
            self._refresh_behind()
        return self._snapshot or kept

    def refresh(self) -> Snapshot:
        """Make a new evaluation where something changed since the last one; waits until it is there."""
        with self._making:
            stamp, kept = self._stamp(), self._snapshot
            if kept is not None and kept.stamp == stamp and not self._is_old(kept):
                return kept
            try:
                self._snapshot = made = self._made(stamp, kept)
            except ObservantError as problem:
                self._trouble = stamp, problem
                raise
            self._trouble = None
            return made

    def _patience_left(self, stamp: Stamp) -> float:
        """Seconds: all pages together wait once for a change, or they would queue behind each other's waiting."""
        if self._seen is None or self._seen[0] != stamp:
            self._seen = stamp, time.monotonic()
        return max(0.0, self._seen[1] + self.patience - time.monotonic())

    @contextlib.contextmanager
    def adding_visits(self) -> Iterator[None]:
        """Around records that say nothing that is judged: no page takes them for a change."""
        with self.writing:
            self._adding_visits = True
            try:
                yield
            finally:
                self._adding_visits = False

    def pass_over(self, index: int) -> None:
        """The record at `index` says nothing that is judged: where nothing else is new, the evaluation stands."""
        with self._making:
            kept = self._snapshot
            if kept is not None and kept.judged.provenance.size == index:
                self._snapshot = msgspec.structs.replace(kept, stamp=self._stamp())

    def _refresh_behind(self) -> threading.Thread:
        """The thread that makes the next evaluation."""
        with self._starting:
            if self._running is None or not self._running.is_alive():
                self._running = threading.Thread(target=self._quietly, name="board", daemon=True)
                self._running.start()
            return self._running

    def _quietly(self) -> None:
        with contextlib.suppress(ObservantError):  # kept as trouble, and told by the next page
            self.refresh()

    def _failed(self, stamp: Stamp) -> bool:
        return self._trouble is not None and self._trouble[0] == stamp

    def _is_old(self, kept: Snapshot) -> bool:
        """Time alone changes verdicts, where the moment that is judged goes on."""
        return self.judges_now and self.real() - kept.made > OLDEST

    def reading(self, period: Period) -> Reading:
        """Every control over the period, worked out once. Raises UsageError when none of it has passed."""
        now = self.now
        if period not in now.readings:
            with now.busy:
                if period not in now.readings:
                    now.readings[period] = _read(now.judged, period)
        return now.readings[period]

    def query(self, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:  # noqa: ANN401 (as DuckDB takes them)
        """Rows of the tables, on a cursor of its own."""
        try:
            return self._rows(sql, parameters)
        except duckdb.OutOfMemoryException:
            # An evaluation bounds the memory of the whole database while it is made: wait for its end, then ask again.
            with self._making:
                return self._rows(sql, parameters)

    def _rows(self, sql: str, parameters: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401
        with self.now.judged.evaluation.connection.cursor() as cursor:
            return cursor.execute(sql, parameters).fetchall()

    def with_log(self, use: Callable[[Judged], T]) -> T:
        """What `use` makes of log and evaluation, one thread at a time."""
        now = self.now
        with now.busy:
            return use(now.judged)

    def state(self, campaign: str) -> State:
        """A campaign with the drafts as they are now. Raises UsageError for one that was never opened."""
        now, stamp = self.now, self._stamp(f"reviews/{campaign}/drafts.jsonl")
        with now.busy:
            if campaign not in now.states or now.states[campaign][0] != stamp:
                inventory = now.judged.evaluation.inventory
                now.states[campaign] = stamp, state_of(self.workspace, now.judged.log, inventory, campaign)
            return now.states[campaign][1]

    def campaigns(self) -> list[CampaignStatus]:
        """Every campaign, newest first, with the drafts as they are now."""
        now, at = self.now, self.clock()
        return [self._with_progress(one, at) for one in now.campaigns]

    def _with_progress(self, one: CampaignStatus, at: datetime) -> CampaignStatus:
        if one.closed is not None:
            return one
        state = self.state(one.campaign)
        return msgspec.structs.replace(one, reviewers=progress_of(state), overdue=at > one.due)

    def people(self) -> dict[str, str]:
        """Reviewer -> e-mail address, as reviewers.yaml has them now; empty where there is no such file yet."""
        path = self.workspace.root / REVIEWERS_FILE
        return {one.name: one.email for one in read_reviewers(path).people} if path.exists() else {}

    @contextlib.contextmanager
    def changing(self) -> Iterator[Workspace]:
        """Around whatever writes: one thread at a time. Whoever wrote sees what they wrote on their next page."""
        with self.writing:
            yield self.workspace
            if self._snapshot is not None and self._snapshot.stamp != self._stamp():
                self._quietly()

    @contextlib.contextmanager
    def recording(self) -> Iterator[Workspace]:
        """Around whatever writes into the log. Raises UsageError when this server looks back."""
        if not self.judges_now:
            raise UsageError(
                "this server looks back (--as-of): what it writes would carry a time that is not now",
                "start it without --as-of",
            )
        with self.changing() as workspace:
            yield workspace

    def _stamp(self, *files: str) -> Stamp:
        paths = [self.workspace.root / name for name in (*_FILES, *files)]
        return tuple(_version(path) for path in (self.workspace.store / "log" / "checkpoint", *paths))

    def _made(self, stamp: Stamp, kept: Snapshot | None) -> Snapshot:
        held = contextlib.ExitStack()
        judgement = held.enter_context(judged(self.workspace, self.clock))
        period = year_of_evidence(judgement)
        # Periods that people look at are ready before anybody asks for them again.
        periods = dict.fromkeys([period, *(list(kept.readings)[-MOST_READY:] if kept else ())])
        return Snapshot(
            judged=judgement,
            held=held,
            stamp=stamp,
            made=self.real(),
            status=status(self.workspace, self.clock),
            stale=judgement.evaluation.stale(),
            forecasts=forecast(judgement, AHEAD).forecasts,
            campaigns=statuses(self.workspace, "", self.clock),
            unopened=to_open(judgement),
            period=period,
            readings={one: _read(judgement, one) for one in periods if _has_begun(one, judgement)},
        )


def _has_begun(period: Period, judgement: Judged) -> bool:
    return period.interval.start < judgement.evaluation.as_of


def _read(judgement: Judged, period: Period) -> Reading:
    return read(period_result(judgement, period), lambda one: following(judgement.evaluation, one))


def following(evaluation: Evaluation, one: ControlException) -> Verdict | None:
    """The verdict of the member that begins where the exception ends; None when there is none, or it lasts."""
    if one.end is None:
        return None
    rows = evaluation.query(
        "SELECT verdict FROM verdict WHERE check_id = ? AND scope = ? AND member = ? AND valid_from = ?",
        [one.check, one.scope, one.member, naive(one.end)],
    )
    return Verdict(rows[0][0]) if rows else None


def year_of_evidence(judgement: Judged) -> Period:
    """The 365 days that end with the newest snapshot, or with today where there is none."""
    newest = judgement.evaluation.query("SELECT max(started) FROM reading")[0][0]
    last: date = (utc(newest) if newest else judgement.evaluation.as_of).date()
    return Period(last - timedelta(days=364), last)


def _version(path: Path) -> tuple[int, int]:
    """(0, 0) where there is no file."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


_board: list[Board] = []


def board() -> Board:
    """The board of this process."""
    return _board[0]


def put_up(made: Board) -> None:
    """Make it the board of this process."""
    _board[:] = [made]
