"""`observant check | gaps | forecast | period`: what the evidence says, as of one moment."""

import contextlib
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

import duckdb
import msgspec

from observant import __version__
from observant.app.opening import open_log
from observant.app.recording import policy_changes
from observant.app.workspace import Workspace
from observant.checks.registry import CHECKS
from observant.errors import StoreError, UsageError
from observant.evidence.log import Log
from observant.inventory.projection import Inventory
from observant.model.control import Control
from observant.model.period import Period
from observant.model.time import BEGINNING, Clock
from observant.model.verdict import Verdict
from observant.period.assess import assess
from observant.period.conclusion import EvidenceGap, Forecast, Occurrence, PeriodResult, Provenance
from observant.period.evaluate import Evaluation, utc
from observant.period.forecast import forecast as forecast_of


class Judged(msgspec.Struct, frozen=True):
    """A workspace with its verdicts. Policy and controls are as the files have them now."""

    evaluation: Evaluation
    log: Log
    controls: list[Control]
    provenance: Provenance
    scopes: list[str]
    """Every scope with a snapshot; empty when nothing was ever collected."""
    unrecorded: list[str]
    """Kinds of policy record whose file changed since it was last recorded."""


class MemberVerdict(msgspec.Struct, frozen=True):
    """What one check says of one member now."""

    check: str
    scope: str
    member: str
    label: str
    verdict: Verdict
    since: datetime | None
    """None where it was never otherwise."""
    because: str
    record: int | None


class CheckSummary(msgspec.Struct, frozen=True):
    """How many members stand how."""

    check: str
    title: str
    passed: int
    failed: int
    unknown: int
    not_applicable: int


class CheckedNow(msgspec.Struct, frozen=True):
    """The answer of `observant check`."""

    provenance: Provenance
    stale: dict[str, datetime]
    """Scope -> its last snapshot, where the next one is late: its verdicts are of that moment, not of now."""
    summary: list[CheckSummary]
    verdicts: list[MemberVerdict]


class Gaps(msgspec.Struct, frozen=True):
    """The answer of `observant gaps`."""

    provenance: Provenance
    first: date
    last: date
    gaps: list[EvidenceGap]
    occurrences_missing: list[Occurrence]


class Forecasts(msgspec.Struct, frozen=True):
    """The answer of `observant forecast`."""

    provenance: Provenance
    until: datetime
    forecasts: list[Forecast]


@contextlib.contextmanager
def open_inventory(workspace: Workspace, log: Log) -> Iterator[Inventory]:
    """The tables, brought up to the log. Raises StoreError while another command has them open."""
    inventory = _opened(workspace)
    try:
        inventory.advance(log)
        yield inventory
    finally:
        inventory.close()


def _opened(workspace: Workspace) -> Inventory:
    file = workspace.projection / "inventory.duckdb"
    try:
        return Inventory.open(file)
    except duckdb.IOException as problem:
        if "lock" in str(problem):
            raise StoreError(
                f"another command has the tables in {workspace.projection} open: {_first_line(problem)}\n"
                "  remedy: wait for it to end, then try again"
            ) from None
        # Cut off, or of another version of DuckDB. Nothing is lost: the log has all of it.
        shutil.rmtree(workspace.projection)
        return Inventory.open(file)


@contextlib.contextmanager
def judged(workspace: Workspace, clock: Clock) -> Iterator[Judged]:
    """Evaluate a workspace; the tables are open inside the block only."""
    log = open_log(workspace, clock)
    commitments, controls = workspace.commitments(), workspace.controls(CHECKS)
    unrecorded = list(policy_changes(workspace, log))
    as_of = clock()
    with open_inventory(workspace, log) as inventory:
        evaluation = Evaluation(inventory, commitments, as_of)
        yield Judged(evaluation, log, controls, provenance_of(log, inventory, as_of), evaluation.scopes(), unrecorded)


def provenance_of(log: Log, inventory: Inventory, as_of: datetime) -> Provenance:
    """What every output names so that it can be re-performed."""
    demo = inventory.connection.execute(
        "SELECT count(*) FROM record WHERE kind = 'snapshot' AND json_extract(predicate, '$.demo') = 'true'::JSON"
    ).fetchone()
    return Provenance(
        origin=log.origin,
        size=log.size,
        root=log.root.hex(),
        tool=f"observant {__version__}",
        as_of=as_of,
        demo=bool(demo and demo[0]),
    )


def check_now(judged: Judged, chosen: list[str]) -> CheckedNow:
    """Every member's verdict now; of the chosen checks, or of all. Raises UsageError for an unknown check."""
    for name in chosen:
        if name not in CHECKS:
            raise UsageError(f"there is no check {name!r}", "`observant catalogue` lists them")
    verdicts = [
        MemberVerdict(
            check=one.check,
            scope=one.scope,
            member=one.member,
            label=one.label,
            verdict=one.verdict,
            since=one.interval.start if one.interval.start > BEGINNING else None,
            because=one.because,
            record=one.record,
        )
        for one in judged.evaluation.now()
        if not chosen or one.check in chosen
    ]
    stale = judged.evaluation.stale()
    return CheckedNow(judged.provenance, stale, _summaries(chosen or CHECKS, verdicts), verdicts)


def _summaries(checks: Iterable[str], verdicts: list[MemberVerdict]) -> list[CheckSummary]:
    counts = Counter((one.check, one.verdict) for one in verdicts)
    return [
        CheckSummary(
            check=check,
            title=CHECKS[check].title,
            passed=counts[check, Verdict.PASS],
            failed=counts[check, Verdict.FAIL],
            unknown=counts[check, Verdict.UNKNOWN],
            not_applicable=counts[check, Verdict.NOT_APPLICABLE],
        )
        for check in checks
    ]


def gaps(judged: Judged, period: Period | None) -> Gaps:
    """Where evidence is missing over a period; over all of the evidence so far when none is given."""
    period = period or period_so_far(judged.evaluation)
    result = assess(judged.evaluation, judged.controls, period, judged.provenance)
    by_check = {one.check: one for control in result.controls for one in control.checks}
    missing: list[Occurrence] = []
    for control in result.controls:
        missing += [one for one in control.occurrences_missing if one not in missing]
    found = [gap for check in by_check.values() for gap in check.gaps]
    return Gaps(judged.provenance, period.first, period.last, found, missing)


def period_so_far(evaluation: Evaluation) -> Period:
    """From the first day with evidence to today."""
    today = evaluation.as_of.date()
    first = evaluation.query("SELECT min(started) FROM reading")[0][0]
    return Period(min(utc(first).date(), today) if first else today, today)


def forecast(judged: Judged, ahead: timedelta) -> Forecasts:
    """What fails or falls due within the given time from now."""
    return Forecasts(judged.provenance, judged.evaluation.as_of + ahead, forecast_of(judged.evaluation, ahead))


def period_result(judged: Judged, period: Period) -> PeriodResult:
    """Every control over the period. Accepted exceptions say so; they are exceptions all the same."""
    from observant.app.risks import beside

    result = assess(judged.evaluation, judged.controls, period, judged.provenance)
    return beside(result, judged.evaluation.connection, judged.evaluation.as_of)


def _first_line(problem: Exception) -> str:
    return str(problem).partition("\n")[0]
