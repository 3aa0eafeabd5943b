"""The fictional company's access reviews: who reviewed, when, and what they decided.

- December: the vendor's account is to go. Nobody does it until May.
- The first quarter's review is late: in March there was nothing to review.
- July: everything is kept in one stroke, the account of the engineer who left in June included.
- September: somebody notices her account.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

REVIEWERS = """\
# Who reviews access at Harbourlight, a company that does not exist. DEMO DATA.
reviewers:
  - name: ada
    email: ada@harbourlight.example
    identities: ["ada", "access key * of ada"]
    keys: ["{ada}"]
  - name: ivan
    email: ivan@harbourlight.example
    identities: ["ivan"]
    keys: ["{ivan}"]

rules:
  - reviewer: ivan
    labels: ["bjorn"]
  - reviewer: ada

escalation: ivan
"""
PEOPLE = ("ada", "ivan")


@dataclass(frozen=True)
class Review:
    """One campaign. What is not named in `revoked` is kept; `at_once` keeps it in one stroke."""

    name: str
    title: str
    opened: datetime
    closed: datetime
    revoked: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Label -> (reason, ticket)"""
    at_once: bool = False


def _at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


REVIEWS = (
    Review(
        "2025-q4",
        "Fourth quarter of 2025",
        _at("2025-12-15T09:00"),
        _at("2025-12-18T15:30"),
        {"vendor-acme-migration": ("the migration ended in November", "ACC-41")},
    ),
    Review("2026-q1", "First quarter of 2026", _at("2026-04-14T09:00"), _at("2026-04-20T11:10")),
    Review("2026-q2", "Second quarter of 2026", _at("2026-07-06T08:30"), _at("2026-07-07T16:00"), at_once=True),
    Review(
        "2026-q3",
        "Third quarter of 2026",
        _at("2026-09-21T09:00"),
        _at("2026-09-24T14:45"),
        {"dana": ("left the company in June", "ACC-97")},
    ),
)
