"""Who did what in the web app, and what auditors looked at, as records of the log.

The app keeps visits in its database for minutes and records them in batches: a record of kind `visits` names first and
last moment and how many; the visits themselves are a file that it binds, one JSON object a line.
"""

from datetime import datetime

import msgspec

from observant.app.opening import writing_log
from observant.app.recording import backwards
from observant.app.workspace import Workspace
from observant.evidence.canonical import canonical, digest
from observant.evidence.log import Draft, Log, Record, file_name
from observant.model.time import Clock, text

KIND = "visits"
_LOOKED_BACK = 2000
"""Records among which the last batch is looked for: runs record a few a day."""


class Visited(msgspec.Struct, frozen=True):
    """One thing that somebody did or looked at."""

    key: str
    """Random and unique, so that none is recorded twice."""
    at: datetime
    account: str
    """E-mail address."""
    role: str
    """Their role then."""
    method: str
    """`POST` did something, `GET` looked."""
    route: str
    path: str
    status: int
    """What was answered, as in HTTP: from 400 on it was refused."""

    @property
    def line(self) -> bytes:
        return canonical(msgspec.structs.asdict(self) | {"at": text(self.at)})


def record_visits(workspace: Workspace, visited: list[Visited], clock: Clock) -> int | None:
    """Record what was not recorded yet; returns the index of the record. Raises StoreError while another writes.

    A crash between this and whoever remembers it has the same visits given again: those of the last batch are known.
    """
    with writing_log(workspace, clock) as log:
        last = _last_batch(log)
        known = keys_of(log, last) if last else set()
        fresh = [one for one in visited if one.key not in known]
        if not fresh:
            return last.index if last else None
        content = b"".join(one.line + b"\n" for one in fresh)
        name = log.attach(content)
        predicate = {
            "accounts": sorted({one.account for one in fresh}),
            "count": len(fresh),
            "first": text(min(one.at for one in fresh)),
            "last": text(max(one.at for one in fresh)),
        }
        return log.append([Draft(KIND, "", max(one.at for one in fresh), predicate, {name: digest(content)})])[0].index


def visits_of(log: Log, record: Record) -> list[Visited]:
    """The visits of a record of this kind, as they were kept."""
    files = [sha256 for name, sha256 in record.subjects.items() if name == file_name(sha256)]
    lines = [line for sha256 in files for line in log.file(sha256).splitlines()]
    return [msgspec.json.decode(line, type=Visited) for line in lines]


def keys_of(log: Log, record: Record) -> set[str]:
    return {one.key for one in visits_of(log, record)}


def _last_batch(log: Log) -> Record | None:
    for record in backwards(log):
        if record.kind == KIND:
            return record
        if log.size - record.index > _LOOKED_BACK:
            return None
    return None
