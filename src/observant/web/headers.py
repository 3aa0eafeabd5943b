"""Headers of every answer: nothing comes from elsewhere, no inline script or style is obeyed, nobody frames a page.

Scripts are obeyed on the pages whose route says so, and only the app's own file.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from observant.web.access import rule_of

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

SCRIPTED = f"{POLICY}; script-src 'self'; connect-src 'self'"

Answer = Callable[[HttpRequest], HttpResponse]


def headers(answer: Answer) -> Answer:
    """Middleware."""

    def answered(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        rule = rule_of(request)
        response["Content-Security-Policy"] = SCRIPTED if rule and rule.scripted else POLICY
        response["X-Frame-Options"] = "DENY"
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        response.setdefault("Cache-Control", "no-store")
        return response

    return answered
