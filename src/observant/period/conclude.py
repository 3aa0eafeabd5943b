"""What the findings of a period come to, in the four words of `Conclusion`."""

from observant.checks.check import Check
from observant.model.interval import Interval
from observant.model.verdict import Conclusion
from observant.period.conclusion import CheckResult, ControlException, EvidenceGap


def conclude_check(
    check: Check,
    within: Interval,
    exceptions: list[ControlException],
    gaps: list[EvidenceGap],
    undocumented: dict[str, list[Interval]],
    population: int,
) -> tuple[Conclusion, str]:
    never = [name for name, stretches in undocumented.items() if stretches == [within]]
    if never:
        return Conclusion.NOT_DESIGNED, f"nothing documented: {', '.join(never)}"
    stretches = "one stretch" if len(gaps) == 1 else f"{len(gaps)} stretches"
    unknown = f"; unknown in {stretches} of time" if gaps else ""
    if exceptions:
        members = len({(one.scope, one.member) for one in exceptions})
        many = "one exception" if len(exceptions) == 1 else f"{len(exceptions)} exceptions"
        return Conclusion.EXCEPTIONS, f"{many}; {members} of {population} {check.concerns} failed{unknown}"
    if gaps:
        return Conclusion.INSUFFICIENT, f"no exception seen, but unknown in {stretches} of time"
    if not population:
        return Conclusion.EFFECTIVE, f"there were no {check.concerns} to judge in any of the time"
    return Conclusion.EFFECTIVE, f"held for all of {population} {check.concerns} in all of the time"


def conclude_control(checks: list[CheckResult], missing: int) -> tuple[Conclusion, str]:
    """The worst of its checks; a required occurrence without its record leaves the evidence insufficient.

    A control may name checks of clouds that the company does not have: those whose source was never read are named,
    and do not count as long as another one does.
    """
    if not checks:
        return Conclusion.NOT_DESIGNED, "no check shows this control"
    judged = [one for one in checks if one.source_read]
    conclusion, why = _worst(judged or checks, missing)
    unread = ", ".join(one.check for one in checks if not one.source_read)
    if judged and unread:
        why += f"; not judged, as their source was never read: {unread}"
    return conclusion, why


def _worst(checks: list[CheckResult], missing: int) -> tuple[Conclusion, str]:
    for conclusion in (Conclusion.NOT_DESIGNED, Conclusion.EXCEPTIONS, Conclusion.INSUFFICIENT):
        concerned = [one for one in checks if one.conclusion == conclusion]
        if concerned:
            return conclusion, "; ".join(f"{one.check}: {one.why}" for one in concerned)
    if missing:
        return Conclusion.INSUFFICIENT, f"{missing} required occurrences have no record"
    return Conclusion.EFFECTIVE, "every check held for every member in all of the time"
