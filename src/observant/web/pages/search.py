"""Search over members, and one member: every verdict about it."""

from django.http import Http404, HttpRequest, HttpResponse

from observant.model.interval import Interval
from observant.model.verdict import Verdict
from observant.period.evaluate import naive, utc
from observant.reports.html import PLOT
from observant.reports.picture import bars
from observant.web.board import board
from observant.web.keyset import place_of
from observant.web.periods import reading_of
from observant.web.rendering import page

PAGE = 50
_LONGEST = 200

_FOUND = """
SELECT label, scope, member, count(DISTINCT check_id),
       count(DISTINCT check_id) FILTER (verdict = 'fail') FROM verdict
WHERE member <> '' AND valid_from < $end AND valid_to > $start
  AND (contains(lower(label), $wanted) OR contains(lower(member), $wanted))
  AND (label, scope, member) > ($label, $scope, $member)
GROUP BY label, scope, member ORDER BY label, scope, member LIMIT $most
"""
_VERDICTS = """
SELECT check_id, label, greatest(valid_from, $start), least(valid_to, $end), verdict FROM verdict
WHERE scope = $scope AND member = $member AND valid_from < $end AND valid_to > $start ORDER BY check_id, valid_from
"""


def search(request: HttpRequest) -> HttpResponse:
    reading = reading_of(request)
    wanted = request.GET.get("find", "").strip()[:_LONGEST]
    rows: list[tuple[object, ...]] = []
    if wanted:
        label, scope, member = place_of(request, 3)
        place = {"label": label, "scope": scope, "member": member}
        within = {"start": naive(reading.within.start), "end": naive(reading.result.through)}
        rows = board().query(_FOUND, within | place | {"wanted": wanted.lower(), "most": PAGE + 1})
    return page(
        request,
        "search.html",
        reading=reading,
        result=reading.result,
        wanted=wanted,
        found=rows[:PAGE],
        following=rows[PAGE - 1][:3] if len(rows) > PAGE else None,
    )


def member(request: HttpRequest) -> HttpResponse:
    """`?scope=…&member=…`: what every check said of it."""
    reading = reading_of(request)
    scope, name = request.GET.get("scope", ""), request.GET.get("member", "")
    within = {"start": naive(reading.within.start), "end": naive(reading.result.through)}
    rows = board().query(_VERDICTS, within | {"scope": scope, "member": name}) if name else []
    if not rows:
        raise Http404
    timelines: dict[str, list[tuple[Interval, Verdict]]] = {}
    for check, _, start, end, verdict in rows:
        timelines.setdefault(check, []).append((Interval(utc(start), utc(end)), Verdict(verdict)))
    exceptions = [(key, one) for key, one in reading.exceptions.items() if (one.scope, one.member) == (scope, name)]
    return page(
        request,
        "member.html",
        reading=reading,
        result=reading.result,
        label=rows[0][1],
        scope=scope,
        member=name,
        timelines={check: bars(timeline, reading.within, PLOT) for check, timeline in timelines.items()},
        exceptions=exceptions[:PAGE],
    )
