"""A risk, its scale, and an acceptance. All of them are records; a newer record of a risk takes the older one's place.

Accepting a risk changes no verdict. It says who knows of the exception, why it may stay, what makes up for it, and
until when; an exception that is accepted is reported as one, with that beside it.
"""

from datetime import date, datetime
from enum import StrEnum
from fnmatch import fnmatchcase

import msgspec

RISK, ACCEPTANCE = "risk", "acceptance"
"""Kinds of record."""


class Treatment(StrEnum):
    """What is done about a risk."""

    MITIGATE = "mitigate"
    AVOID = "avoid"
    TRANSFER = "transfer"
    ACCEPT = "accept"


class Scale(msgspec.Struct, frozen=True):
    """The organization's own scale: words for likelihood and impact from the lowest up, and levels of their product."""

    likelihood: list[str]
    impact: list[str]
    levels: dict[str, int]
    """Level -> the least product of likelihood and impact, each counted from 1, that belongs to it."""

    def level(self, likelihood: int, impact: int) -> str:
        """The highest level whose least product is reached."""
        product = likelihood * impact
        reached = [(least, name) for name, least in self.levels.items() if least <= product]
        return max(reached)[1] if reached else ""


USUAL = Scale(
    likelihood=["rare", "unlikely", "possible", "likely", "almost certain"],
    impact=["negligible", "minor", "moderate", "major", "severe"],
    levels={"low": 1, "medium": 5, "high": 10, "critical": 17},
)
"""Where the settings say nothing else."""


class Covered(msgspec.Struct, frozen=True):
    """Exceptions that a risk is about: of a check, with labels and scopes that fit. Globs."""

    check: str
    label: str = "*"
    scope: str = "*"

    def covers(self, check: str, label: str, scope: str) -> bool:
        return fnmatchcase(check, self.check) and fnmatchcase(label, self.label) and fnmatchcase(scope, self.scope)


class Risk(msgspec.Struct, frozen=True, kw_only=True):
    """One risk as it was last assessed. Likelihood and impact count from 1 on the scale that is beside them."""

    id: str
    title: str
    owner: str
    likelihood: int
    impact: int
    scale: Scale
    treatment: Treatment
    plan: str = ""
    """What is done, and until when."""
    review_by: date | None = None
    covers: list[Covered] = []
    """Exceptions it was made from; empty for one written down by hand."""
    closed: str = ""
    """Why it is none any more; empty while it is open."""
    by: str = ""
    """Who wrote this."""

    @property
    def level(self) -> str:
        return self.scale.level(self.likelihood, self.impact)


class Acceptance(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody accepts a risk, until the end of a day (UTC)."""

    risk: str
    accepted_by: str
    reason: str
    compensating: str
    """The control that makes up for it."""
    until: date
    withdrawn: str = ""
    """Why it holds no longer; then this record ends the one before it."""
    by: str = ""


class Held(msgspec.Struct, frozen=True):
    """An acceptance with when it begins and ends, and its record."""

    acceptance: Acceptance
    since: datetime
    ends: datetime
    record: int
