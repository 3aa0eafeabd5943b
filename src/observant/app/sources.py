"""Where snapshots come from: the sources of `observant.toml`, or a folder of exports.

A source that cannot be used at all (an expired profile, refused credentials) is told as a SourceFailure, so that the
run leaves a record of it and the other sources are still read.
"""

import getpass
import re
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from observant.app.aws_sources import read_aws
from observant.app.collection import Source, SourceFailure, Tell
from observant.app.log_sources import read_logs
from observant.app.microsoft_settings import AzureSource
from observant.app.microsoft_sources import read_microsoft
from observant.app.people_sources import read_sources
from observant.app.settings import AwsSource, Settings, account_of
from observant.app.tickets_sources import read_trackers
from observant.app.unfinished import Unfinished
from observant.app.workspace import Workspace
from observant.errors import UsageError
from observant.evidence.events import EventBatch
from observant.evidence.snapshot import Snapshot
from observant.model.scope import Scope
from observant.model.time import Clock


def from_settings(
    workspace: Workspace, clock: Clock, accounts: list[str] | None = None, unfinished: Unfinished | None = None
) -> Source:
    """Every source of the settings; only some accounts when they are named. Raises UsageError for an unknown one.

    Settings that name no source mean the AWS account that the credentials of the environment belong to, if there are
    any. `unfinished` holds what a run that was cut off had read, and takes what this one reads.
    """
    settings = workspace.settings
    named = (settings.aws, settings.entra, settings.azure, settings.cloudtrail, settings.people, settings.tickets)
    if not any(named):
        settings = msgspec.structs.replace(settings, aws=[_ambient()])
    if accounts:
        settings = _only(settings, accounts)

    def read(tell: Tell) -> Iterator[Snapshot | EventBatch | SourceFailure]:
        yield from read_aws(settings.aws, clock, tell, unfinished)
        yield from read_microsoft(workspace, settings.entra, settings.azure, clock, tell, unfinished)
        if not accounts:
            yield from read_sources(workspace, clock)
            yield from read_trackers(workspace, clock, tell)
            yield from read_logs(workspace, clock, tell)

    return read


def _ambient() -> AwsSource:
    """Whatever AWS's own chain of credentials finds. Raises UsageError when it finds nothing."""
    from observant.collect.aws import AwsSession

    if not AwsSession.open().has_credentials():
        raise UsageError(
            "observant.toml names no source to read, and there are no AWS credentials in the environment",
            "add [[sources.aws]] or another source to it, or hand in exports with `observant collect --from FOLDER`",
        )
    return AwsSource()


def _only(settings: Settings, chosen: list[str]) -> Settings:
    """The settings with the sources of the chosen accounts, subscriptions and tenants alone."""
    known = {account_of(role) for source in settings.aws for role in source.roles}
    known |= {source.caller.tenant for source in settings.entra}
    known |= {one for source in settings.azure for one in source.subscriptions or ()}
    discovers = any(source.organization for source in settings.aws)
    for one in chosen:
        if one not in known and not (discovers and re.fullmatch(r"\d{12}", one)):
            raise UsageError(
                f"no role of observant.toml is in account {one}, and it names no such tenant or subscription",
                f"known: {', '.join(sorted(known)) or 'none'}",
            )
    aws = [
        msgspec.structs.replace(
            source, roles=[role for role in source.roles if account_of(role) in chosen], only=chosen
        )
        for source in settings.aws
    ]
    azure = [
        AzureSource(source.caller, [one for one in source.subscriptions or () if one in chosen])
        for source in settings.azure
    ]
    return msgspec.structs.replace(
        settings,
        aws=[source for source in aws if source.roles or source.organization],
        entra=[source for source in settings.entra if source.caller.tenant in chosen],
        azure=[source for source in azure if source.subscriptions],
    )


def from_folder(folder: Path, supplied_by: str, taken_at: datetime | None, accounts: list[str], clock: Clock) -> Source:
    """Exports in a folder, all read before anything is recorded. Without `supplied_by` the user and host are named.

    Raises InputError for a file that is wrong, UsageError for an account that is not among the exports.
    """
    from observant.collect.files import read_folder

    snapshots = read_folder(folder, clock, supplied_by or f"{getpass.getuser()}@{socket.gethostname()}", taken_at)
    known = {Scope.parse(one.scope).identifier for one in snapshots}
    for account in accounts:
        if account not in known:
            found = ", ".join(one.scope for one in snapshots)
            raise UsageError(f"{folder} holds no export of {account}", f"it holds exports of {found}")
    return lambda _: iter([one for one in snapshots if not accounts or Scope.parse(one.scope).identifier in accounts])
