"""Exports of people, as a run reads them."""

import getpass
import socket
from collections.abc import Iterator
from functools import partial

import msgspec

from observant.app.notify_settings import secret_at
from observant.app.workspace import Workspace
from observant.collect.people.mapping import Mapping
from observant.evidence.snapshot import Snapshot
from observant.model.time import Clock


def read_sources(workspace: Workspace, clock: Clock) -> Iterator[Snapshot]:
    """One snapshot of each export. What is wrong in one is a gap of it."""
    from observant.collect.people import read_people
    from observant.collect.people.scim import client_of, scim_rows

    for source in mappings_of(workspace):
        who = f"{getpass.getuser()}@{socket.gethostname()}"
        if not source.scim:
            yield read_people(source, clock, who)
            continue
        with client_of(secret_at(source.token, workspace.root, f"the token of people {source.name}")) as client:
            yield read_people(source, clock, who, elsewhere=partial(scim_rows, source.scim, client))


def mappings_of(workspace: Workspace) -> list[Mapping]:
    """The sources of people, with the places of their files."""
    return [
        msgspec.structs.replace(
            source,
            file=workspace.root / source.file,
            accounts=workspace.root / source.accounts if source.accounts else None,
        )
        for source in workspace.settings.people
    ]
