"""Sources: what was read of every scope, what was not, and when the next run is due."""

from django.http import HttpRequest, HttpResponse

from observant.reports.picture import calendars
from observant.web.board import board
from observant.web.periods import reading_of
from observant.web.rendering import page


def sources(request: HttpRequest) -> HttpResponse:
    reading, now = reading_of(request), board().now
    return page(
        request,
        "sources.html",
        reading=reading,
        result=reading.result,
        status=now.status,
        stale=now.stale,
        calendars=calendars(reading.result),
        lacking=[one for one in reading.result.coverage if one.days_missing],
    )
