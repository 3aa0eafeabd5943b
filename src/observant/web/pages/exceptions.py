"""Exceptions: all of them, and one."""

from django.http import Http404, HttpRequest, HttpResponse

from observant.model.interval import Interval
from observant.model.verdict import Verdict
from observant.period.conclusion import ControlException
from observant.period.evaluate import naive, utc
from observant.reports.html import PLOT
from observant.reports.picture import bars
from observant.web.board import board, following
from observant.web.periods import reading_of
from observant.web.reading import Reading
from observant.web.rendering import page

PAGE = 50
_OTHERS = 20


def exceptions(request: HttpRequest) -> HttpResponse:
    reading, check = reading_of(request), request.GET.get("check", "")
    found, following = reading.after(request.GET.get("after", ""), check, PAGE)
    return page(
        request,
        "exceptions.html",
        reading=reading,
        result=reading.result,
        check=check,
        found=found,
        following=following,
    )


def exception(request: HttpRequest, key: str) -> HttpResponse:
    reading = reading_of(request)
    one = reading.exceptions.get(key)
    if one is None:
        raise Http404
    others = [
        (other, each)
        for other, each in reading.exceptions.items()
        if other != key and (each.scope, each.member) == (one.scope, one.member)
    ]
    return page(
        request,
        "exception.html",
        reading=reading,
        result=reading.result,
        one=one,
        check=reading.checks[one.check],
        controls=[reading.controls[name] for name in reading.shows[one.check]],
        then=board().with_log(lambda judged: following(judged.evaluation, one)),
        bars=bars(_timeline(reading, one), reading.within, PLOT),
        others=others[:_OTHERS],
    )


def _timeline(reading: Reading, one: ControlException) -> list[tuple[Interval, Verdict]]:
    """Every verdict of this member in this check, clipped to what was judged of the period."""
    start, end = reading.within.start, reading.result.through
    rows = board().query(
        "SELECT greatest(valid_from, $start), least(valid_to, $end), verdict FROM verdict WHERE check_id = $check "
        "AND scope = $scope AND member = $member AND valid_from < $end AND valid_to > $start ORDER BY valid_from",
        {"start": naive(start), "end": naive(end), "check": one.check, "scope": one.scope, "member": one.member},
    )
    return [(Interval(utc(first), utc(last)), Verdict(verdict)) for first, last, verdict in rows]
