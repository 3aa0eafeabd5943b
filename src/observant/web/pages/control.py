"""A control: what the company says, what was promised, what the checks show."""

from django.http import Http404, HttpRequest, HttpResponse

from observant.reports.html import shares
from observant.web.periods import reading_of
from observant.web.reading import key_of
from observant.web.rendering import page

MOST = 25
"""Exceptions and gaps of one check that stand on the page; all exceptions are a link away."""


def control(request: HttpRequest, name: str) -> HttpResponse:
    reading = reading_of(request)
    found = reading.controls.get(name)
    if found is None:
        raise Http404
    return page(
        request,
        "control.html",
        reading=reading,
        result=reading.result,
        control=found,
        shares={one.check: shares(one) for one in found.checks},
        key_of=key_of,
        fewest=MOST,
    )
