"""The report as one HTML file that opens anywhere: no script, nothing fetched, light, dark and on paper."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined

from observant.model.interval import Interval
from observant.model.period import Period
from observant.model.verdict import Conclusion, Verdict
from observant.period.conclusion import CheckResult, ControlResult, PeriodResult
from observant.reports import picture
from observant.reports.tables import checks_of
from observant.reports.visible import clipped, shown, visible
from observant.reports.words import VERDICT_WORDS, count_words, days_words, moment_words, share_words, span_words

MOST_ROWS = 200
"""More exceptions or gaps of one check than this are counted and left to the CSV files."""

CONCLUSION_MARKS = {
    Conclusion.EFFECTIVE: ("effective", "✓"),
    Conclusion.EXCEPTIONS: ("exceptions", "✕"),
    Conclusion.INSUFFICIENT: ("insufficient", "?"),
    Conclusion.NOT_DESIGNED: ("not-designed", "–"),
}


class Share(msgspec.Struct, frozen=True):
    verdict: str
    words: str
    share: str
    time: str


class CheckView(msgspec.Struct, frozen=True):
    """One check below one control; `full_under` names the control that shows it when this one does not."""

    anchor: str
    result: CheckResult
    shares: list[Share]
    bars: list[picture.Bar]
    full_under: str


class ControlView(msgspec.Struct, frozen=True):
    anchor: str
    result: ControlResult
    bars: list[picture.Bar]
    checks: list[CheckView]
    exceptions: int
    gaps: int


class Tally(msgspec.Struct, frozen=True):
    conclusion: Conclusion
    count: int


def report(result: PeriodResult, *, in_package: bool = False) -> str:
    """The whole page. With `in_package` it links to the files that lie beside it in a package."""
    within = Period(result.first, result.last).interval
    controls = _controls(result, within)
    style = environment().get_template("report.css").render(demo=result.provenance.demo)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        environment()
        .get_template("report.html")
        .render(
            result=result,
            within=within,
            running=result.through < within.end,
            controls=controls,
            tallies=[
                Tally(one, sum(control.conclusion == one for control in result.controls)) for one in CONCLUSION_MARKS
            ],
            criteria=_by_criterion(controls),
            headline=headline(result),
            ticks=picture.month_ticks(within, PLOT),
            calendars=picture.calendars(result),
            style=style,
            style_digest=digest,
            in_package=in_package,
        )
    )


def write_report(path: Path, result: PeriodResult, *, in_package: bool = False) -> None:
    """Write `report` to a file."""
    path.write_text(report(result, in_package=in_package), encoding="utf-8", newline="\n")


def headline(result: PeriodResult) -> str:
    """The period in one sentence."""
    checks = checks_of(result).values()
    kept = sum(control.conclusion == Conclusion.EFFECTIVE for control in result.controls)
    parts = [
        count_words(sum(len(check.exceptions) for check in checks), "exception"),
        count_words(sum(len(check.gaps) for check in checks), "evidence gap"),
        count_words(
            sum(len(control.occurrences_missing) for control in result.controls), "missing required occurrence"
        ),
    ]
    return (
        f"{kept} of {count_words(len(result.controls), 'control')} operated effectively, as far as the evidence shows; "
        f"{parts[0]}, {parts[1]}, {parts[2]}."
    )


PLOT = 720.0
"""Width of the plot area of a timeline in its own units."""


def _controls(result: PeriodResult, within: Interval) -> list[ControlView]:
    seen: dict[str, str] = {}
    views = []
    for number, control in enumerate(result.controls, 1):
        anchor = f"control-{number}"
        checks = []
        for place, check in enumerate(control.checks, 1):
            checks.append(_check(check, f"{anchor}-check-{place}", within, seen.get(check.check, "")))
            seen.setdefault(check.check, control.control)
        views.append(
            ControlView(
                anchor=anchor,
                result=control,
                bars=picture.bars(control.timeline, within, PLOT),
                checks=checks,
                exceptions=sum(len(check.exceptions) for check in control.checks),
                gaps=sum(len(check.gaps) for check in control.checks),
            )
        )
    return views


def _check(check: CheckResult, anchor: str, within: Interval, full_under: str) -> CheckView:
    return CheckView(anchor, check, shares(check), picture.bars(check.timeline, within, PLOT), full_under)


def shares(check: CheckResult) -> list[Share]:
    """How the time of all members divides over the verdicts that occur; time that does not apply is not counted in."""
    time = {verdict: check.member_time.get(verdict.value, timedelta()) for verdict in Verdict}
    judged = sum((span for verdict, span in time.items() if verdict != Verdict.NOT_APPLICABLE), timedelta())
    return [
        Share(
            verdict.value,
            VERDICT_WORDS[verdict],
            "not counted" if verdict == Verdict.NOT_APPLICABLE else share_words(span, judged),
            span_words(span),
        )
        for verdict, span in time.items()
        if span or verdict != Verdict.NOT_APPLICABLE
    ]


def _by_criterion(controls: Sequence[ControlView]) -> list[tuple[str, list[ControlView]]]:
    named = sorted({criterion for control in controls for criterion in control.result.criteria})
    return [(one, [control for control in controls if one in control.result.criteria]) for one in named]


@cache
def environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("observant.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    equip(environment)
    return environment


def equip(environment: Environment) -> None:
    """Give an environment the filters and names that our templates use."""
    environment.filters |= {
        "shown": shown,
        "visible": visible,
        "clipped": clipped,
        "moment": moment_words,
        "span": span_words,
        "days": days_words,
    }
    environment.globals |= {
        "marks": CONCLUSION_MARKS,
        "verdicts": [(one.value, VERDICT_WORDS[one]) for one in Verdict],
        "day_words": picture.DAY_WORDS,
        "count": count_words,
        "most": MOST_ROWS,
        "plot": PLOT,
    }
