"""Whole estates: one snapshot of every scope of a company and its logs, at its best, at its worst, and mixed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from observant.evidence.events import EventBatch
from observant.evidence.snapshot import Snapshot
from observant_clouds.aws import Cloud, Organization
from worlds import aws, entra, organization, people, tickets

Read = Snapshot | EventBatch

START = datetime(2025, 6, 2, 6, tzinfo=UTC)


def best() -> list[Read]:
    return [
        aws.read(aws.best, START),
        *_organization(organization.best),
        *entra.read(entra.best, START),
        people.read(people.best, START),
        tickets.read(tickets.best, START),
        *tickets.best_log(START),
    ]


def worst() -> list[Read]:
    return [
        aws.read(aws.worst, START),
        *_organization(organization.worst),
        *entra.read(entra.worst, START, unread=timedelta(days=100)),
        people.read(people.worst, START),
        tickets.read(tickets.worst, START),
        *tickets.worst_log(START),
    ]


def mixed() -> list[Read]:
    """Some of both, so that hiding a part could change a verdict either way."""
    return [
        aws.read(aws.mixed, START),
        *_organization(organization.mixed),
        *entra.read(entra.mixed, START),
        people.read(people.mixed, START),
        tickets.read(tickets.mixed, START),
        *tickets.mixed_log(START),
    ]


def _organization(build: Callable[[Cloud, Organization], None]) -> list[Snapshot]:
    """The organization and its management account."""
    return [organization.read(build, START), aws.read(aws.quiet, START, organization.MANAGEMENT)]
