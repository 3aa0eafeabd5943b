"""Readiness: all controls over the period as one picture, what falls due next, what changed lately."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from observant.reports.html import CONCLUSION_MARKS, headline
from observant.web.board import AHEAD, board
from observant.web.periods import reading_of
from observant.web.rendering import page
from observant.web.visitors import Visitor, visitor_of

_MOST = 10


def home(request: HttpRequest) -> HttpResponse:
    """Where people land: a reviewer at their items, everybody else at the picture."""
    return redirect("reviews" if visitor_of(request) is Visitor.REVIEWER else "readiness")


def readiness(request: HttpRequest) -> HttpResponse:
    reading, now = reading_of(request), board().now
    ahead = visitor_of(request) is not Visitor.AUDITOR
    conclusions = [one.conclusion for one in reading.result.controls]
    return page(
        request,
        "readiness.html",
        reading=reading,
        result=reading.result,
        headline=headline(reading.result),
        tallies=[(one, conclusions.count(one)) for one in CONCLUSION_MARKS],
        ahead=ahead,
        days=AHEAD.days,
        forecasts=now.forecasts[:_MOST],
        forecast_count=len(now.forecasts),
        campaigns=[one for one in now.campaigns if one.closed is None],
        status=now.status,
        stale=now.stale,
    )
