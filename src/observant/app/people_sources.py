"""Exports of people, as a run reads them."""

import getpass
import socket
from collections.abc import Iterator

import msgspec

from observant.app.workspace import Workspace
from observant.collect.people.mapping import Mapping
from observant.evidence.snapshot import Snapshot
from observant.model.time import Clock


def read_sources(workspace: Workspace, clock: Clock) -> Iterator[Snapshot]:
    """One snapshot of each export. What is wrong in one is a gap of it."""
    from observant.collect.people import read_people

    for source in mappings_of(workspace):
        yield read_people(source, clock, f"{getpass.getuser()}@{socket.gethostname()}")


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
