"""What verification found."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from observant.errors import DamagedEvidence


class Level(StrEnum):
    """The level proven for a record; each includes those before it."""

    HASHED = "L0"
    SIGNED = "L1"
    LOCKED = "L2"
    """The storage showed that it refuses to change or delete."""
    STAMPED = "L3"
    """Time-stamped on both sides."""
    WITNESSED = "L4"
    """Cosigned by witnesses; nothing here proves it yet."""


@dataclass(frozen=True)
class MissedSlot:
    """A slot of the logged schedule without a run."""

    start: datetime
    end: datetime


@dataclass
class Report:
    """Outcome of one verification. Without `damage`, everything named in the log is as it was signed."""

    origin: str = ""
    entries: int = 0
    root: str = ""
    """Hex root of the newest checkpoint."""
    first: datetime | None = None
    """Recorded time of the first entry."""
    last: datetime | None = None
    damage: DamagedEvidence | None = None
    """The first incident; what comes behind it was not looked at."""
    keys_from: str = "trust"
    """`trust`, or `evidence` / `package` when the keys came from what they are to prove: then a forger could have
    put both there."""
    unauthenticated: list[str] = field(default_factory=list)
    """Files that nothing vouches for: left by a crash, or put there by somebody."""
    pending: list[str] = field(default_factory=list)
    """Tokens of the newest checkpoint: the next record will name them."""
    missed: list[MissedSlot] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    """By index of the record."""
    brackets: list[tuple[datetime | None, datetime | None]] = field(default_factory=list)
    """By index: proven not to be older, proven not to be younger."""
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.damage is None

    @property
    def first_bad(self) -> str:
        """Name of the first bad file; empty when all is well."""
        return self.damage.name if self.damage else ""
