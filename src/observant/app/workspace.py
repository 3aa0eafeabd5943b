"""One folder is a workspace: what to read, the written policy, the control list, the keys and the evidence."""

from collections.abc import Collection
from pathlib import Path

import msgspec

from observant.app.policy import COMMITMENTS_FILE, CONTROLS_FILE, read_commitments, read_controls
from observant.app.settings import FILE, Settings, read_settings
from observant.errors import ConfigurationError
from observant.model.commitment import Commitment
from observant.model.control import Control


class Workspace(msgspec.Struct, frozen=True):
    """A workspace that was opened: its settings are read and sound; policy files are read when asked for."""

    root: Path
    settings: Settings
    tables: str = "projection"
    """Folder of the tables, below the workspace. A program that keeps them open has its own."""

    @classmethod
    def open(cls, root: Path) -> "Workspace":
        """Raises ConfigurationError when the folder is none, or its settings are wrong."""
        if not (root / FILE).exists():
            raise ConfigurationError(
                root,
                0,
                f"this folder is not a workspace: it has no {FILE}",
                "go to the workspace, name it with --workspace or OBSERVANT_WORKSPACE, or make one: `observant init`",
            )
        return cls(root, read_settings(root / FILE))

    @property
    def store(self) -> Path:
        """Folder of the evidence store."""
        return self.root / self.settings.store

    @property
    def trust(self) -> Path:
        """What the auditor gets by another way than the package: verifier keys."""
        return self.root / "trust"

    @property
    def projection(self) -> Path:
        """Folder of tables made from the log. Disposable: `observant rebuild` makes it again."""
        return self.root / self.tables

    def key_uri(self, uri: str) -> str:
        """A key URI with a relative file path made absolute."""
        scheme, _, path = uri.partition(":")
        return f"{scheme}:{self.root / path}" if scheme == "file" else uri

    def commitments(self) -> list[Commitment]:
        """The written policy as the file has it now."""
        return read_commitments(self.root / COMMITMENTS_FILE)

    def controls(self, checks: Collection[str]) -> list[Control]:
        """The control list as the file has it now; `checks` are the known check ids."""
        return read_controls(self.root / CONTROLS_FILE, checks)
