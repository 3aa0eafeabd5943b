"""Opening the evidence log of a workspace: store, keys and time-stamp authorities by what the settings name."""

import contextlib
from collections.abc import Iterator

from observant.app.workspace import Workspace
from observant.evidence.log import Log
from observant.evidence.signers import Keys, key_name, signer_from_uri
from observant.evidence.store.local import LocalStore
from observant.evidence.timestamp import TimestampAuthority
from observant.model.time import Clock


def open_log(workspace: Workspace, clock: Clock) -> Log:
    """For reading; needs no key. Raises DamagedEvidence when the log is not what was signed."""
    return Log.open(LocalStore(workspace.store), clock)


@contextlib.contextmanager
def writing_log(workspace: Workspace, clock: Clock) -> Iterator[Log]:
    """For appending. Raises StoreError at once while another process writes, UsageError when a key cannot be used."""
    yield Log.open(LocalStore(workspace.store), clock, keys_of(workspace), authority_of(workspace))


def create_log(workspace: Workspace, clock: Clock) -> Log:
    """Make keys, their public halves in `trust/`, and an empty log in a new workspace."""
    keys = Keys.create(workspace.root / "keys", workspace.settings.origin)
    keys.publish(workspace.trust)
    return Log.create(LocalStore(workspace.store), keys, workspace.settings.origin, clock)


def authority_of(workspace: Workspace) -> TimestampAuthority | None:
    """The time-stamp authorities that the settings name, asked in order; None when they name none."""
    urls = workspace.settings.timestamps
    return TimestampAuthority(urls) if urls else None


def keys_of(workspace: Workspace) -> Keys:
    """The keys that the settings name. Raises UsageError when one cannot be used."""
    settings = workspace.settings
    return Keys(
        **{
            purpose: signer_from_uri(workspace.key_uri(uri), key_name(settings.origin, purpose))
            for purpose, uri in settings.keys.items()
        }
    )
