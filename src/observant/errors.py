"""Every deliberate error, and what the person at the terminal can do about it.

    ObservantError
    ├── UsageError                 exit 2: the command or the workspace is wrong; the message says where and the remedy
    │   ├── ConfigurationError     a workspace file, with line
    │   └── InputError             a file handed in as evidence, with place
    ├── CanaryFailed               exit 2: the policy engine fails its own test, so no verdict is made
    ├── StoreError                 exit 2: the store cannot take a write now (another writer, full disk)
    └── DamagedEvidence            exit 4: the log is not what was signed; each kind of incident has its class
        ├── ChangedBytes           an object, entry, tile or token differs from its digest
        ├── MissingObject          a pack, manifest, tile or entry bundle that the log names is not there
        ├── TruncatedLog           the log is shorter than a checkpoint that was seen or is stored
        ├── ForeignSignature       signed, but not by the key that is trusted
        ├── InconsistentLog        two checkpoints cannot both be true (rewritten or forked history)
        └── ClockWentBack          a record says it was taken before the record in front of it

A refused call to a cloud is not an error but evidence: it becomes a gap. A bug is allowed to crash.
"""

from pathlib import Path


class ObservantError(Exception):
    """Base of all deliberate errors. `exit_code` is what the command line ends with."""

    exit_code = 2


class UsageError(ObservantError):
    """The command or its surroundings are wrong; `remedy` says what to do."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message if not remedy else f"{message}\n  remedy: {remedy}")
        self.remedy = remedy


class ConfigurationError(UsageError):
    """A workspace file is wrong at a line (1-based; 0 when the whole file is meant)."""

    def __init__(self, path: Path | str, line: int, problem: str, remedy: str = "") -> None:
        where = f"{path}:{line}" if line else f"{path}"
        super().__init__(f"{where}: {problem}", remedy)
        self.path, self.line = str(path), line


class InputError(UsageError):
    """A file handed in as evidence cannot be read; nothing of it was stored."""

    def __init__(self, path: Path | str, place: str, problem: str, remedy: str = "") -> None:
        super().__init__(f"{path}: {place}: {problem}" if place else f"{path}: {problem}", remedy)
        self.path, self.place = str(path), place


class CanaryFailed(ObservantError):
    """The policy engine does not know what is beyond doubt: a bug, or a damaged installation."""

    def __init__(self, question: str) -> None:
        super().__init__(
            f"the policy engine fails its own test: {question}\n"
            "  remedy: install Observant again, and unset OBSERVANT_IAM_CATALOGUE; no verdict was made"
        )


class StoreError(ObservantError):
    """The store cannot take a write now. What was acknowledged before is safe; this run stored nothing."""


class DamagedEvidence(ObservantError):
    """The log or an object is not what was signed. `name` is the first bad object, as stored."""

    exit_code = 4

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.name, self.problem = name, problem


class ChangedBytes(DamagedEvidence):
    """Bytes differ from the digest that the log signed."""


class MissingObject(DamagedEvidence):
    """The log names it and the store does not have it."""


class TruncatedLog(DamagedEvidence):
    """Entries that a signed checkpoint covered are gone."""


class ForeignSignature(DamagedEvidence):
    """A signature is valid for no trusted key."""


class InconsistentLog(DamagedEvidence):
    """Two signed checkpoints contradict each other, or the tree does not match its checkpoint."""


class ClockWentBack(DamagedEvidence):
    """Recorded times must never decrease along the log."""
