"""What one period comes to: per check and per control, from the verdict intervals."""

from datetime import datetime, timedelta

from observant.checks.check import Check
from observant.checks.registry import CHECKS
from observant.errors import UsageError
from observant.model.control import Control
from observant.model.interval import Interval, intersect, subtract, union
from observant.model.kinds import KINDS
from observant.model.period import Period
from observant.model.verdict import Conclusion, Verdict
from observant.period.conclude import conclude_check, conclude_control
from observant.period.conclusion import (
    CheckResult,
    ControlException,
    ControlResult,
    EvidenceGap,
    EvidencePointer,
    PeriodResult,
    Provenance,
)
from observant.period.coverage import coverage
from observant.period.evaluate import Evaluation, naive, utc
from observant.period.occurrences import days_missing, occurrences

Timeline = list[tuple[Interval, Verdict]]

_WORST_FIRST = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS, Verdict.NOT_APPLICABLE)


def assess(evaluation: Evaluation, controls: list[Control], period: Period, provenance: Provenance) -> PeriodResult:
    """Judge every control over the period, as far as it has passed. Raises UsageError when none of it has."""
    whole = period.interval
    through = min(whole.end, evaluation.as_of + timedelta(seconds=1))
    if through <= whole.start:
        raise UsageError(
            f"the period {period} has not begun by {evaluation.as_of:%Y-%m-%d}", "choose an earlier --from"
        )
    within = Interval(whole.start, through)
    read = evaluation.sources()
    results = {
        check: _check_result(evaluation, CHECKS[check], within, read=CHECKS[check].source in read)
        for check in _checks_of(controls)
    }
    return PeriodResult(
        first=period.first,
        last=period.last,
        through=through,
        scopes=evaluation.scopes(),
        controls=[_control_result(evaluation, control, results, within) for control in controls],
        coverage=coverage(evaluation, within),
        provenance=provenance,
    )


def _checks_of(controls: list[Control]) -> list[str]:
    return list(dict.fromkeys(check for control in controls for check in control.checks))


# -- one check


def _check_result(evaluation: Evaluation, check: Check, within: Interval, *, read: bool) -> CheckResult:
    exceptions = _exceptions(evaluation, check, within)
    undocumented = _undocumented(evaluation, check, within)
    gaps = _gaps(evaluation, check, within, undocumented)
    time = _member_time(evaluation, check, within)
    population, failed = _population(evaluation, check, within)
    timeline = _timeline(evaluation, check, within, undocumented)
    conclusion, why = conclude_check(check, within, exceptions, gaps, undocumented, population)
    if not read and conclusion == Conclusion.EFFECTIVE:
        conclusion, why = Conclusion.INSUFFICIENT, f"nothing of source {check.source} was ever read"
    return CheckResult(
        check=check.id,
        title=check.title,
        criteria=list(check.criteria),
        commitments=[
            f"{one.document} {one.clause} (from {one.effective}): {one.statement}"
            for one in evaluation.commitments
            if one.name in check.commitments and intersect([within], [Interval(one.valid_from, one.valid_to)])
        ],
        population=population,
        failed_members=failed,
        member_time=time,
        exceptions=exceptions,
        gaps=gaps,
        timeline=timeline,
        source_read=read,
        conclusion=conclusion,
        why=why,
    )


def _clip(interval: Interval, within: Interval) -> Interval:
    return Interval(max(interval.start, within.start), min(interval.end, within.end))


def _exceptions(evaluation: Evaluation, check: Check, within: Interval) -> list[ControlException]:
    pointers = _Pointers(evaluation, check)
    found = []
    for one in evaluation.standing(within, {Verdict.FAIL}, check.id):
        clipped = _clip(one.interval, within)
        found.append(
            ControlException(
                check=check.id,
                scope=one.scope,
                member=one.member,
                label=one.label,
                start=clipped.start,
                end=None if one.interval.end > within.end else one.interval.end,
                cause=one.because,
                first_evidence=pointers.of(one.record),
                # What is read of other scopes alone, as tickets are, has no reading of its own scope.
                last_evidence=pointers.last_before(one.scope, clipped.end) or pointers.of(one.record),
                began_before_period=one.interval.start < within.start,
            )
        )
    return found


class _Pointers:
    """Finds the records that show an exception."""

    def __init__(self, evaluation: Evaluation, check: Check) -> None:
        self._effective = {
            index: utc(effective) for index, effective in evaluation.query('SELECT "index", effective FROM record')
        }
        wanted = evaluation.collections(check.id)
        self._readings: dict[str, list[tuple[datetime, int]]] = {}
        for scope, started, record in evaluation.query(
            """
            SELECT scope, started, record FROM reading
            WHERE complete AND (len($wanted) = 0 OR list_contains($wanted, collection))
            GROUP BY scope, started, record ORDER BY started
            """,
            {"wanted": wanted},
        ):
            self._readings.setdefault(scope, []).append((utc(started), record))

    def of(self, record: int | None) -> EvidencePointer | None:
        return None if record is None else EvidencePointer(record, self._effective[record])

    def last_before(self, scope: str, moment: datetime) -> EvidencePointer | None:
        earlier = [one for one in self._readings.get(scope, []) if one[0] < moment]
        return EvidencePointer(earlier[-1][1], earlier[-1][0]) if earlier else None


def _undocumented(evaluation: Evaluation, check: Check, within: Interval) -> dict[str, list[Interval]]:
    """Commitment -> the time in which none of that name was in force."""
    missing: dict[str, list[Interval]] = {}
    for name in check.commitments:
        if KINDS[name].optional:
            continue
        in_force = [Interval(one.valid_from, one.valid_to) for one in evaluation.commitments if one.name == name]
        without = subtract([within], in_force)
        if without:
            missing[name] = without
    return missing


def _gaps(
    evaluation: Evaluation, check: Check, within: Interval, undocumented: dict[str, list[Interval]]
) -> list[EvidenceGap]:
    """A hole is listed once for its scope, not once for every member in it; so is time without a commitment."""
    found = [
        EvidenceGap(check.id, "", "", f"every one of the {check.concerns}", one.start, one.end, _nothing(name))
        for name, stretches in undocumented.items()
        for one in stretches
    ]
    unpromised = union(*undocumented.values())
    for one in evaluation.standing(within, {Verdict.UNKNOWN}, check.id):
        if one.member and one.hole:
            continue
        found += [
            EvidenceGap(
                check.id,
                one.scope,
                one.member,
                one.label if one.member else f"every one of the {check.concerns}",
                rest.start,
                rest.end,
                one.because,
            )
            for rest in subtract([_clip(one.interval, within)], unpromised if one.member else [])
        ]
    if not evaluation.scopes():
        found.append(
            EvidenceGap(check.id, "", "", f"every one of the {check.concerns}", *within, "nothing was ever collected")
        )
    return found


def _nothing(name: str) -> str:
    return f"nothing documented: no commitment {name} is in force"


def _member_time(evaluation: Evaluation, check: Check, within: Interval) -> dict[str, timedelta]:
    rows = evaluation.query(
        """
        SELECT verdict, sum(epoch(least(valid_to, $end)) - epoch(greatest(valid_from, $start)))
        FROM verdict WHERE check_id = $check AND member <> '' AND valid_from < $end AND valid_to > $start
        GROUP BY verdict
        """,
        {"check": check.id, "start": naive(within.start), "end": naive(within.end)},
    )
    summed = {verdict: timedelta(seconds=int(seconds)) for verdict, seconds in rows}
    return {verdict.value: summed.get(verdict.value, timedelta()) for verdict in Verdict}


def _population(evaluation: Evaluation, check: Check, within: Interval) -> tuple[int, int]:
    rows = evaluation.query(
        """
        SELECT count(DISTINCT scope || ' ' || member) FILTER (verdict <> 'not_applicable'),
               count(DISTINCT scope || ' ' || member) FILTER (verdict = 'fail')
        FROM verdict WHERE check_id = $check AND member <> '' AND valid_from < $end AND valid_to > $start
        """,
        {"check": check.id, "start": naive(within.start), "end": naive(within.end)},
    )
    return int(rows[0][0]), int(rows[0][1])


def _timeline(
    evaluation: Evaluation, check: Check, within: Interval, undocumented: dict[str, list[Interval]]
) -> Timeline:
    stretches: dict[Verdict, list[Interval]] = {verdict: [] for verdict in Verdict}
    for verdict, start, end in evaluation.query(
        """
        SELECT DISTINCT verdict, greatest(valid_from, $start), least(valid_to, $end)
        FROM verdict WHERE check_id = $check AND valid_from < $end AND valid_to > $start
        """,
        {"check": check.id, "start": naive(within.start), "end": naive(within.end)},
    ):
        stretches[Verdict(verdict)].append(Interval(utc(start), utc(end)))
    stretches[Verdict.UNKNOWN] += [one for many in undocumented.values() for one in many]
    if not evaluation.scopes():
        stretches[Verdict.UNKNOWN].append(within)
    return _layered(stretches)


def _layered(stretches: dict[Verdict, list[Interval]]) -> Timeline:
    """Stack the verdicts, the worst on top."""
    taken: list[Interval] = []
    layers: Timeline = []
    for verdict in _WORST_FIRST:
        layers += [(one, verdict) for one in subtract(stretches[verdict], taken)]
        taken = union(taken, stretches[verdict])
    return sorted(layers)


# -- one control


def _control_result(
    evaluation: Evaluation, control: Control, results: dict[str, CheckResult], within: Interval
) -> ControlResult:
    checks = [results[check] for check in control.checks]
    required = occurrences(evaluation, control.occurrences, within)
    missing = [one for one in required if one.record is None]
    stretches: dict[Verdict, list[Interval]] = {verdict: [] for verdict in Verdict}
    for check in checks:
        for interval, verdict in check.timeline:
            stretches[verdict].append(interval)
    without = [one.date() for one in days_missing(evaluation, control.checks, within)]
    conclusion, why = conclude_control(checks, len(missing))
    days = (within.end - timedelta(seconds=1)).date() - within.start.date()
    return ControlResult(
        control=control.id,
        title=control.title,
        statement=control.statement,
        owner=control.owner,
        criteria=control.criteria,
        checks=checks,
        timeline=_layered(stretches),
        days_covered=days.days + 1 - len(without),
        days_missing=without,
        occurrences_required=len(required),
        occurrences_missing=missing,
        conclusion=conclusion,
        why=why,
    )
