"""`observant notify`: tells receivers what is new to them, through apprise, and keeps what was told as a record."""

import logging
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from observant.app.evaluate import judged
from observant.app.notices import Notice, notices
from observant.app.notify_settings import Receiver, address_of
from observant.app.opening import writing_log
from observant.app.workspace import Workspace
from observant.errors import UsageError
from observant.evidence.log import Draft
from observant.model.time import Clock
from observant.period.evaluate import utc

NOTICE = "notice"
"""Kind of the record that somebody was told."""
_MOST = 50
"""Lines of one message; the rest is counted."""


class Told(msgspec.Struct, frozen=True):
    """What became of one receiver."""

    receiver: str
    new: int
    messages: int
    sent: bool
    why: str
    """Why nothing was sent; empty where it was."""
    notices: list[Notice]


class Notified(msgspec.Struct, frozen=True):
    """The answer of `observant notify`."""

    told: list[Told]


def notify(workspace: Workspace, clock: Clock, *, pretend: bool = False) -> Notified:
    """Tell everybody what is new to them. With `pretend` nothing is sent and nothing recorded. Raises UsageError."""
    receivers = workspace.settings.notify
    if not receivers:
        raise UsageError("nobody is to be told", "add [[notify]] to observant.toml")
    with judged(workspace, clock) as judgement:
        connection = judgement.evaluation.connection
        waiting = [(one, list(_new(one, notices(judgement, one.ahead), connection))) for one in receivers]
        lately = {one.name: _last(one, connection) for one in receivers}
    return Notified([_tell(workspace, one, new, lately[one.name], clock, pretend=pretend) for one, new in waiting])


def _new(receiver: Receiver, found: list[Notice], connection: duckdb.DuckDBPyConnection) -> Iterator[Notice]:
    rows = connection.execute(
        'SELECT unnest(from_json(predicate, \'{"keys": ["VARCHAR"]}\').keys) FROM record '
        "WHERE kind = ? AND json_extract_string(predicate, '$.receiver') = ?",
        [NOTICE, receiver.name],
    ).fetchall()
    known = {key for (key,) in rows}
    return (one for one in found if one.kind in receiver.events and _digest(one.key) not in known)


def _last(receiver: Receiver, connection: duckdb.DuckDBPyConnection) -> datetime | None:
    row = connection.execute(
        "SELECT max(effective) FROM record WHERE kind = ? AND json_extract_string(predicate, '$.receiver') = ?",
        [NOTICE, receiver.name],
    ).fetchone()
    return utc(row[0]) if row and row[0] else None


def _digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()[:32]


def _tell(
    workspace: Workspace, receiver: Receiver, new: list[Notice], last: datetime | None, clock: Clock, *, pretend: bool
) -> Told:
    def became(messages: int, why: str) -> Told:
        return Told(receiver.name, len(new), messages, not why, why, new)

    if not new:
        return became(0, "nothing is new")
    if receiver.when == "digest" and last is not None and clock() - last < receiver.every:
        return became(0, f"the next digest is due at {last + receiver.every:%Y-%m-%d %H:%M} UTC")
    if pretend:
        return became(0, "only looked")
    sender = _Sender(receiver, workspace.root)
    groups = [new] if receiver.when == "digest" else [[one] for one in new]
    sent: list[Notice] = []
    for group in groups:
        if not sender.send(*_message(workspace.settings.company, group)):
            break
        sent += group
    if sent:
        predicate = {"receiver": receiver.name, "keys": [_digest(one.key) for one in sent], "events": len(sent)}
        with writing_log(workspace, clock) as log:
            log.append([Draft(NOTICE, "", clock(), predicate)])
    failed = len(sent) < len(new)
    messages = len(sent) if receiver.when == "immediate" else int(bool(sent))
    return became(messages, "the service did not take the message; it is tried again next time" if failed else "")


def _message(company: str, group: list[Notice]) -> tuple[str, str]:
    """Title and text."""
    counts = {kind: sum(one.kind == kind for one in group) for kind in dict.fromkeys(one.kind for one in group)}
    title = f"{company}: " + ", ".join(f"{number} {kind}" for kind, number in counts.items())
    lines = [f"- {one.kind}: {one.text}" for one in group[:_MOST]]
    lines += [f"- and {len(group) - _MOST} more: `observant check`"] if len(group) > _MOST else []
    return title, "\n".join(lines)


class _Sender:
    """One receiver's address, opened. Raises UsageError for one that apprise does not know."""

    def __init__(self, receiver: Receiver, root: Path) -> None:
        try:
            import apprise
        except ImportError as error:
            raise UsageError("messages need apprise", "install observant with its notify extra") from error
        logging.getLogger("apprise").disabled = True  # it writes addresses, which have secrets in them
        self._apprise: Any = apprise
        self._to = apprise.Apprise()
        if not self._to.add(address_of(receiver, root)):
            raise UsageError(
                f"the address of {receiver.name} is none that apprise knows",
                "write it as https://github.com/caronc/apprise/wiki says, such as mailto://, slack:// or json://",
            )

    def send(self, title: str, body: str) -> bool:
        """Whether the service took it."""
        taken = self._to.notify(
            title=title, body=body, body_format=self._apprise.NotifyFormat.TEXT, interpret_escapes=False
        )
        return bool(taken)
