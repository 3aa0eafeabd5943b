"""The tables of a package: which columns, from which part of the result.

Moments are UTC. An empty end means that it lasts, or that no end is known.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from observant.evidence.snapshot import Reconciliation
from observant.model.period import Period
from observant.model.time import FOREVER
from observant.model.time import text as moment_text
from observant.model.verdict import Verdict
from observant.period.conclusion import CheckResult, ControlResult, Occurrence, PeriodResult
from observant.reports.cells import Cell
from observant.reports.csv import Header, Table

Row = Sequence[Cell]


class PopulationRow(msgspec.Struct, frozen=True):
    """One stretch of one member with one verdict."""

    member: str
    label: str
    scope: str
    valid_from: datetime
    valid_to: datetime
    verdict: Verdict
    because: str
    record: int | None
    """Leaf index of the record that shows it."""


def header_of(
    result: PeriodResult,
    title: str,
    source: str = "",
    *,
    query: str = "",
    parameters: Sequence[str] = (),
    collected_by: Sequence[str] = (),
    supplied_by: Sequence[str] = (),
    reconciled: Sequence[Reconciliation] = (),
    notes: Sequence[str] = (),
) -> Header:
    """A header with the period, the log and the scopes of a result."""
    period = Period(result.first, result.last)
    running = result.through < period.interval.end
    return Header(
        title=title,
        source=source or f"evidence log; scopes: {', '.join(result.scopes) or 'none'}",
        period=period,
        provenance=result.provenance,
        through=moment_text(result.through) if running else "",
        query=query,
        parameters=tuple(parameters),
        collected_by=tuple(collected_by),
        supplied_by=tuple(supplied_by),
        reconciled=tuple(reconciled),
        notes=tuple(notes),
    )


def checks_of(result: PeriodResult) -> dict[str, CheckResult]:
    """Every check once, also when several controls rest on it."""
    return {check.check: check for control in result.controls for check in control.checks}


def standard_tables(result: PeriodResult, occurrences: Sequence[Occurrence] | None = None) -> list[Table]:
    """The tables every package has. Without `occurrences` only the missing ones are known to the result."""
    return [
        controls_table(result),
        checks_table(result),
        exceptions_table(result),
        gaps_table(result),
        occurrences_table(result, occurrences),
        coverage_table(result),
    ]


def controls_table(result: PeriodResult) -> Table:
    columns = (
        "control",
        "title",
        "statement",
        "owner",
        "criteria",
        "checks",
        "conclusion",
        "why",
        "exceptions",
        "evidence_gaps",
        "days_covered",
        "days_missing",
        "occurrences_required",
        "occurrences_missing",
    )
    return Table("controls.csv", header_of(result, "Controls"), columns, map(_control_row, result.controls))


def _control_row(control: ControlResult) -> Row:
    return (
        control.control,
        control.title,
        control.statement,
        control.owner,
        " ".join(control.criteria),
        " ".join(check.check for check in control.checks),
        control.conclusion.value,
        control.why,
        sum(len(check.exceptions) for check in control.checks),
        sum(len(check.gaps) for check in control.checks),
        control.days_covered,
        len(control.days_missing),
        control.occurrences_required,
        len(control.occurrences_missing),
    )


def checks_table(result: PeriodResult) -> Table:
    columns = (
        *("check", "title", "criteria", "controls", "population", "failed_members"),
        *(f"{verdict.value}_seconds" for verdict in Verdict),
        *("exceptions", "evidence_gaps", "conclusion", "why"),
    )
    controls = _controls_by_check(result)
    notes = ["seconds are summed over members; an hour in which ten members failed counts ten hours"]
    return Table(
        "checks.csv",
        header_of(result, "Checks", parameters=_all_commitments(result), notes=notes),
        columns,
        (_check_row(check, controls[check.check]) for check in checks_of(result).values()),
    )


def _check_row(check: CheckResult, controls: str) -> Row:
    return (
        check.check,
        check.title,
        " ".join(check.criteria),
        controls,
        check.population,
        check.failed_members,
        *(_seconds(check, verdict) for verdict in Verdict),
        len(check.exceptions),
        len(check.gaps),
        check.conclusion.value,
        check.why,
    )


def _seconds(check: CheckResult, verdict: Verdict) -> int:
    return int(check.member_time.get(verdict, timedelta()).total_seconds())


def exceptions_table(result: PeriodResult) -> Table:
    columns = (
        *("check", "controls", "scope", "member", "label", "start", "end", "began_before_period", "cause"),
        *("first_record", "first_seen", "last_record", "last_seen", "accepted"),
    )
    notes = [
        "an exception is a maximal stretch of time in which one member failed",
        "start is the less favourable bound: the earliest moment from which it may have failed; an empty end: it lasts",
        "records are leaf indexes of the log named above",
        "accepted: who accepted the risk, for how long, and what makes up for it; it is an exception all the same",
    ]
    header = header_of(result, "Exceptions", parameters=_all_commitments(result), notes=notes)
    return Table("exceptions.csv", header, columns, _exception_rows(result))


def _exception_rows(result: PeriodResult) -> Iterator[Row]:
    controls = _controls_by_check(result)
    for check in checks_of(result).values():
        for one in check.exceptions:
            first, last = one.first_evidence, one.last_evidence
            yield (
                one.check,
                controls[check.check],
                one.scope,
                one.member,
                one.label,
                one.start,
                one.end,
                one.began_before_period,
                one.cause,
                first.record if first else None,
                first.seen if first else None,
                last.record if last else None,
                last.seen if last else None,
                one.accepted,
            )


def gaps_table(result: PeriodResult) -> Table:
    columns = ("check", "controls", "scope", "member", "label", "start", "end", "reason")
    controls = _controls_by_check(result)
    rows = (
        (one.check, controls[check.check], one.scope, one.member, one.label, one.start, one.end, one.reason)
        for check in checks_of(result).values()
        for one in check.gaps
    )
    notes = ["an empty member means every member of the scope; an empty scope means every scope"]
    return Table("gaps.csv", header_of(result, "Evidence gaps", notes=notes), columns, rows)


def occurrences_table(result: PeriodResult, occurrences: Sequence[Occurrence] | None = None) -> Table:
    columns = ("what", "scope", "due_from", "due_by", "state", "record", "reason")
    required = sum(control.occurrences_required for control in result.controls)
    if occurrences is None:
        listed = list(dict.fromkeys(one for control in result.controls for one in control.occurrences_missing))
        notes = [f"only missing occurrences are listed; {required} were required over all controls"]
    else:
        listed, notes = list(dict.fromkeys(occurrences)), ["every required occurrence is listed once"]
    rows = (
        (one.what, one.scope, one.due_from, one.due_by, _state(one), one.record, one.reason)
        for one in sorted(listed, key=lambda one: (one.what, one.scope, one.due_from, one.due_by))
    )
    return Table("occurrences.csv", header_of(result, "Required occurrences", notes=notes), columns, rows)


def _state(one: Occurrence) -> str:
    return "missing" if one.record is None else "recorded"


def coverage_table(result: PeriodResult) -> Table:
    columns = ("scope", "collection", "complete", "gaps", "gap_reasons", "first", "last", "days_missing", "which_days")
    rows = (
        (
            one.scope,
            one.collection,
            one.complete,
            one.gaps,
            " ".join(f"{reason}:{count}" for reason, count in sorted(one.reasons.items())),
            one.first,
            one.last,
            len(one.days_missing),
            " ".join(day.isoformat() for day in one.days_missing),
        )
        for one in result.coverage
    )
    notes = ["complete and gaps count snapshots; days_missing counts days without a complete snapshot"]
    return Table("coverage.csv", header_of(result, "Coverage", notes=notes), columns, rows)


def population_table(check: str, header: Header, rows: Iterable[PopulationRow]) -> Table:
    """Every member of the population of one check with every verdict it had; streamed."""
    columns = ("member", "label", "scope", "valid_from", "valid_to", "verdict", "because", "evidence_record")
    return Table(f"populations/{check}.csv", header, columns, map(_population_row, rows))


def register_table(name: str, header: Header, columns: Sequence[str], rows: Iterable[Row]) -> Table:
    """A list over the period, such as the last rotation of every principal; streamed. `name` has its folder."""
    return Table(f"{name}.csv", header, columns, rows)


def _population_row(row: PopulationRow) -> Row:
    return (
        row.member,
        row.label,
        row.scope,
        row.valid_from,
        None if row.valid_to >= FOREVER else row.valid_to,
        row.verdict.value,
        row.because,
        row.record,
    )


def _controls_by_check(result: PeriodResult) -> dict[str, str]:
    controls: dict[str, list[str]] = {}
    for control in result.controls:
        for check in control.checks:
            controls.setdefault(check.check, []).append(control.control)
    return {check: " ".join(names) for check, names in controls.items()}


def _all_commitments(result: PeriodResult) -> list[str]:
    return list(dict.fromkeys(sentence for check in checks_of(result).values() for sentence in check.commitments))
