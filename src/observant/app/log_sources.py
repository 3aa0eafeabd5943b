"""Where change events come from: the logs that `observant.toml` names, or a folder of log files."""

import getpass
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from observant.app.collection import Source, SourceFailure, Tell
from observant.app.log_settings import CloudTrailSource
from observant.app.opening import open_log
from observant.app.workspace import Workspace
from observant.errors import UsageError
from observant.evidence.events import EventBatch
from observant.model.time import Clock

if TYPE_CHECKING:
    from observant.collect.changes.earlier import Earlier


def read_logs(workspace: Workspace, clock: Clock, tell: Tell) -> Iterator[EventBatch | SourceFailure]:
    """Every log of the settings; one that cannot be read at all does not stop the others."""
    sources = workspace.settings.cloudtrail
    if not sources:
        return
    from observant.collect.changes.earlier import Earlier

    earlier = Earlier(open_log(workspace, clock))
    for source in sources:
        try:
            yield from _read(workspace, source, clock, earlier, tell)
        except UsageError as problem:
            yield SourceFailure(source.name, str(problem).partition("\n")[0])


def _read(
    workspace: Workspace, source: CloudTrailSource, clock: Clock, earlier: "Earlier", tell: Tell
) -> Iterator[EventBatch]:
    if source.folder:
        from observant.collect.changes.folder import read_folder

        yield from read_folder(workspace.root / source.folder, clock, _somebody(), earlier, tell)
        return
    from observant.collect.aws import AwsSession, Target
    from observant.collect.aws.fleet import enter
    from observant.collect.changes.bucket import read_bucket
    from observant.collect.unread import Unread

    session = AwsSession.open(source.profile, source.region)
    try:
        if source.role:
            enter(session, Target.of_role(source.role, source.external_id))
    except Unread as unread:
        raise UsageError(f"the role cannot be taken: {unread.detail}", "check its trust policy") from unread
    yield from read_bucket(session, source.bucket, source.prefix, clock, earlier, tell)


def from_log_folder(workspace: Workspace, folder: Path, supplied_by: str, clock: Clock) -> Source:
    """Log files in a folder. Raises InputError, when it is read, for one that holds none."""

    def read(tell: Tell) -> Iterator[EventBatch]:
        from observant.collect.changes.earlier import Earlier
        from observant.collect.changes.folder import read_folder

        earlier = Earlier(open_log(workspace, clock))
        yield from read_folder(folder, clock, supplied_by or _somebody(), earlier, tell)

    return read


def _somebody() -> str:
    return f"{getpass.getuser()}@{socket.gethostname()}"
