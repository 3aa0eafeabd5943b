"""The auditor's packages: build, verify, download. They lie in `<workspace>/packages`, one for each period."""

from datetime import date

import msgspec
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from observant.app.package import package
from observant.app.verify import Verified, verify
from observant.model.period import Period
from observant.web.board import board
from observant.web.periods import period_of
from observant.web.rendering import page
from observant.web.visitors import Visitor, visitor_of

FOLDER = "packages"


class Built(msgspec.Struct, frozen=True):
    """A package that can be downloaded."""

    name: str
    period: Period
    bytes: int


def packages(request: HttpRequest) -> HttpResponse:
    """GET lists, POST builds."""
    if request.method != "POST":
        return _page(request, "", None)
    period = _period(f"{request.POST.get('first', '')}_{request.POST.get('last', '')}")
    if period is None:
        return _page(request, "The first day and the last day are no period.", None)
    if not board().judges_now:
        return _page(
            request, "This server looks back (--as-of): what it writes would carry a time that is not now.", None
        )
    with board().changing() as workspace:
        folder = workspace.root / FOLDER
        folder.mkdir(exist_ok=True)
        out = folder / f"{period.first}_{period.last}"
        package(workspace, period, out, zipped=True, clock=board().real, tell=_silent, replace=True)
    return redirect("packages")


def verified(request: HttpRequest, name: str) -> HttpResponse:
    """Verify one package with the trusted keys of the workspace."""
    workspace = board().workspace
    _of(request, name)
    return _page(request, "", verify(workspace.root, workspace.root / FOLDER / f"{name}.zip", workspace.trust))


def download(request: HttpRequest, name: str) -> HttpResponseBase:
    _of(request, name)
    file = board().workspace.root / FOLDER / f"{name}.zip"
    return FileResponse(file.open("rb"), as_attachment=True, filename=f"observant-{name}.zip")


def _of(request: HttpRequest, name: str) -> Built:
    """The package of this name among those that the visitor may see: a name is never put into a path unseen."""
    found = next((one for one in _built(request) if one.name == name), None)
    if found is None:
        raise Http404
    return found


def _built(request: HttpRequest) -> list[Built]:
    folder = board().workspace.root / FOLDER
    found = []
    for file in folder.glob("*.zip") if folder.is_dir() else ():
        period = _period(file.stem)
        if period is not None:
            found.append(Built(file.stem, period, file.stat().st_size))
    if visitor_of(request) is Visitor.AUDITOR:
        own = period_of(request)
        found = [one for one in found if own.first <= one.period.first and one.period.last <= own.last]
    return sorted(found, key=lambda one: one.period, reverse=True)


def _page(request: HttpRequest, problem: str, outcome: Verified | None) -> HttpResponse:
    return page(
        request,
        "packages.html",
        code=422 if problem else 200,
        built=_built(request),
        period=period_of(request),
        problem=problem,
        outcome=outcome,
        demo=board().now.status.demo,
    )


def _period(written: str) -> Period | None:
    """`2025-01-01_2025-12-31`."""
    first, _, last = written.partition("_")
    try:
        period = Period(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        return None
    return period if period.days > 0 and f"{period.first}_{period.last}" == written else None


def _silent(line: str) -> None:
    """The browser waits."""
