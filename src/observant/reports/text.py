"""A period as plain text, for terminals and mails. Strings only: no colour, no width that a pipe would not have."""

from collections.abc import Iterator

from observant.model.interval import Interval
from observant.model.period import Period
from observant.model.verdict import Conclusion, Verdict
from observant.period.conclusion import ControlException, ControlResult, PeriodResult
from observant.reports.csv import DEMO
from observant.reports.html import CONCLUSION_MARKS, headline
from observant.reports.picture import Timeline
from observant.reports.tables import checks_of
from observant.reports.visible import clipped, visible
from observant.reports.words import count_words, days_words, moment_words

_LETTERS = {Verdict.FAIL: "x", Verdict.UNKNOWN: "?", Verdict.PASS: "=", Verdict.NOT_APPLICABLE: "-"}
_LOUDEST_LAST = (Verdict.NOT_APPLICABLE, Verdict.PASS, Verdict.UNKNOWN, Verdict.FAIL)
LEGEND = "= pass  x fail  ? unknown  - not applicable  . not judged"


def summary(result: PeriodResult, *, width: int = 100, most: int = 5) -> str:
    """The whole period on a page: headline, one line and one strip per control, the newest exceptions."""
    return "\n".join([*_head(result), "", *_controls(result, width), *_exceptions(result, width, most), ""])


def control_rows(result: PeriodResult) -> list[tuple[str, ...]]:
    """Control, title, conclusion, exceptions, gaps, days, occurrences: rows for any table."""
    return [
        (
            visible(one.control),
            visible(one.title),
            one.conclusion.value,
            str(sum(len(check.exceptions) for check in one.checks)),
            str(sum(len(check.gaps) for check in one.checks)),
            f"{one.days_covered} of {one.days_covered + len(one.days_missing)}" if one.checks else "",
            f"{one.occurrences_required - len(one.occurrences_missing)} of {one.occurrences_required}"
            if one.occurrences_required
            else "",
        )
        for one in result.controls
    ]


CONTROL_COLUMNS = ("control", "title", "conclusion", "exceptions", "gaps", "days", "occurrences")


def strip(timeline: Timeline, within: Interval, width: int) -> str:
    """A timeline as `width` letters, each the worst verdict in its share of the time; `.` where nothing was judged."""
    slot = within.length / width
    letters: list[Verdict | None] = [None] * width
    for interval, verdict in sorted(timeline, key=lambda one: _LOUDEST_LAST.index(one[1])):
        first = int((interval.start - within.start) / slot)
        last = -int(-(interval.end - within.start) // slot)
        letters[max(first, 0) : min(last, width)] = [verdict] * (min(last, width) - max(first, 0))
    return "".join("." if one is None else _LETTERS[one] for one in letters)


def _head(result: PeriodResult) -> Iterator[str]:
    if result.provenance.demo:
        yield DEMO
    yield f"Period {result.first} to {result.last} (UTC, both days included)"
    if result.through < Period(result.first, result.last).interval.end:
        yield f"still running: judged up to {moment_words(result.through)}"
    yield headline(result)
    provenance = result.provenance
    yield f"from {count_words(provenance.size, 'record')} of {visible(provenance.origin)}, root {provenance.root[:16]}"


def _controls(result: PeriodResult, width: int) -> Iterator[str]:
    if not result.controls:
        yield "No control is written down yet: see controls.yaml."
        return
    within = Period(result.first, result.last).interval
    for one in result.controls:
        mark = CONCLUSION_MARKS[one.conclusion][1]
        yield clipped(f"{mark} {visible(one.control)}  {visible(one.title)}: {one.conclusion.value}", width)
        yield f"  {strip(one.timeline, within, min(width - 2, 96))}"
        if one.conclusion != Conclusion.EFFECTIVE:
            yield clipped(f"  {visible(one.why)}", width)
        yield from _lacking(one, width)
    yield ""
    yield LEGEND


def _lacking(control: ControlResult, width: int) -> Iterator[str]:
    if control.checks and control.days_missing:
        yield clipped(f"  days without complete evidence: {days_words(control.days_missing, 4)}", width)
    if control.occurrences_missing:
        missing = control.occurrences_missing[0]
        yield clipped(
            f"  {count_words(len(control.occurrences_missing), 'required occurrence')} missing, the first due by "
            f"{moment_words(missing.due_by)}: {visible(missing.reason) or 'the log does not say why'}",
            width,
        )


def _exceptions(result: PeriodResult, width: int, most: int) -> Iterator[str]:
    every = [one for check in checks_of(result).values() for one in check.exceptions]
    newest = sorted(every, key=lambda one: (one.end is None, one.start), reverse=True)[:most]
    if not newest:
        return
    yield ""
    yield f"Exceptions: {len(newest)} of {len(every):,}, those that last first"
    for one in newest:
        yield clipped(f"  {_when(one)}  {clipped(visible(one.label), width // 3)}: {visible(one.cause)}", width)


def _when(one: ControlException) -> str:
    return f"{moment_words(one.start)} to {moment_words(one.end) if one.end else 'now':<17}"
