"""Who may open which route. Rules are data beside the route, and what has no rule is refused."""

from collections.abc import Callable
from typing import Any

import msgspec
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from observant.errors import ObservantError
from observant.web import trail
from observant.web.pages import refusals
from observant.web.visitors import NOBODY, Visitor, Visitors, account_of, visitor_of

View = Callable[..., HttpResponseBase]


class Route(msgspec.Struct, frozen=True):
    """One address. `reads` may GET it, `writes` may POST to it; a method that nobody may use does not exist there."""

    name: str
    path: str
    """As `django.urls.path` takes it."""
    view: View
    reads: Visitors = NOBODY
    writes: Visitors = NOBODY
    scripted: bool = False
    """Its page may load the app's own script: the browser gives passkeys to scripts alone."""


_ELSEWHERE = {Visitor.ANONYMOUS: "account_login", Visitor.NEWCOMER: "mfa_index"}
"""Where those are sent who may not see a page yet."""


def guarded(route: Route) -> View:
    """The view of a route behind its rule."""

    def view(request: HttpRequest, **arguments: Any) -> HttpResponseBase:  # noqa: ANN401 (what the path names)
        visitor, account = visitor_of(request), account_of(request)
        methods = {"GET": route.reads, "HEAD": route.reads, "POST": route.writes}
        allowed = methods.get(request.method or "", NOBODY)
        if not allowed:
            return HttpResponseNotAllowed([name for name, visitors in methods.items() if visitors])
        if visitor in allowed:
            answer = _answer(route, request, arguments)
        elif visitor in _ELSEWHERE and request.method != "POST":
            return redirect(_ELSEWHERE[visitor])
        else:
            answer = refusals.forbidden(request)
        way_in = Visitor.ANONYMOUS in route.reads | route.writes
        trail.remember(request, route.name, way_in=way_in, before=(visitor, account), answer=answer)
        return answer

    view.rule = route  # type: ignore[attr-defined]  # found by `deny_unruled` and by the test over all routes
    view.csrf_exempt = getattr(route.view, "csrf_exempt", False)  # type: ignore[attr-defined]  # read by Django
    return view


def rule_of(request: HttpRequest) -> Route | None:
    """The rule of what was asked for; None where there is no such place."""
    found: Route | None = getattr(request.resolver_match.func, "rule", None) if request.resolver_match else None
    return found


def _answer(route: Route, request: HttpRequest, arguments: dict[str, Any]) -> HttpResponseBase:
    """What the page says; what it refuses is an answer too, and so part of the trail."""
    try:
        return route.view(request, **arguments)
    except ObservantError as problem:
        return refusals.trouble(request, problem)
    except Http404:
        return refusals.missing(request)
    except PermissionDenied:
        return refusals.forbidden(request)


class deny_unruled:  # noqa: N801 (middleware: called like a function)
    """Middleware that refuses a view without a rule."""

    def __init__(self, answer: View) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.answer(request)

    def process_view(self, request: HttpRequest, view: View, *_: object) -> HttpResponseBase | None:
        return None if hasattr(view, "rule") else refusals.forbidden(request)
