"""Whole estates: one snapshot of every scope of a company, at its best, at its worst, and mixed."""

from datetime import UTC, datetime

from observant.evidence.snapshot import Snapshot
from worlds import aws

START = datetime(2025, 6, 2, 6, tzinfo=UTC)


def best() -> list[Snapshot]:
    return [aws.read(aws.best, START)]


def worst() -> list[Snapshot]:
    return [aws.read(aws.worst, START)]


def mixed() -> list[Snapshot]:
    """Some of both, so that hiding a part could change a verdict either way."""
    return [aws.read(aws.mixed, START)]
