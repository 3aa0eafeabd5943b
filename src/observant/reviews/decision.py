"""What a reviewer says about one item."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median

import msgspec


class Choice(StrEnum):
    """`NOT_MINE` hands the item back: it is no judgement, and somebody else has to make one."""

    KEEP = "keep"
    REVOKE = "revoke"
    CHANGE = "change"
    NOT_MINE = "not_mine"


class Decision(msgspec.Struct, frozen=True):
    """One decision; a later one about the same item replaces it until it is signed."""

    item: str
    """Item id."""
    choice: Choice
    reviewer: str
    at: datetime
    reason: str = ""
    """Required except for `keep`."""
    ticket: str = ""
    bulk: int = 1
    """How many items were decided in the same stroke."""


class Diligence(msgspec.Struct, frozen=True):
    """Signals of a rubber stamp, for whoever reads the artifact. They judge nobody."""

    decisions: int
    in_bulk: int
    """Decisions that were made together with others in one stroke."""
    largest_stroke: int
    median_seconds: float | None
    """Median time between one stroke and the next; None with fewer than two strokes."""


def problem_of(choice: Choice, reason: str) -> str:
    """What is wrong with a decision, in words; empty when nothing is."""
    if choice != Choice.KEEP and not reason.strip():
        return f"{choice.value} needs a reason"
    return ""


def standing(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """Item id -> the last decision about it."""
    return {one.item: one for one in sorted(decisions, key=lambda one: one.at)}


def diligence(decisions: Iterable[Decision]) -> Diligence:
    """How the decisions came about."""
    made = sorted(decisions, key=lambda one: one.at)
    strokes = sorted({one.at for one in made})
    pauses = [(later - earlier) / timedelta(seconds=1) for earlier, later in pairwise(strokes)]
    return Diligence(
        decisions=len(made),
        in_bulk=sum(one.bulk > 1 for one in made),
        largest_stroke=max((one.bulk for one in made), default=0),
        median_seconds=median(pauses) if pauses else None,
    )
