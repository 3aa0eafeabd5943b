"""The one stylesheet, named by its digest so that browsers keep it."""

import hashlib
from functools import cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse

from observant.web.rendering import partial_report

_OWN = Path(__file__).parents[1] / "templates" / "web.css"
_YEAR = 31_536_000


@cache
def stylesheet() -> str:
    """The reports' own, and what pages need beyond."""
    return partial_report("report.css") + _OWN.read_text()


@cache
def digest() -> str:
    return hashlib.sha256(stylesheet().encode()).hexdigest()[:16]


def style(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001
    if name != digest():
        raise Http404
    return HttpResponse(
        stylesheet(),
        content_type="text/css; charset=utf-8",
        headers={"Cache-Control": f"public, max-age={_YEAR}, immutable"},
    )


_ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">
<rect width="16" height="16" rx="3" fill="#0550ae"/>
<circle cx="8" cy="8" r="4" fill="none" stroke="#fff" stroke-width="2"/></svg>"""


def icon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    return HttpResponse(_ICON, content_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})
