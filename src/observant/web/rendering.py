"""Pages from templates: the same environment as the reports, with what every page has around its content."""

from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.urls import resolve, reverse
from django.utils.html import json_script
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from observant.reports.html import equip
from observant.reports.visible import visible
from observant.web.board import board
from observant.web.visitors import Visitor, account_of, visitor_of

NAVIGATION = {
    "readiness": "Readiness",
    "exceptions": "Exceptions",
    "evidence": "Evidence",
    "sources": "Sources",
    "people": "People",
    "frameworks": "Frameworks",
    "reviews": "Reviews",
    "packages": "Package",
    "search": "Search",
    "accounts": "Accounts",
    "visits": "Visits",
}
"""Route -> what it is called. Everybody sees what they may open."""


def page(request: HttpRequest, template: str, *, code: int = 200, **shown: Any) -> HttpResponse:  # noqa: ANN401
    """One page. `shown` is for the template."""
    return HttpResponse(environment().get_template(template).render(around(request) | shown), status=code)


def around(request: HttpRequest) -> dict[str, Any]:
    """What every page has around its content; also for templates that allauth's views render."""
    from observant.web.access import rule_of

    rule = rule_of(request)
    return {
        "account": account_of(request),
        "visitor": visitor_of(request).value,
        "navigation": _navigation(request),
        "company": board().workspace.settings.company,
        "stylesheet": stylesheet_address(),
        "script": _script_address() if rule and rule.scripted else "",
        "here": request.path,
        "csrf": get_token(request),
    }


def partial_report(name: str) -> str:
    """A stylesheet or template of the reports, rendered."""
    return environment().get_template(name).render(demo=False)


def address(name: str, *given: Any, **query: Any) -> str:  # noqa: ANN401
    """The address of a route, with a query where one is given; empty values are left out."""
    kept = {key: value for key, value in query.items() if value not in ("", None)}
    return reverse(name, args=given) + (f"?{urlencode(kept)}" if kept else "")


def stylesheet_address() -> str:
    from observant.web.pages.style import digest

    return reverse("style", args=[digest()])


def _script_address() -> str:
    from observant.web.entrance.script import digest

    return reverse("script", args=[digest()])


def _navigation(request: HttpRequest) -> list[tuple[str, str]]:
    visitor = visitor_of(request)
    if visitor in (Visitor.ANONYMOUS, Visitor.NEWCOMER):
        return []
    places = [(reverse(name), words) for name, words in NAVIGATION.items()]
    return [(place, words) for place, words in places if visitor in resolve(place).func.rule.reads]  # type: ignore[attr-defined]


@cache
def environment() -> Environment:
    """Everything is escaped; a name that nobody gave is an error."""
    made = Environment(
        loader=ChoiceLoader([PackageLoader("observant.web"), PackageLoader("observant.reports")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    equip(made)
    made.filters["visible_lines"] = _visible_lines
    made.filters["json_script"] = json_script
    made.globals |= {"address": address, "quote": quote}
    return made


def django_environment(**_: Any) -> Environment:  # noqa: ANN401 (what Django's engine would make one of)
    """The same environment for Django's template engine."""
    return environment()


def _visible_lines(text: str) -> str:
    """Text of several lines in which nothing else hides."""
    return "\n".join(visible(line) for line in text.split("\n"))
