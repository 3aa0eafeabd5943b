"""What people see when something is refused, cannot be found, or cannot be told now."""

from django.http import HttpRequest, HttpResponse

from observant.errors import ObservantError
from observant.web.rendering import page


def refused(request: HttpRequest, code: int, title: str, words: str) -> HttpResponse:
    """A page that says no, and why."""
    return page(request, "refused.html", code=code, title=title, words=words)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return refused(
        request, 403, "Not for this account", "Your role does not include this page. An administrator can change that."
    )


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 (Django's signature)
    words = "The form did not come from this session, so nothing was done. Go back, load the page again, and repeat it."
    return refused(request, 403, "Nothing was done", words)


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    words = "There is nothing here, or it is outside of the period that your account sees."
    return refused(request, 404, "Not found", words)


def trouble(request: HttpRequest, problem: ObservantError) -> HttpResponse:
    """A deliberate error: its own words say what to do."""
    return refused(request, 503, "This cannot be shown now", str(problem))
