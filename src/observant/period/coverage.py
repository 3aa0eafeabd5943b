"""How every collection was read over a period."""

from datetime import date, timedelta

from observant.model.interval import Interval
from observant.period.conclusion import CollectionCoverage
from observant.period.evaluate import Evaluation, naive, utc


def coverage(evaluation: Evaluation, within: Interval) -> list[CollectionCoverage]:
    bounds = {"start": naive(within.start), "end": naive(within.end)}
    days: dict[tuple[str, str], set[date]] = {}
    for scope, collection, day in evaluation.query(
        """
        SELECT DISTINCT scope, collection, started::DATE FROM reading
        WHERE complete AND started >= $start AND started < $end
        """,
        bounds,
    ):
        days.setdefault((scope, collection), set()).add(day)
    reasons: dict[tuple[str, str], dict[str, int]] = {}
    for scope, collection, reason, count in evaluation.query(
        """
        SELECT scope, collection, reason, count(*) FROM reading
        WHERE NOT complete AND started >= $start AND started < $end
        GROUP BY scope, collection, reason ORDER BY scope, collection, reason
        """,
        bounds,
    ):
        reasons.setdefault((scope, collection), {})[reason] = count
    expected = _days(within)
    rows = evaluation.query(
        """
        SELECT scope, collection, count(*) FILTER (complete), count(*) FILTER (NOT complete),
               min(started) FILTER (complete), max(started) FILTER (complete)
        FROM reading WHERE started >= $start AND started < $end GROUP BY scope, collection ORDER BY scope, collection
        """,
        bounds,
    )
    return [
        CollectionCoverage(
            scope=scope,
            collection=collection,
            complete=complete,
            gaps=gaps,
            first=None if first is None else utc(first),
            last=None if last is None else utc(last),
            days_missing=[day for day in expected if day not in days.get((scope, collection), set())],
            reasons=reasons.get((scope, collection), {}),
        )
        for scope, collection, complete, gaps, first, last in rows
    ]


def _days(within: Interval) -> list[date]:
    last = (within.end - timedelta(seconds=1)).date()
    return [within.start.date() + timedelta(days=n) for n in range((last - within.start.date()).days + 1)]
