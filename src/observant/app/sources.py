"""Where snapshots come from: the sources of `observant.toml`, or a folder of exports.

A source that cannot be used at all (an expired profile, refused credentials) is told as a SourceFailure, so that the
run leaves a record of it and the other sources are still read.
"""

import getpass
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from observant.app.collection import Source, SourceFailure, Tell
from observant.app.settings import AwsSource, account_of
from observant.app.workspace import Workspace
from observant.errors import UsageError
from observant.evidence.snapshot import Snapshot
from observant.model.scope import Scope
from observant.model.time import Clock


def from_settings(workspace: Workspace, clock: Clock, accounts: list[str] | None = None) -> Source:
    """Every source of the settings; only some accounts when they are named. Raises UsageError for an unknown one."""
    sources = workspace.settings.aws
    if not sources:
        raise UsageError(
            "observant.toml names no source to read",
            "add [[sources.aws]] to it, or hand in exports with `observant collect --from FOLDER`",
        )
    if accounts:
        sources = _only(sources, accounts)

    def read(tell: Tell) -> Iterator[Snapshot | SourceFailure]:
        for source in sources:
            try:
                yield from _read_aws(source, clock, tell)
            except UsageError as problem:
                yield SourceFailure(_name(source), str(problem).partition("\n")[0])

    return read


def _only(sources: list[AwsSource], accounts: list[str]) -> list[AwsSource]:
    known = {account_of(role) for source in sources for role in source.roles}
    for account in accounts:
        if account not in known:
            raise UsageError(
                f"no role of observant.toml is in account {account}", f"known: {', '.join(sorted(known)) or 'none'}"
            )
    chosen = [
        AwsSource(
            source.profile,
            [role for role in source.roles if account_of(role) in accounts],
            source.region,
            source.external_id,
        )
        for source in sources
    ]
    return [source for source in chosen if source.roles]


def _read_aws(source: AwsSource, clock: Clock, tell: Tell) -> Iterator[Snapshot]:
    from observant.collect.aws import AwsSession, Target, collect_account, collect_accounts

    session = AwsSession.open(source.profile, source.region)
    if source.roles:
        targets = [Target.of_role(role, source.external_id) for role in source.roles]
        yield from collect_accounts(targets, clock, session, progress=tell)
    else:
        yield collect_account(session, clock, tell)


def _name(source: AwsSource) -> str:
    return f"aws profile {source.profile}" if source.profile else "aws"


def from_folder(folder: Path, supplied_by: str, taken_at: datetime | None, accounts: list[str], clock: Clock) -> Source:
    """Exports in a folder, all read before anything is recorded. Without `supplied_by` the user and host are named.

    Raises InputError for a file that is wrong, UsageError for an account that is not among the exports.
    """
    from observant.collect.files import read_folder

    snapshots = read_folder(folder, clock, supplied_by or f"{getpass.getuser()}@{socket.gethostname()}", taken_at)
    scopes = [str(Scope("aws", account)) for account in accounts]
    for scope in scopes:
        if all(one.scope != scope for one in snapshots):
            found = ", ".join(one.scope for one in snapshots)
            raise UsageError(f"{folder} holds no export of {scope}", f"it holds exports of {found}")
    return lambda _: iter([one for one in snapshots if not scopes or one.scope in scopes])
