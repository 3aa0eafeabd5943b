"""`observant rebuild`: the tables are disposable; the log is not."""

import shutil

import msgspec

from observant.app.evaluate import open_inventory
from observant.app.opening import open_log
from observant.app.workspace import Workspace
from observant.model.time import Clock


class Rebuilt(msgspec.Struct, frozen=True):
    records: int
    """How many records of the log the tables were made from."""


def rebuild(workspace: Workspace, clock: Clock) -> Rebuilt:
    """Delete the tables and make them again. Raises StoreError while another command has them open."""
    log = open_log(workspace, clock)
    with open_inventory(workspace, log):
        # Whoever has the tables open holds DuckDB's lock, so opening them first means that nobody loses theirs.
        pass
    shutil.rmtree(workspace.projection)
    with open_inventory(workspace, log) as inventory:
        return Rebuilt(inventory.size)
