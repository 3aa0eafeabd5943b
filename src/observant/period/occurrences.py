"""Things that had to happen a number of times in a period, and whether they did.

A cadence commitment cuts its time in force into slots of its length. Each slot that has run out by the moment of
judging needs one complete record that began in it, or in the grace after it.
"""

import re
from datetime import datetime, timedelta

from observant.checks.commitments import regular_expression
from observant.model.commitment import Commitment
from observant.model.interval import Interval, intersect
from observant.period.conclusion import Occurrence
from observant.period.evaluate import Evaluation, naive, utc

_KIND = {
    "snapshot_cadence": ("snapshot", ""),
    "key_age_report_cadence": ("key-age report", "aws:"),
    "credential_expiry_report_cadence": ("credential-expiry export", "entra:"),
    "access_review_cadence": ("access review", ""),
}
"""Commitment -> the kind of evidence, and how the scopes begin that have it ('': all of them)."""


def occurrences(evaluation: Evaluation, names: list[str], within: Interval) -> list[Occurrence]:
    """Every required occurrence of these cadence commitments in every scope, kept or missing, in order of time."""
    found: list[Occurrence] = []
    for name in names:
        for commitment in (one for one in evaluation.commitments if one.name == name):
            for stretch in intersect([within], [Interval(commitment.valid_from, commitment.valid_to)]):
                for scope in _scopes(evaluation, commitment):
                    found.extend(_in_scope(evaluation, commitment, scope, stretch))
    return sorted(found, key=lambda one: (one.due_from, one.what, one.scope))


def _scopes(evaluation: Evaluation, commitment: Commitment) -> list[str]:
    """Those that the commitment names, all where it names none, of the sources that have such evidence."""
    _, source = _KIND[commitment.name]
    named = commitment.parameters.get("scopes")
    expression = re.compile(regular_expression(named) if isinstance(named, list) else "")
    return [scope for scope in evaluation.scopes() if scope.startswith(source) and expression.search(scope)]


def _in_scope(evaluation: Evaluation, commitment: Commitment, scope: str, stretch: Interval) -> list[Occurrence]:
    every, grace = _span(commitment, "every"), _span(commitment, "grace")
    kind, _ = _KIND[commitment.name]
    kept, failed = _recorded(evaluation, scope, kind), _attempts(evaluation, scope, kind)
    slots: list[Occurrence] = []
    start = stretch.start
    while start + every + grace <= stretch.end or start + every <= stretch.end < evaluation.as_of:
        end = start + every
        record = next((index for at, index in kept if start <= at < end + grace), None)
        reason = ""
        if record is None:
            reason = next((why for at, why in failed if start <= at < end + grace), "nothing was attempted")
        slots.append(Occurrence(commitment.name, scope, start, end + grace, record, reason))
        start = end
    return slots


def _span(commitment: Commitment, name: str) -> timedelta:
    span = commitment.parameters[name]
    if not isinstance(span, timedelta):
        raise TypeError(f"{name} of {commitment.name} is not a duration")
    return span


def _recorded(evaluation: Evaluation, scope: str, kind: str) -> list[tuple[datetime, int]]:
    rows = evaluation.query(
        "SELECT valid_from, record FROM evidence WHERE scope = ? AND kind = ? AND complete ORDER BY valid_from",
        [scope, kind],
    )
    return [(utc(at), record) for at, record in rows]


def _attempts(evaluation: Evaluation, scope: str, kind: str) -> list[tuple[datetime, str]]:
    rows = evaluation.query(
        "SELECT valid_from, failure FROM evidence WHERE scope = ? AND kind = ? AND NOT complete AND record IS NOT NULL "
        "ORDER BY valid_from",
        [scope, kind],
    )
    return [(utc(at), why) for at, why in rows]


def days_missing(evaluation: Evaluation, checks: list[str], within: Interval) -> list[datetime]:
    """Days (their start, UTC) that touch a hole of some check and have no complete reading of their own."""
    # A check about the evidence itself is about all that should have been read.
    judged = {name for check in checks for name in (evaluation.collections(check) or evaluation.needed())}
    collections = sorted(judged)
    rows = evaluation.query(
        """
        WITH day AS (SELECT unnest(generate_series($start, $end - INTERVAL 1 SECOND, INTERVAL 1 DAY)) AS at)
        SELECT DISTINCT day.at FROM day JOIN collection_hole AS hole
          ON hole.valid_from < day.at + INTERVAL 1 DAY AND day.at < hole.valid_to
        WHERE list_contains($collections, hole.collection)
          AND NOT EXISTS (
            SELECT 1 FROM reading WHERE complete AND reading.scope = hole.scope
              AND reading.collection = hole.collection AND date_trunc('day', reading.started) = day.at)
        ORDER BY day.at
        """,
        {"start": naive(within.start), "end": naive(within.end), "collections": collections},
    )
    return [utc(row[0]) for row in rows]
