"""Frameworks: what of SOC 2 and of others the checks speak to, by whose word, and what nothing here covers."""

from django.http import Http404, HttpRequest, HttpResponse

from observant.frameworks.criteria import CRITERIA
from observant.frameworks.crosswalk import FRAMEWORKS, SOURCES
from observant.frameworks.mapping import requirements
from observant.model.verdict import Conclusion
from observant.web.periods import reading_of
from observant.web.rendering import page

SOC2 = "soc-2"
_TITLES = {SOC2: "SOC 2, Trust Services Criteria", **FRAMEWORKS}


def frameworks(request: HttpRequest) -> HttpResponse:
    reading = reading_of(request)
    spoken = {name: len(requirements(name, reading.checks)) for name in FRAMEWORKS}
    criteria = {one for check in reading.checks.values() for one in _criteria(check.check)}
    return page(
        request,
        "frameworks.html",
        reading=reading,
        result=reading.result,
        titles=_TITLES,
        spoken={SOC2: len(criteria), **spoken},
    )


def framework(request: HttpRequest, name: str) -> HttpResponse:
    if name not in _TITLES:
        raise Http404
    reading = reading_of(request)
    found = _soc2(list(reading.checks)) if name == SOC2 else requirements(name, reading.checks)
    return page(
        request,
        "framework.html",
        reading=reading,
        result=reading.result,
        title=_TITLES[name],
        name=name,
        found=found,
        words=CRITERIA if name == SOC2 else {},
        checks=reading.checks,
        sources=SOURCES,
        used=sorted({source for edges in found.values() for _, source in edges if source in SOURCES}),
        uncovered=[one for one in CRITERIA if one not in found] if name == SOC2 else [],
        worst={one: _worst([reading.checks[check].conclusion for check, _ in edges]) for one, edges in found.items()},
    )


def _soc2(checks: list[str]) -> dict[str, list[tuple[str, str]]]:
    """Criterion -> (check, where the edge comes from): a check says itself which criteria it supports."""
    found: dict[str, list[tuple[str, str]]] = {}
    for check in sorted(checks):
        for criterion in _criteria(check):
            found.setdefault(criterion, []).append((check, "the check's page"))
    return dict(sorted(found.items()))


def _criteria(check: str) -> tuple[str, ...]:
    from observant.checks.registry import CHECKS

    return CHECKS[check].criteria if check in CHECKS else ()


def _worst(conclusions: list[Conclusion]) -> Conclusion:
    order = (Conclusion.EXCEPTIONS, Conclusion.INSUFFICIENT, Conclusion.NOT_DESIGNED, Conclusion.EFFECTIVE)
    return next(one for one in order if one in conclusions)
