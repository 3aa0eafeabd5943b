"""From decoded files to batches for the log: each event once, each session only when a change was made with it.

Sessions are how an actor is found: the event that began one says who took the role. There are far more of them than
changes, so one is kept only when its access key turns up in a change, whichever of the two is read first. Of sessions
nobody changed anything with, only the number is kept.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256

from msgspec import structs

from observant.collect.changes.cloudtrail import Decoded, Kept
from observant.collect.changes.logfile import LogFile
from observant.evidence.events import EventBatch, ReadFolder, Reading
from observant.evidence.merkle import Frontier, leaf_hash
from observant.evidence.snapshot import Request
from observant.model.change import Decision, aws_time
from observant.model.scope import Scope
from observant.model.time import Clock

LARGEST_BATCH = 16 << 20
"""Bytes of events at which batches are handed on: memory stays flat however much is read."""
_REMEMBERED_SESSIONS = 16 << 20
_REMEMBERED_IDS = 500_000
UNNAMED = "unknown"
"""Stands for the account of an event that names none, in a place that names none."""

KnownIds = Callable[[str, datetime, datetime], set[str]]
"""(scope, first, last) -> ids of the events between these moments that the log has already."""


class _Pending:
    def __init__(self) -> None:
        self.events: list[bytes] = []
        self.times: list[datetime] = []
        self.counted: Counter[str] = Counter()
        self.duplicates = 0
        self.unreadable: dict[str, str] = {}
        self.files: dict[str, dict[str, str]] = {}
        """Folder -> name -> SHA-256."""


class Batches:
    """Takes decoded files in order, and gives batches when they are large enough or at the end."""

    def __init__(self, clock: Clock, supplied_by: str, origin: str, known: KnownIds, *, demo: bool = False) -> None:
        self._clock, self._supplied_by, self._origin, self._known, self._demo = clock, supplied_by, origin, known, demo
        self._started = clock()
        self._pending: dict[str, _Pending] = {}
        self._size, self._given = 0, False
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._days: dict[tuple[str, str], set[str]] = {}
        self._sessions: OrderedDict[str, list[Kept]] = OrderedDict()
        self._sessions_size = 0
        self._wanted: OrderedDict[str, None] = OrderedDict()

    def take(self, file: LogFile, decoded: Decoded) -> Iterator[EventBatch]:
        """One file. Gives the batches of all accounts when together they are large."""
        owner = file.account or _most_of(decoded) or UNNAMED
        pending = self._of(owner)
        if decoded.sha256:  # a file that could not even be opened was not read, and is tried again
            pending.files.setdefault(file.folder, {})[file.name.rpartition("/")[2]] = decoded.sha256
        if decoded.unreadable:
            pending.unreadable[file.name] = decoded.unreadable
        for (account, source, name), count in decoded.counted.items():
            self._of(account or owner).counted[f"{source} {name}"] += count
        for one in decoded.kept:
            self._keep(one, one.account or owner)
        if self._size >= LARGEST_BATCH:
            yield from self._flush([])

    def refused(self, file: LogFile, why: str) -> None:
        """A file that is there and could not be fetched."""
        self._of(file.account or UNNAMED).unreadable[file.name] = why

    def rest(self, requests: list[Request]) -> Iterator[EventBatch]:
        """What is left, or a batch of no scope that says that there was nothing new. `requests` go with the first."""
        for sessions in self._sessions.values():
            self._let_go(sessions)
        self._sessions.clear()
        if not self._pending and not self._given:
            yield self._batch("", _Pending(), requests)
        yield from self._flush(requests)

    def _of(self, account: str) -> _Pending:
        return self._pending.setdefault(account, _Pending())

    def _keep(self, one: Kept, account: str) -> None:
        if one.decision is Decision.SESSION and one.issued not in self._wanted:
            self._remember(one, account)
            return
        self._add(one, account)
        if one.key.startswith("ASIA"):
            self._want(one.key)

    def _want(self, key: str) -> None:
        """The session of this key matters, and the one that it was begun from, and so on."""
        self._wanted[key] = None
        self._wanted.move_to_end(key)
        if len(self._wanted) > _REMEMBERED_IDS:
            self._wanted.popitem(last=False)
        for session in self._sessions.pop(key, []):
            self._sessions_size -= len(session.raw)
            self._keep(session, session.account)

    def _remember(self, one: Kept, account: str) -> None:
        self._sessions.setdefault(one.issued, []).append(structs.replace(one, account=account))
        self._sessions_size += len(one.raw)
        while self._sessions_size > _REMEMBERED_SESSIONS:
            self._let_go(self._sessions.popitem(last=False)[1])

    def _let_go(self, sessions: list[Kept]) -> None:
        for session in sessions:
            self._sessions_size -= len(session.raw)
            self._of(session.account).counted["sts.amazonaws.com session"] += 1

    def _add(self, one: Kept, account: str) -> None:
        pending, at, name = self._of(account), aws_time(one.at), one.id or sha256(one.raw).hexdigest()
        if name in self._ids or (at is not None and name in self._of_day(account, at)):
            pending.duplicates += 1
            return
        self._ids[name] = None
        if len(self._ids) > _REMEMBERED_IDS:
            self._ids.popitem(last=False)
        pending.events.append(one.raw)
        pending.times += [at] if at else []
        self._size += len(one.raw)

    def _of_day(self, account: str, at: datetime) -> set[str]:
        key = (account, at.date().isoformat())
        if key not in self._days:
            if len(self._days) > 64:
                self._days.clear()
            start = at.replace(hour=0, minute=0, second=0)
            self._days[key] = self._known(str(Scope("aws", account)), start, at.replace(hour=23, minute=59, second=59))
        return self._days[key]

    def _flush(self, requests: list[Request]) -> Iterator[EventBatch]:
        for account in sorted(self._pending):
            self._given = True
            yield self._batch(str(Scope("aws", account)), self._pending[account], requests)
            requests = []
        self._pending.clear()
        self._size = 0

    def _batch(self, scope: str, pending: _Pending, requests: list[Request]) -> EventBatch:
        reading = Reading(
            started=self._started,
            finished=self._clock(),
            log="cloudtrail",
            origin=self._origin,
            supplied_by=self._supplied_by,
            kept=len(pending.events),
            counted=dict(sorted(pending.counted.items())),
            duplicates=pending.duplicates,
            unreadable=pending.unreadable,
            folders=[_folder(name, files) for name, files in sorted(pending.files.items())],
            requests=requests,
            demo=self._demo,
        )
        first, last = min(pending.times, default=None), max(pending.times, default=None)
        return EventBatch(scope, pending.events, first, last, reading)


def _folder(name: str, files: dict[str, str]) -> ReadFolder:
    tree = Frontier()
    for file, digest in sorted(files.items()):
        tree.append(leaf_hash(f"{digest}  {file}".encode()))
    return ReadFolder(name, sorted(files), tree.root().hex())


def _most_of(decoded: Decoded) -> str:
    accounts: Counter[str] = Counter()
    for (account, _, _), count in decoded.counted.items():
        accounts[account] += count
    accounts.update(one.account for one in decoded.kept)
    return accounts.most_common(1)[0][0] if accounts else ""
