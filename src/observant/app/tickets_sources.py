"""Trackers of `observant.toml` as snapshots, each read from where its last complete reading ended."""

import base64
import getpass
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from observant.app.collection import SourceFailure, Tell
from observant.app.opening import open_log
from observant.app.recording import backwards
from observant.app.workspace import Workspace
from observant.collect.tickets.tracker import Tracker
from observant.errors import UsageError
from observant.evidence.log import Log
from observant.evidence.snapshot import Json, Snapshot
from observant.model.scope import Scope
from observant.model.time import Clock

if TYPE_CHECKING:
    from observant.collect.tickets.collector import Earlier
    from observant.collect.tickets.session import TrackerSession


def read_trackers(workspace: Workspace, clock: Clock, tell: Tell) -> Iterator[Snapshot | SourceFailure]:
    """One snapshot of each tracker. One that cannot be asked at all does not stop the others."""
    trackers = trackers_of(workspace)
    if not trackers:
        return
    from observant.collect.tickets.collector import collect_tickets

    log = open_log(workspace, clock)
    for tracker in trackers:
        scope = Scope("tickets", tracker.name)
        supplied_by = f"{getpass.getuser()}@{socket.gethostname()}"
        if tracker.system == "export":
            yield collect_tickets(tracker, clock, supplied_by)
            continue
        try:
            session = session_of(tracker, clock)
        except UsageError as problem:
            yield SourceFailure(str(scope), str(problem).partition("\n")[0])
            continue
        yield collect_tickets(
            tracker,
            clock,
            f"{tracker.user or tracker.token_variable} at {tracker.address}",
            lambda line, scope=scope: tell(f"{scope} {line}"),  # type: ignore[misc]  # mypy: a lambda's default
            session=session,
            earlier=last_reading(log, scope),
        )


def trackers_of(workspace: Workspace) -> list[Tracker]:
    """The trackers, with the places of their files."""

    def placed(path: Path | None) -> Path | None:
        return workspace.root / path if path is not None else None

    return [
        msgspec.structs.replace(
            one,
            file=placed(one.file),
            pull_requests=placed(one.pull_requests),
            token_file=placed(one.token_file),
        )
        for one in workspace.settings.tickets
    ]


def session_of(tracker: Tracker, clock: Clock) -> "TrackerSession":
    """Raises UsageError when this machine has no token for it."""
    from observant.collect.tickets.session import TrackerSession

    token = _token(tracker)
    basic = tracker.user and tracker.system in ("jira-cloud", "servicenow", "jira")
    authorization = (
        "Basic " + base64.b64encode(f"{tracker.user}:{token}".encode()).decode() if basic else f"Bearer {token}"
    )
    return TrackerSession(tracker.system, tracker.address, authorization, clock=clock)


def _token(tracker: Tracker) -> str:
    if tracker.token_file is not None:
        return _of_file(tracker.token_file)
    token = os.environ.get(tracker.token_variable, "").strip()
    if not token:
        raise UsageError(
            f"the environment has no {tracker.token_variable}",
            "set it for this command, or name a token_file that only its owner can read",
        )
    return token


def _of_file(path: Path) -> str:
    try:
        mode, token = path.stat().st_mode, path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the token file {path.name} cannot be read: {type(error).__name__}") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(f"others can read the token file {path.name}", f"chmod 600 {path.name}")
    if not token:
        raise UsageError(f"the token file {path.name} is empty", "write the token into it, and nothing else")
    return token


def last_reading(log: Log, scope: Scope) -> "Earlier | None":
    """What the newest reading that was complete had; None when none was."""
    from observant.collect.tickets.collector import PULL_REQUESTS, RULES, TICKETS, Earlier, anew_of

    for record in backwards(log):
        if record.kind != "snapshot" or record.scope != str(scope):
            continue
        manifest = log.manifest(record)
        if any(one.status != "complete" for one in manifest.collections.values()):
            continue
        wanted = {digest for (name, _), digest in manifest.entries.items() if name in (TICKETS, PULL_REQUESTS, RULES)}
        bodies: dict[str, Json] = {digest: msgspec.json.decode(body) for digest, body in log.objects(manifest, wanted)}
        found: dict[str, dict[str, Json]] = {}
        for (name, urn), digest in manifest.entries.items():
            found.setdefault(name, {})[urn] = bodies[digest]
        usage = log.usage(record, RULES).get("rules", {})
        rules = found.pop(RULES, {}).get("rules", {})
        return Earlier(manifest.started, anew_of(usage, manifest.started), rules, found)
    return None
