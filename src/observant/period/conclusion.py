"""What a period comes to: the shapes that reports and the command line print. No I/O, no judgement by the printer.

All moments aware UTC, all stretches half-open and clipped to the part of the period that has passed.
"""

from datetime import date, datetime, timedelta

import msgspec

from observant.model.interval import Interval
from observant.model.verdict import Conclusion, Verdict


class EvidencePointer(msgspec.Struct, frozen=True):
    """A record of the log that shows something."""

    record: int
    """Leaf index in the log."""
    seen: datetime
    """Effective time of the record."""


class ControlException(msgspec.Struct, frozen=True):
    """A maximal fail interval of one member."""

    check: str
    scope: str
    member: str
    """The provider's identifier, such as an ARN."""
    label: str
    """What people call it."""
    start: datetime
    """The less favourable bound: the earliest moment from which it may have failed, clipped to the period."""
    end: datetime | None
    """First moment at which it was seen repaired or gone; None while it lasts."""
    cause: str
    first_evidence: EvidencePointer | None
    last_evidence: EvidencePointer | None
    began_before_period: bool = False
    accepted: str = ""
    """Acceptances of the risk that cover it, in words. They change no verdict."""


class EvidenceGap(msgspec.Struct, frozen=True):
    """A stretch in which a check cannot be answered for one member, or for a whole scope."""

    check: str
    scope: str
    member: str
    """Empty when every member of the scope is meant."""
    label: str
    start: datetime
    end: datetime
    reason: str


class Occurrence(msgspec.Struct, frozen=True):
    """One time something had to happen."""

    what: str
    """The cadence commitment, such as `snapshot_cadence`."""
    scope: str
    due_from: datetime
    due_by: datetime
    record: int | None
    """The record that shows it; None when it is missing."""
    reason: str = ""
    """Why it is missing, as far as the log knows."""


class CheckResult(msgspec.Struct, frozen=True):
    """One check over one period."""

    check: str
    title: str
    criteria: list[str]
    commitments: list[str]
    """Each documented sentence it was judged by: `document clause (effective): statement`."""
    population: int
    """Members that existed in the period."""
    failed_members: int
    member_time: dict[str, timedelta]
    """Verdict -> summed time over members, from `Verdict` values."""
    exceptions: list[ControlException]
    gaps: list[EvidenceGap]
    timeline: list[tuple[Interval, Verdict]]
    """The worst verdict of any member over time: fail before unknown before pass before not applicable."""
    source_read: bool
    """Whether anything at all was ever read of the source of its members, such as an Entra tenant."""
    conclusion: Conclusion
    why: str


class ControlResult(msgspec.Struct, frozen=True):
    """One control over one period: what its checks come to together."""

    control: str
    title: str
    statement: str
    owner: str
    criteria: list[str]
    checks: list[CheckResult]
    timeline: list[tuple[Interval, Verdict]]
    days_covered: int
    days_missing: list[date]
    occurrences_required: int
    occurrences_missing: list[Occurrence]
    conclusion: Conclusion
    why: str


class Forecast(msgspec.Struct, frozen=True):
    """What will fail, or which evidence falls due, if nothing changes."""

    at: datetime
    check: str
    scope: str
    member: str
    label: str
    what: str


class CollectionCoverage(msgspec.Struct, frozen=True):
    """How one collection of one scope was read over the period."""

    scope: str
    collection: str
    complete: int
    gaps: int
    first: datetime | None
    last: datetime | None
    days_missing: list[date]
    reasons: dict[str, int]
    """Gap reason -> number of snapshots."""


class Provenance(msgspec.Struct, frozen=True):
    """What every output names so that it can be re-performed."""

    origin: str
    """Name of the log."""
    size: int
    """Number of records that were read."""
    root: str
    """Tree root over them, hex."""
    tool: str
    """`observant 0.1.0`."""
    as_of: datetime
    demo: bool


class PeriodResult(msgspec.Struct, frozen=True):
    """Everything the package says about one period."""

    first: date
    last: date
    through: datetime
    """Judged up to here: the end of the period, or the moment of evaluation while it is still running."""
    scopes: list[str]
    controls: list[ControlResult]
    coverage: list[CollectionCoverage]
    provenance: Provenance
