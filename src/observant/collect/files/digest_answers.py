"""What checking a chain of CloudTrail's digest files comes to."""

from enum import StrEnum

import msgspec


class Outcome(StrEnum):
    """What was found of one file."""

    SIGNATURE_WRONG = "signature wrong"
    DIGEST_CHANGED = "digest changed"
    DIGEST_MISSING = "digest missing"
    DIGEST_MOVED = "digest moved"
    DIGEST_UNREADABLE = "digest unreadable"
    LOG_CHANGED = "log file changed"
    LOG_MISSING = "log file missing"
    GAP = "gap"
    """Time between two digests that no digest speaks for."""
    KEY_UNKNOWN = "key unknown"
    UNSIGNED = "signature not here"

    @property
    def proves_damage(self) -> bool:
        """False where only something is missing that the proof needs."""
        return self not in (Outcome.GAP, Outcome.KEY_UNKNOWN, Outcome.UNSIGNED)


class Found(msgspec.Struct, frozen=True):
    outcome: Outcome
    name: str
    """Of the file, as it is called in the bucket."""
    detail: str


class Verified(msgspec.Struct, frozen=True):
    """The answer of `observant changes verify-digests`."""

    digests: int
    log_files: int
    """How many log files the digests name."""
    begins: str
    ends: str
    """The time that the digests speak for."""
    found: list[Found]
    """Everything that is not as it should be; empty when all is proven."""

    @property
    def damaged(self) -> bool:
        return any(one.outcome.proves_damage for one in self.found)
